"""Every mark `#@` stands on the line that has to be found for its field."""

from __future__ import annotations

import re

import pytest
from tests.support.kustomize import make_snapshot
from tests.support.provenance import marks, stage

from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, identify
from tidegate.repository.closure import Closures
from tidegate.repository.provenance import Locator

BASE = {
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment  #@ D
metadata:  #@ D metadata/annotations/x
  name: web
  labels:  #@ D metadata/labels/owner
    app: web
spec:
  strategy: {type: Recreate}  #@ D spec/strategy & D spec/strategy/type
  selector:
    matchLabels: {app: web}  #@ D spec/selector/matchLabels/app
  template:
    metadata:
      labels: {app: web}
    spec:  #@ D spec/template/spec/terminationGracePeriodSeconds
      initContainers:
        - image: example.com/init:1
          name: init
      containers:  #@ D spec/template/spec/containers
        - name: web  #@ D c0/readinessProbe
          image: example.com/web
          args:  #@ D c0/args
            - --port
            - "8080"  #@ D c0/args/1
          env:
            - name: A
              value: "1"
            - name: B
              value: "2"  #@ D c0/env/2/value
          ports:
            - containerPort: 8080  #@ D c0/ports/0
              name: http
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            - {name: tmp, mountPath: /var/tmp}  #@ D c0/volumeMounts/1/mountPath
      volumes:
        - name: tmp
          emptyDir: {}
""",
}  # fmt: skip
STRATEGIC = BASE | {
    "overlay/kustomization.yaml": """\
resources: [../base]
namespace: prod  #@ D metadata/namespace
patches:
  - path: patch.yaml
  - patch: |

      # A comment, and a blank line before it.
      kind: Deployment
      apiVersion: apps/v1
      metadata:
        name: web
      spec:
        replicas: 3  #@ D spec/replicas
        template:
          spec:
            containers:
              - name: web
                livenessProbe:  #@ D c0/livenessProbe
                  periodSeconds: 7  #@ D c0/livenessProbe/periodSeconds
                  httpGet: {path: /live, port: http}
images:
  - name: example.com/other
    newTag: "7"
  - name: example.com/web
    newTag: "2"  #@ D c0/image
""",
    "overlay/patch.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 5
  revisionHistoryLimit: 4  #@ D spec/revisionHistoryLimit
  template:
    spec:
      containers:
        - name: sidecar  #@ D c1 & D c1/resources
          image: example.com/sidecar  #@ D c1/image
        - name: web
          env:
            - name: C
              value: "3"  #@ D c0/env/0/value
          resources:  #@ D c0/resources
            limits:  #@ D c0/resources/limits/cpu
              memory: 1Gi  #@ D c0/resources/limits/memory
      tolerations:
        - key: gpu  #@ D pod/tolerations/0 & D pod/tolerations/0/key
          operator: Exists
""",
}  # fmt: skip
PLAIN = {path: re.sub(" *#@.*", "", text) for path, text in BASE.items()}
JSON6902 = PLAIN | {
    "overlay/kustomization.yaml": """\
resources: [../base]
nameSuffix: -blue  #@ D metadata/name
namePrefix: my-
patches:
  - target: {group: apps, kind: Deploy.*, name: w.b}
    path: ops.json
  - target: {kind: Deployment, labelSelector: "app=web,!none"}
    patch: |-
      - op: add
        path: /metadata/annotations
        value:
          a/b: "1"
          c: "2"  #@ D metadata/annotations/c
      - op: replace
        path: /metadata/annotations/a~1b
        value: "3"  #@ D metadata/annotations/a~1b & D metadata/annotations
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value:  #@ D c0/env/2
          name: C
          value: "9"  #@ D c0/env/2/value
      - op: remove  #@ D spec/strategy
        path: /spec/strategy
      - op: replace
        path: /spec/template/spec/containers/0/args/1
        value: "8081"  #@ D c0/args/1
  - target: {kind: Service}
    patch: '[{"op": "add", "path": "/spec/replicas", "value": 2}]'
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/replicas", "value": 2}]'  #@ D spec/replicas
""",
    "overlay/ops.json": '[\n  {"op": "add", "path": "/spec/paused", "value": true},\n'
    '  {"op": "add", "path": "/spec/template/spec/hostNetwork", "value": false}\n]\n',
}
SHIFTED = PLAIN | {
    "mid/kustomization.yaml": """\
resources: [../base]
patchesJson6902:
  - target: {version: v1, group: apps, kind: Deployment, name: web}
    patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/env/1/value
        value: "22"  #@ D c0/env/2/value
      - op: add
        path: /spec/template/spec/containers/0/args/0
        value: --first  #@ D c0/args/0
      - op: add
        path: /spec/template/spec/containers/0/ports/-
        value: {containerPort: 9090, name: metrics}  #@ D c0/ports/1/containerPort
""",
    "overlay/kustomization.yaml": """\
resources: [../mid]
patchesStrategicMerge:
  - |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      strategy: null  #@ D spec/strategy
      template:
        spec:
          containers:
            - name: web
              env: [{name: C, value: "3"}]  #@ D c0/env/0/value
              ports:
                - containerPort: 8080
                  name: web  #@ D c0/ports/0/name
              volumeMounts:
                - mountPath: /var/tmp
                  $patch: delete
""",
}  # fmt: skip
GENERATED = {
    "base/kustomization.yaml": """\
configMapGenerator:
  - name: settings
    literals:
      - LEVEL=info
      - PORT=8080  #@ ConfigMap data/PORT
    files:
      - app.conf  #@ ConfigMap data/app.conf
      - other=app.conf  #@ ConfigMap data/other
    envs: [vars.env]
    options: {labels: {a: b}}  #@ ConfigMap metadata/labels/a
generatorOptions:
  annotations: {c: d}  #@ ConfigMap metadata/annotations/c
secretGenerator:
  - name: token  #@ Secret & Secret type & Secret metadata/name
    literals: [key=abc]  #@ Secret data/key
""",
    "base/app.conf": "x = 1\n",
    "base/vars.env": "# a comment\nMODE=fast  \nSEED=5\n",
    "overlay/kustomization.yaml": """\
resources: [../base]
namespace: prod  #@ ConfigMap metadata/namespace
configMapGenerator:
  - name: settings
    behavior: merge
    literals:
      - LEVEL=debug  #@ ConfigMap data/LEVEL
""",
}
COMPONENTS = {
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": """\
kind: Deployment
apiVersion: apps/v1
metadata: {name: web, labels: {app: web}}
spec:
  template:
    spec:
      containers:
        - &web
          name: web  #@ D c0/resources
          image: example.com/web:1  #@ D c0/image
""",
    "one/kustomization.yaml": """\
kind: Component
apiVersion: kustomize.config.k8s.io/v1alpha1
resources: [hpa.yaml, pdb.yaml]
patches:
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/replicas", "value": 4}]'
""",
    "one/hpa.yaml": """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler  #@ HPA
metadata: {name: any}
spec:
  maxReplicas: 5
  minReplicas: 2  #@ HPA spec/minReplicas
  metrics:
    - type: Resource  #@ HPA spec/metrics/0
      resource:
        name: cpu  #@ HPA spec/metrics/0/resource/name
        target: {type: Utilization, averageUtilization: 50}
    - type: Resource
      resource:  #@ HPA spec/metrics/1/resource
        name: memory
        target:
          type: Utilization
          averageUtilization: 70  #@ HPA spec/metrics/1/resource/target/averageUtilization
""",
    "one/pdb.yaml": """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: any}
