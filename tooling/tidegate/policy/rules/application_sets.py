"""What an ApplicationSet makes of folders, of keys that are missing, and of folders that go."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.policy.rules.applications import GROUPS, SET, find_generators
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, sequence, shown, text

_SETS = frozenset({SET})
_STRICT = "missingkey=error"
_KEEPING = ("create-update", "create-only")
_RECORD = "/release.yaml"


def _judge_files(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    for generator in find_generators(inventory):
        if "directories" in generator.git:
            message = f"{title(generator.manifest)} makes an Application of each folder"
            yield Found(message, generator.manifest.id, (*generator.path, "directories"))
        for index, item in entries(generator.git, "files"):
            path = text(item.get("path"))
            if path.startswith("environments/") and not path.endswith(_RECORD):
                message = f"{title(generator.manifest)} looks for '{shown(path)}', not for releases"
                place = (*generator.path, "files", index, "path")
                yield Found(message, generator.manifest.id, place)


def _judge_missing_key(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    for manifest in inventory.of(SET, groups=GROUPS):
        spec = mapping(manifest.data.get("spec"))
        if spec.get("goTemplate") is not True:
            message = f"{title(manifest)} doesn't use Go templates, which can refuse missing keys"
            place = ("spec", "goTemplate") if "goTemplate" in spec else ("spec",)
            yield Found(message, manifest.id, place)
        elif _STRICT not in sequence(spec.get("goTemplateOptions")):
            message = f"{title(manifest)} writes `<no value>` where a key is missing"
            place = ("spec", "goTemplateOptions") if "goTemplateOptions" in spec else ("spec",)
            yield Found(message, manifest.id, place)


def _judge_deletion(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    for manifest in inventory.of(SET, groups=GROUPS):
        policy = mapping(at(manifest.data, "spec", "syncPolicy"))
        place = ("spec", "syncPolicy") if policy else ("spec",)
        if policy.get("applicationsSync") not in _KEEPING:
            message = f"{title(manifest)} deletes the Application of a folder that goes"
            yield Found(message, manifest.id, _field(place, "applicationsSync", policy))
        if policy.get("preserveResourcesOnDeletion") is not True:
            message = f"{title(manifest)} deletes what runs together with an Application"
            yield Found(message, manifest.id, _field(place, "preserveResourcesOnDeletion", policy))


def _field(place: tuple[str, ...], key: str, holder: object) -> tuple[str, ...]:
    return (*place, key) if key in mapping(holder) else place


FILES = Rule(
    "applicationset-files",
    Severity.DENY,
    "delivery",
    why="A generator of folders makes Applications of folders that are no app, or not released.",
    fix="Use the git generator's files, with the path environments/<env>/*/release.yaml.",
    link="https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/",
    judge=_judge_files,
    about=_SETS,
)
MISSING_KEY = Rule(
    "applicationset-missing-key",
    Severity.DENY,
    "delivery",
    why="A key that isn't there becomes `<no value>`, in a name or a path, and is applied so.",
    fix="Set goTemplate: true and goTemplateOptions: [missingkey=error].",
    link="https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/",
    judge=_judge_missing_key,
    about=_SETS,
)
DELETION = Rule(
    "applicationset-deletion",
    Severity.DENY,
    "delivery",
    why="A folder that is moved or deleted by mistake takes a serving model down at once.",
    fix=(
        "Set syncPolicy.applicationsSync: create-update and preserveResourcesOnDeletion: true; "
        "docs/going-live.md says how to take an app out."
    ),
    link="https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Controlling-Resource-Modification/",
    judge=_judge_deletion,
    about=_SETS,
)
