"""A Tidegate repository of many overlays, each with a base of its own and four sound objects."""

from __future__ import annotations

import subprocess
from pathlib import Path

ENVIRONMENT = """\
apiVersion: tidegate.dev/v1
kind: Environment
promotesFrom: {alias: candidate}
gates: []
cluster: {kubernetes: "1.33"}
"""
APP = """\
apiVersion: tidegate.dev/v1
kind: App
owners: [team-shop]
model: shop
image: registry.example.com/shop/model
metrics: [{name: auc, direction: higher}]
"""
_LABELS = "{{app.kubernetes.io/name: {app}, app.kubernetes.io/component: model-server}}"
BASE = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{{{name: {{app}}}}}}
spec:
  replicas: 2
  selector: {{{{matchLabels: {_LABELS}}}}}
  template:
    metadata: {{{{labels: {_LABELS}}}}}
    spec:
      serviceAccountName: {{app}}
      automountServiceAccountToken: false
      containers:
        - name: model-server
          image: registry.example.com/shop/model
          ports: [{{{{name: http, containerPort: 8080}}}}]
          resources:
            requests: {{{{cpu: 500m, memory: 1Gi}}}}
            limits: {{{{memory: 1Gi}}}}
          readinessProbe: {{{{httpGet: {{{{path: /readyz, port: http}}}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{{{name: {{app}}}}}}
spec:
  selector: {_LABELS}
  ports: [{{{{name: http, port: 80, targetPort: http}}}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{{{name: {{app}}}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{{{name: {{app}}}}}}
spec:
  maxUnavailable: 1
  selector: {{{{matchLabels: {_LABELS}}}}}
"""
OVERLAY = """\
namespace: {app}-{environment}
resources:
  - ../../../apps/{app}/base
images:
  - name: registry.example.com/shop/model
    newTag: "1"
"""


def make_repository(root: Path, count: int, environment: str = "dev") -> list[str]:
    """Writes and commits it; the overlays' folders."""
    overlays = []
    write(root, f"environments/{environment}/environment.yaml", ENVIRONMENT)
    for number in range(count):
        app = f"app-{number:05}"
        overlay = f"environments/{environment}/{app}"
        write(root, f"apps/{app}/app.yaml", APP)
        write(root, f"apps/{app}/base/kustomization.yaml", "resources: [all.yaml]\n")
        write(root, f"apps/{app}/base/all.yaml", BASE.format(app=app))
        text = OVERLAY.format(app=app, environment=environment)
        write(root, f"{overlay}/kustomization.yaml", text)
        overlays.append(overlay)
    commit(root)
    return overlays


def write(root: Path, path: str, text: str) -> None:
    """A file, with its folders."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def commit(root: Path) -> None:
    """Everything, in a Git clone that is made where there is none."""
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "gc.auto=0")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-qm", "all")):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
