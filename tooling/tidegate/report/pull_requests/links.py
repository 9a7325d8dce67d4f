"""Where a reviewer can look things up: addresses of the repository's settings, never of what is
looked at, and without what else such an address may hold."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

from tidegate.domain.release import Release
from tidegate.domain.story import Story
from tidegate.report.escape import prose

_PAGES = {
    "docker.io": "https://hub.docker.com/r/",
    "gcr.io": "https://gcr.io/",
    "ghcr.io": "https://ghcr.io/",
    "quay.io": "https://quay.io/repository/",
}


def version_link(story: Story, model: str, version: str) -> str:
    """A model version, as a link to its page in the registry where that has one."""
    path = f"models/{quote(model, safe='')}/versions/{quote(version, safe='')}"
    return _registry(story, prose(version), path)


def run_link(story: Story, run: str | None) -> str:
    """The run that made a version; nothing where the registry has no page for it."""
    link = _registry(story, "run", f"runs/{quote(run, safe='')}") if run else "run"
    return link if link != "run" else ""


def compare_link(story: Story, old: Release | None, new: Release) -> str:
    """MLflow's own comparison of two versions of a model, by their runs; nothing where there is
    none to be had."""
    if old is None or old.model != new.model or not (old.run_id and new.run_id):
        return ""
    runs = {old.run_id: old.version, new.run_id: new.version}
    if len(runs) == 1:
        return ""
    # JSON in a query, and the name encoded once more within it: so the page reads them.
    name = quote(json.dumps(quote(new.model, safe="")), safe="")
    made = quote(json.dumps(runs, separators=(",", ":")), safe="")
    link = _registry(story, "compare", f"compare-model-versions?name={name}&runs={made}")
    return link if link != "compare" else ""


def image_page(name: str) -> str:
    """Where people see a repository of images, in the public registries that have pages under
    known addresses; empty elsewhere."""
    host, _, path = name.partition("/")
    place = _PAGES.get(host) or (f"https://{host}/" if host.endswith(".pkg.dev") else "")
    return f"{place}{quote(path)}" if place else ""


def argocd_link(story: Story) -> str:
    """Argo CD, as a link to the Applications of the apps where the settings say which it is."""
    plane = story.configuration.control_plane(story.environment)
    if not plane.server:
        return "Argo CD"
    labels = [("environment", story.environment)]
    if len(story.chapters) == 1:
        labels.append(("app", story.chapters[0].promotion.app))
    query = ",".join(quote(f"tidegate.dev/{key}={value}", safe="") for key, value in labels)
    scheme, root = "http" if plane.plain_text else "https", (plane.root_path or "").strip("/")
    place = f"{scheme}://{plane.server}/" + (f"{quote(root)}/" if root else "")
    return f"[Argo CD](<{place}applications?labels={query}>)"


def _registry(story: Story, words: str, path: str) -> str:
    parts = urlsplit(story.configuration.settings.registry_uri or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return words
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return f"[{words}](<{parts.scheme}://{host}{quote(parts.path.rstrip('/'))}/#/{path}>)"
