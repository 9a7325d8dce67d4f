"""The commit's message, and the diff that a dry run shows: Git itself must take it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import CANDIDATE, DIGEST, release

from tidegate.domain.gate import Verdict
from tidegate.domain.promotion import Promotion, Request
from tidegate.domain.snapshot import FILE, Entry, Snapshot
from tidegate.domain.text import one_line
from tidegate.flows.plan import diff, make_plan


def snapshot(files: Mapping[str, bytes]) -> Snapshot:
    ids = {hashlib.sha1(data).hexdigest(): data for data in files.values()}
    entries = {p: Entry(FILE, hashlib.sha1(data).hexdigest()) for p, data in files.items()}
    return Snapshot("f" * 40, entries, lambda wanted: {i: ids[i] for i in wanted})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"a\r\nb\r\n", b"a\r\nB\r\n"),
        (b"a\nb", b"a\nB"),
        (b"a\nb", b"a\nb\n"),
        (b"a\nb\n", b"a\nb"),
        (b"\xef\xbb\xbfa: 1\n", b"\xef\xbb\xbfa: 2\n"),
        ("a\u2028b\x0cc\x85d\n".encode(), "a\u2028B\x0cc\x85d\n".encode()),
        (b"a\rb\n", b"a\rB\n"),
        (b"", b"a\n"),
        (None, b"a\nb\n"),
        (None, b"a"),
        (b"x\n" * 50 + b"old\n" + b"y\n" * 50, b"x\n" * 50 + b"new\n" + b"y\n" * 50),
    ],
)
def test_git_takes_the_diff(tmp_path: Path, old: bytes | None, new: bytes) -> None:
    path = "environments/dev/shop/kustomization.yaml"
    target = tmp_path / path
    target.parent.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if old is not None:
        target.write_bytes(old)
    text = diff(snapshot({} if old is None else {path: old}), {path: new})
    subprocess.run(
        ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path, input=text.encode(), check=True,
    )  # fmt: skip
    assert target.read_bytes() == new


def promotion(app: str, model: str, *, first: bool = False) -> Promotion:
    known = release("4", DIGEST, model=model)
    champion = None if first else release("3")
    return Promotion(app, "prod", CANDIDATE, champion, Verdict(()), known, "sha256:e", {})


def trailers(message: str) -> list[str]:
    answer = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=message.encode(),
        capture_output=True,
        check=True,
    )
    return answer.stdout.decode().splitlines()


def test_the_message_of_one_app() -> None:
    message = make_plan([promotion("shop", "shop")], Request("prod")).message
    assert message.startswith("promote(prod): shop 3 → 4\n\nTidegate-Promotion: ")
    assert trailers(message) == [f"Tidegate-Promotion: prod/shop shop@4 {DIGEST} sha256:e"]


def test_the_message_of_many_apps() -> None:
    made = [promotion(f"app{n}", "m", first=n == 0) for n in range(30)]
    message = make_plan(made, Request("prod", reason="sale")).message
    assert message.startswith("promote(prod): 30 apps\n\n- app0 → 4\n- app1 3 → 4\n")
    assert "- and 10 more, in the trailers below\n" in message
    assert len(trailers(message)) == 31


@given(
    st.text(max_size=60), st.text(max_size=60), st.text(st.characters(exclude_categories=["Cs"]))
)
def test_nothing_from_outside_forges_a_trailer(reason: str, name: str, model: str) -> None:
    request = Request("prod", reason=reason, requested_by=name)
    message = make_plan([promotion("shop", model)], request).message
    assert message.isprintable() or all(
        c.isprintable() or c in "\n" for c in message if c.isascii()
    )
    lines = message.rstrip("\n").split("\n\n")[-1].splitlines()
    keys = [line.split(": ", 1)[0] for line in lines]
    known = {"Requested-by": name, "Reason": reason}
    assert keys == ["Tidegate-Promotion", *(key for key in known if one_line(known[key]))]
    assert not [line for line in lines if line.endswith(" ")]