spec: {maxUnavailable: 1}  #@ PDB spec/maxUnavailable
""",
    "two/kustomization.yaml": """\
kind: Component
apiVersion: kustomize.config.k8s.io/v1alpha1
components: [../three]
replacements:
  - source: {kind: Deployment, fieldPath: metadata.name}
    targets:
      - select: {kind: HorizontalPodAutoscaler}
        fieldPaths:
          - metadata.name  #@ HPA metadata/name
          - metadata.labels.[app.kubernetes.io/name]  #@ HPA metadata/labels/app.kubernetes.io~1name
        options: {create: true}
      - select: {kind: Deployment}
        fieldPaths:
          - spec.template.spec.containers.[name=web].workingDir  #@ D c0/workingDir
        options: {create: true}
""",
    "three/kustomization.yaml": """\
kind: Component
apiVersion: kustomize.config.k8s.io/v1alpha1
commonAnnotations:
  team: ml  #@ D metadata/annotations/team & PDB metadata/annotations/team
""",
    "overlay/kustomization.yaml": """\
resources: [../base]
components: [../one, ../two]
labels:
  - pairs:
      version: "1"  #@ D metadata/labels/version & D spec/template/metadata/labels/version
    fields:
      - path: spec/template/metadata/labels
        kind: Deployment
        create: true
  - pairs: {app: web}  #@ PDB metadata/labels/app
commonLabels: {all: yes-all}  #@ D spec/selector/matchLabels/all & D metadata/labels/all
patches:
  - target: {kind: HorizontalPodAutoscaler, name: web}
    patch: |-
      - op: replace
        path: /spec/maxReplicas
        value: 9  #@ HPA spec/maxReplicas
replicas:
  - name: web
    count: 6  #@ D spec/replicas
""",
}
ALIASES = {
    "overlay/kustomization.yaml": """\
resources: [all.yaml]
patches:
  - patch: &patch |
      kind: Deployment
      apiVersion: apps/v1
      metadata: {name: two}
      spec:
        paused: true  #@ Deployment/two spec/paused
  - path: late.yaml
""",
    "overlay/late.yaml": "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: one}\n"
    "spec:\n  paused: false  #@ Deployment/one spec/paused\n---\nkind: Deployment\n"
    "apiVersion: apps/v1\nmetadata: {name: two}\nspec:\n"
    "  minReadySeconds: 3  #@ Deployment/two spec/minReadySeconds\n",
    "overlay/all.yaml": """\
