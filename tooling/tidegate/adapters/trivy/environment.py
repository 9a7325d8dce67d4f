"""What a Trivy process gets to see: nothing that could make it overlook something."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# Every setting of Trivy can be made by a variable, so what may pass is listed, not what may not:
# where its database is and comes from, and how it gets at registries.
_ALLOWED = frozenset(
    {
        "TRIVY_CACHE_DIR",
        "TRIVY_DB_REPOSITORY",
        "TRIVY_JAVA_DB_REPOSITORY",
        "TRIVY_CACERT",
        "TRIVY_USERNAME",
        "TRIVY_PASSWORD",
        "TRIVY_REGISTRY_TOKEN",
    }
)
_PATHS = frozenset({"TRIVY_CACHE_DIR", "TRIVY_CACERT", "DOCKER_CONFIG", "SSL_CERT_FILE"})


def for_trivy(env: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """The environment for a Trivy that works in the folder `scratch`."""
    kept = {
        name: value
        for name, value in env.items()
        if not name.upper().startswith("TRIVY_") or name in _ALLOWED
    }
    for name in _PATHS & kept.keys():
        if kept[name]:
            # Relative ones are meant from where the user stands, not from where Trivy runs.
            kept[name] = os.path.abspath(kept[name])  # noqa: PTH100 (resolve() would follow links)
    # What a killed Trivy leaves behind goes when the scratch folder does.
    kept["TMPDIR"] = str(scratch)
    kept["TRIVY_DISABLE_TELEMETRY"] = "true"
    return kept
