"""The pages tell the truth: their links, their YAML, their commands and their tables."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.cli.main import BUG, INTERRUPTED
from tidegate.cli.parser import COMMANDS, build
from tidegate.errors import TidegateError
from tidegate.gates import GATES
from tidegate.repository.schemas import KINDS, check
from tidegate.repository.yaml import load

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAGE_IDS = [str(page.relative_to(ROOT)) for page in PAGES]

FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
INLINE = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
ROW = re.compile(r"^\| *(?P<first>[^|]+?) *\|", re.MULTILINE)

SCHEMA_OF = {
    "Settings": "settings",
    "App": "app",
    "Environment": "environment",
    "GateSet": "gate-set",
    "Release": "release",
    "Hold": "hold",
    "Blocks": "blocks",
    "Waivers": "waivers",
}
ALWAYS_ON = {"hold", "block", "record"}


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", page.read_text("utf-8"))


def blocks(page: Path, language: str) -> Iterator[str]:
    for match in FENCE.finditer(page.read_text("utf-8")):
        if match["language"] == language:
            yield match["body"]


def anchors(page: Path) -> set[str]:
    """The names that headings get on the usual Git hosts."""
    titles = (match["title"] for match in HEADING.finditer(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(page: Path) -> Iterator[str]:
    """Every command line of tidegate's that the page shows, without the program's name."""
    for body in blocks(page, "console"):
        for line in body.splitlines():
            found = re.match(r"\$ (?:\.demo/)?tidegate (.+)", line)
            if found:
                yield found[1]
    for match in INLINE.finditer(prose(page)):
        if match["text"].startswith("tidegate "):
            yield match["text"].removeprefix("tidegate ")


def table(page: Path, heading: str) -> list[str]:
    """The first column of the table below a heading."""
    text = prose(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [match["first"] for match in ROW.finditer(text)][2:]


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for match in LINK.finditer(prose(page)):
        target, _, anchor = match["target"].partition("#")
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        found = path.is_relative_to(ROOT) and path.exists()
        if not found or (anchor and anchor not in anchors(path)):
            broken.append(match["target"])
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_yaml_example_is_what_it_says(page: Path) -> None:
    for number, body in enumerate(blocks(page, "yaml"), start=1):
        name = f"{page.name}, example {number}"
        # A part of a file is completed: gates are written alike in all three kinds.
        head = "apiVersion: tidegate.dev/v1\nkind: GateSet\n" if body.startswith("gates:") else ""
        document = load(name, (head + body).encode())
        kind = document.data.get("kind")
        if kind is None:
            assert set(document.data) <= {"images", "labels"}, f"{name} is of no known kind"
            continue
        problems = [str(problem) for problem in check(SCHEMA_OF[kind], document)]
        assert problems == []


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_command_has_real_verbs_and_options(page: Path) -> None:
    for command in commands(page):
        words = shlex.split(command)
        if len(words) == 1 and words[0] in COMMANDS:
            continue  # a verb's name in a sentence
        if words == ["schema", "KIND"]:
            words = ["schema", KINDS[0]]
        with contextlib.redirect_stdout(io.StringIO()):
            asks = pytest.raises(SystemExit) if "--help" in words else contextlib.nullcontext()
            with asks:
                build(words).parse_args(words)


def test_some_commands_and_examples_are_looked_at() -> None:
    assert sum(len(list(commands(page))) for page in PAGES) > 20
    assert sum(len(list(blocks(page, "yaml"))) for page in PAGES) > 10


def test_the_readme_lists_every_exit_code() -> None:
    listed = {int(cell) for cell in table(ROOT / "README.md", "When it doesn't go through")}
    known = {0, 1, BUG, INTERRUPTED}
    unseen: list[type[TidegateError]] = [TidegateError]
    while unseen:
        error = unseen.pop()
        known.add(error.exit_code)
        unseen.extend(error.__subclasses__())
    assert listed == known


def test_every_gate_has_a_page_and_a_line_in_the_list() -> None:
    folder = ROOT / "docs" / "gates"
    wanted = {*GATES, *ALWAYS_ON}
    assert {page.stem for page in folder.glob("*.md")} - {"README"} == wanted
    for name in wanted:
        assert f"[{name}]({name}.md)" in (folder / "README.md").read_text("utf-8")
    reference = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for name in GATES:
        assert f"[{name}](gates/{name}.md)" in reference


def test_the_reference_has_a_section_for_every_kind() -> None:
    assert set(KINDS) <= anchors(ROOT / "docs" / "configuration.md")


def test_every_page_is_listed_in_an_index() -> None:
    docs = ROOT / "docs"
    for index in (docs / "README.md", docs / "gates" / "README.md", docs / "adr" / "README.md"):
        text = index.read_text("utf-8")
        for page in index.parent.glob("*.md"):
            assert page == index or f"({page.name})" in text, f"{page} is in no list"


def test_the_picture_names_itself_and_fetches_nothing() -> None:
    picture = ROOT / "docs" / "images" / "line.svg"
    root = ElementTree.fromstring(picture.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title") is not None
    assert root.find(f"{space}desc") is not None
    text = picture.read_text("utf-8").replace(space.strip("{}"), "")
    assert "http" not in text
    assert "script" not in text