# The first document.
apiVersion: apps/v1
kind: Deployment  #@ Deployment/one
metadata: {name: one}
spec: &spec
  replicas: 2  #@ Deployment/one spec/replicas
  template:
    spec:
      containers:
        - &main
          name: main  #@ Deployment/one c0/resources
          image: example.com/main  #@ Deployment/one c0/image
      initContainers: []
---
apiVersion: apps/v1
kind: Deployment  #@ Deployment/two
metadata:
  name: two  #@ Deployment/two metadata/name
spec:
  <<: &more
    replicas: 2  #@ Deployment/two spec/replicas
  paused: false
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service  #@ Service/a
    metadata: {name: a}
  - apiVersion: v1
    kind: Service
    metadata: {name: b}  #@ Service/b metadata/labels/x
    spec:
      ports:
        - {port: 80, name: http}
        - {port: 81, name: other}  #@ Service/b spec/ports/1 & Service/b spec/ports/1/port
      selector:  #@ Service/b spec/selector
        app: b
""",
}
CASES = {
    "strategic": STRATEGIC,
    "json6902": JSON6902,
    "shifted": SHIFTED,
    "generated": GENERATED,
    "components": COMPONENTS,
    "aliases": ALIASES,
}


PLAIN_FILE = """\
# Not for kustomize.
apiVersion: v1
kind: Service
metadata: {name: a, namespace: x}
spec: {type: ClusterIP}
---

---
apiVersion: v1
kind: Service  # found
metadata:
  name: a
  namespace: y
spec:
  type: ClusterIP  # found
  selector: {}
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"},
 "data": {"k": "v"}}
---
apiVersion: v1
kind: Pod
metadata: {generateName: job-}
spec: {nodeName: n}
"""


@pytest.mark.parametrize(
    ("data", "field", "place"),
    [
        ({"kind": "Service", "metadata": {"name": "a", "namespace": "y"}}, (), (10, 1)),
        (
            {
                "kind": "Service",
                "metadata": {"name": "a", "namespace": "y"},
                "spec": {"type": "ClusterIP", "selector": {}},
            },
            ("spec", "type"),
            (15, 3),
        ),
        (
            {"kind": "Service", "metadata": {"name": "a", "namespace": "x"}, "spec": {"type": "x"}},
            ("spec", "type"),
            (5, 8),
        ),
        (
            {"kind": "ConfigMap", "metadata": {"name": "b"}, "data": {"k": "v"}},
            ("data", "k"),
            (19, 11),
        ),
        ({"kind": "Pod", "metadata": {}, "spec": {"nodeName": "n"}}, ("spec", "nodeName"), (24, 8)),
        ({"kind": "Secret", "metadata": {"name": "a"}}, ("data",), (1, 1)),
    ],
)
def test_plain_manifests(
    data: dict[str, object], field: tuple[str, ...], place: tuple[int, int]
) -> None:
    snapshot = make_snapshot({"plain/all.yaml": PLAIN_FILE})
    locator = Locator(snapshot, Closures(snapshot))
    data = {"apiVersion": "v1", **data}
    for origin in ("plain/all.yaml", None):
        where = locator.find("plain/all.yaml", Manifest(identify(data), data, origin), field)
        assert where == Location("plain/all.yaml", *place)


@pytest.mark.parametrize(
    ("style", "line", "column"),
    [
        ("patch: |\n      {0}\n      {1}\n", 5, 9),
        ("patch: |2-\n      {0}\n      {1}\n", 5, 9),
        ("patch: >\n      {0}\n\n      {1}\n", 6, 9),
        ("patch: 'kind: X\n\n      spec: {{a: 1}}'\n", 5, 14),
        ('patch: "spec: {{a: 1}}"\n', 3, 20),
        ("patch: &anchor |\n      {0}\n      {1}\n", 5, 9),
    ],
)
def test_the_places_of_inline_patches(style: str, line: int, column: int) -> None:
    text = style.format("spec:", "  a: 1")
    files = {
        "o/kustomization.yaml": f"resources: [x.yaml]\npatches:\n  - {text}    target: {{}}\n",
        "o/x.yaml": "kind: X\nspec: {a: 2}\n",
    }
    snapshot = make_snapshot(files)
    data = {"kind": "X", "spec": {"a": 1}}
    manifest = Manifest(identify(data), data, "o/x.yaml")
    where = Locator(snapshot, Closures(snapshot)).find("o", manifest, ("spec", "a"))
    assert where == Location("o/kustomization.yaml", line, column)


def place(where: Location) -> tuple[str, int]:
    assert where.column >= 1
    return where.file, where.line


@pytest.mark.parametrize("case", CASES)
def test_every_mark_is_found(case: str) -> None:
    files = CASES[case]
    here = stage(files)
    wanted = [(name, field, file, line) for name, field, file, line in marks(files)]
    assert wanted
    found = [(name, field, *place(here.locate(name, field))) for name, field, *_ in wanted]
    assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]] == []
