"""Who may import whom (docs/architecture.md), held by reading every import of the toolkit."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tooling" / "tidegate"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each layer: which of our own modules it may import, beside itself.
ALLOWED = {
    "errors": (),
    "domain": ("errors",),
    "ports": ("domain", "errors", "policy"),
    "repository": ("domain", "errors"),
    "gates": ("domain", "errors"),
    "delivery": ("domain", "errors"),
    "policy": ("domain", "errors"),
    "report": ("domain", "errors"),
    "flows": ("domain", "errors", "ports", "repository", "gates", "delivery", "policy"),
    "adapters": ("domain", "errors", "ports", "repository", "policy"),
    "cli": (
        *("domain", "errors", "ports", "repository", "gates", "delivery", "policy", "flows"),
        *("report", "adapters"),
    ),
}
# Which packages from outside each layer may use; the standard library is free.
OUTSIDE = {
    "repository": {"yaml", "jsonschema", "jsonschema_rs"},
    "policy": {"jsonschema_rs", "kubernetes_validate", "cel_expr_python", "yaml"},
    "report": {"rich", "yaml"},
    "cli": {"rich", "argcomplete"},
    "adapters": {"git", "httpx", "kubernetes", "mlflow", "requests", "yaml", "sqlalchemy"}
    | {"cryptography"},
}
STANDARD = sys.stdlib_module_names
WIRING = {PACKAGE / "cli" / f"{name}.py" for name in ("wiring", "looking", "surroundings")}
HEAVY = {
    *("yaml", "git", "httpx", "mlflow", "rich", "jsonschema", "argcomplete", "inspect"),
    *("jsonschema_rs", "kubernetes_validate", "cel_expr_python", "kubernetes", "multiprocessing"),
    "cryptography",
}


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                module = PACKAGE.parent / full.replace(".", "/")
                exists = module.is_dir() or module.with_suffix(".py").is_file()
                yield node.lineno, full if exists else str(node.module)


def test_every_layer_imports_only_what_lies_below_it() -> None:
    wrong = []
    for path in MODULES:
        layer = layer_of(path)
        for line, name in imports(path):
            first, *rest = name.split(".")
            if first != "tidegate":
                allowed = OUTSIDE.get(layer, set())
                if first not in STANDARD and first not in allowed and first != "__future__":
                    wrong.append(f"{path.name}:{line} imports {name}")
            elif rest and layer in ALLOWED and rest[0] not in (layer, *ALLOWED[layer]):
                wrong.append(f"{path.name}:{line} ({layer}) imports {name}")
    assert wrong == []


def test_adapters_know_each_other_only_through_what_lies_below_them() -> None:
    wrong = []
    for path in (PACKAGE / "adapters").rglob("*.py"):
        own = path.relative_to(PACKAGE / "adapters").parts[0].removesuffix(".py")
        for line, name in imports(path):
            parts = name.split(".")
            other = parts[:2] == ["tidegate", "adapters"] and len(parts) > 2
            if other and parts[2] not in (own, "process", "http", "tidying", "token"):
                wrong.append(f"{path.name}:{line} imports {name}")
    assert wrong == []


def test_only_the_wiring_builds_adapters() -> None:
    wrong = [
        f"{path.name}:{line}"
        for path in MODULES
        if layer_of(path) != "adapters" and path not in WIRING
        for line, name in imports(path)
        if name.startswith("tidegate.adapters")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "layer", ["domain", "gates", "delivery", "policy", "repository", "report", "flows", "adapters"]
)
def test_the_core_neither_prints_nor_exits_nor_reads_the_environment(layer: str) -> None:
    wrong = []
    for path in (PACKAGE / layer).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            calls = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if calls and node.func.id in ("print", "exit", "input"):
                wrong.append(f"{path.name}:{node.lineno}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if (node.value.id, node.attr) in (("sys", "exit"), ("sys", "argv")):
                    wrong.append(f"{path.name}:{node.lineno}")
                # Libraries that are told by the environment alone are told by their adapters.
                if (node.value.id, node.attr) == ("os", "environ") and layer != "adapters":
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_the_clock_is_passed_in() -> None:
    wrong = [
        f"{path.name}:{node.lineno}"
        for layer in ("domain", "gates", "delivery", "policy", "repository", "report", "flows")
        for path in (PACKAGE / layer).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "sleep")
        if not (
            isinstance(node.value, ast.Name)
            and node.value.id in ("connections", "evidence", "report")
        )
        if not (isinstance(node.value, ast.Attribute) and node.value.attr == "_connections")
    ]
    assert wrong == []


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tidegate.cli.main import main; main(['--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in answer.stderr.split()}
    assert loaded & HEAVY == set()


def test_rooms_are_small() -> None:
    sizes = sorted(len(path.read_text("utf-8").splitlines()) for path in MODULES)
    assert sizes[len(sizes) // 2] <= 130
    assert [path.name for path in MODULES if len(path.read_text("utf-8").splitlines()) > 320] == []


def test_no_room_has_a_name_that_says_nothing() -> None:
    names = {path.stem for path in MODULES}
    assert (
        names & {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"} == set()
    )


def test_each_file_of_tests_has_a_name_of_its_own() -> None:
    """pytest imports them by their names alone: of two, one would not be collected."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
