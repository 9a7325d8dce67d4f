"""Each attack in the table has its test, and each test of an attack is in the table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = re.compile(r"In `(?P<file>tests/attacks/\w+\.py)`:\n\n(?P<rows>(?:\|.*\n)+)")
ROW = re.compile(r"^\| [^|]+ \| [^|]+ \| `(?P<test>test_\w+)` \|$", re.MULTILINE)


def named() -> dict[str, list[str]]:
    """The tests that the page names, file by file."""
    page = (ROOT / "docs/security.md").read_text("utf-8")
    return {found["file"]: ROW.findall(found["rows"]) for found in TABLE.finditer(page)}


def there(path: Path) -> list[str]:
    """The tests that a file has."""
    body = ast.parse(path.read_text("utf-8")).body
    return [
        item.name
        for item in body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
    ]


def test_the_table_and_the_tests_are_the_same() -> None:
    files = sorted((ROOT / "tests/attacks").glob("test_*.py"))
    listed = {file: sorted(tests) for file, tests in named().items()}
    assert listed == {path.relative_to(ROOT).as_posix(): sorted(there(path)) for path in files}


def test_there_are_many() -> None:
    assert sum(map(len, named().values())) >= 25
