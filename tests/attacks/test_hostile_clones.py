"""Clones whose configuration, refs and objects would like to have a say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.gitops import BINARIES, Answer
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import HOLD, PROMOTE, Proposals

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"


Copy = Callable[[], Path]


@pytest.fixture
def copy(proposals: Proposals, tmp_path: Path) -> Iterator[Copy]:
    """Makes a copy of the clone, to be spoilt."""
    # Beside the other one, for where images lie is told from there.
    place = proposals.world.folder / tmp_path.name
    yield lambda: Path(shutil.copytree(proposals.world.clone, place))
    shutil.rmtree(place, ignore_errors=True)


def verify(proposals: Proposals, clone: Path, head: str, base: str | None = None) -> Answer:
    words = ("verify", "--base", base or proposals.base, "--head", head, "--format", "json")
    return proposals.world.tidegate(*words, root=clone)


def evil(proposals: Proposals) -> str:
    """A change by hand."""
    overlay = proposals.show(OVERLAY).replace('newTag: "t', 'newTag: "u')
    return proposals.commit({OVERLAY: overlay}, "by hand")


def test_objects_are_replaced(proposals: Proposals, copy: Copy) -> None:
    head, good = evil(proposals), proposals.made(*PROMOTE)
    clone = copy()
    proposals.world.git("replace", head, good, cwd=clone)
    blobs = [proposals.git("rev-parse", f"{commit}:{OVERLAY}") for commit in (head, good)]
    proposals.world.git("replace", *blobs, cwd=clone)
    assert verify(proposals, clone, head).code == 1
    assert verify(proposals, clone, good).code == 0


def test_history_is_grafted(proposals: Proposals, copy: Copy) -> None:
    head = evil(proposals)
    after = proposals.commit({"README.md": "x\n"}, "docs", on=head)
    clone = copy()
    # As if the edit were the base's own.
    (clone / ".git/info/grafts").write_text(f"{after} {proposals.base}\n{head} {after}\n")
    assert verify(proposals, clone, after).code == 1


def test_notes_tell_something_else(proposals: Proposals, copy: Copy) -> None:
    head = proposals.commit({"environments/staging/search/hold.yaml": None}, "tidy up")
    clone = copy()
    note = "Tidegate-Lift: staging/search"
    proposals.world.git("notes", "add", "-m", note, head, cwd=clone)
    proposals.world.git("config", "notes.displayRef", "refs/notes/*", cwd=clone)
    assert verify(proposals, clone, head).code == 1


def test_commands_in_the_clones_configuration(proposals: Proposals, copy: Copy) -> None:
    head = proposals.made(*PROMOTE)
    parted = proposals.commit({"README.md": "news\n"}, "elsewhere")
    clone = copy()
    marker, trap = clone / "pwned", clone / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass",
        "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.smudge", "filter.evil.clean", "merge.evil.driver", "gpg.program",
        "gpg.ssh.program", "credential.helper", "sequence.editor", "uploadpack.packObjectsHook",
        "trailer.evil.command", "pager.log", "pager.ls-tree", "alias.log", "alias.ls-tree",
    ):  # fmt: skip
        value = f"!{trap}" if key.startswith("alias") else str(trap)
        proposals.world.git("config", key, value, cwd=clone)
    proposals.world.git("config", "core.hooksPath", str(clone / "hooks"), cwd=clone)
    for setting in ("log.showSignature", "diff.mnemonicPrefix", "log.follow"):
        proposals.world.git("config", setting, "true", cwd=clone)
    (clone / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "pre-push", "post-index-change"):
        shutil.copy(trap, clone / "hooks" / hook)
    (clone / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil\n")
    answer = verify(proposals, clone, head)
    assert (answer.code, marker.exists()) == (0, False), answer.out + answer.err
    answer = verify(proposals, clone, head, base=parted)  # nor where it has to be merged
    assert (answer.code, marker.exists()) == (0, False), answer.out + answer.err


def test_attributes_of_the_repository_filter_what_is_read(proposals: Proposals) -> None:
    attributes = "environments/** filter=evil ident eol=crlf working-tree-encoding=UTF-16 -diff\n"
    base = proposals.commit({".gitattributes": attributes}, "attributes")
    made = proposals.made(*PROMOTE, base=base)
    assert proposals.verify(made, base=base).code == 0
    overlay = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{7:064x}", proposals.show(OVERLAY))
    hand = proposals.commit({OVERLAY: overlay}, "by hand", on=base)
    assert proposals.verify(hand, base=base).code == 1


def test_another_store_lends_an_object_that_is_not_what_it_says(
    proposals: Proposals, copy: Copy, tmp_path: Path
) -> None:
    head = evil(proposals)
    clone = copy()
    blobs = [proposals.git("rev-parse", f"{c}:{OVERLAY}") for c in (head, proposals.base)]
    forged, good = (f"{blob[:2]}/{blob[2:]}" for blob in blobs)
    store = tmp_path / "store"
    (store / forged).parent.mkdir(parents=True)
    shutil.copy(proposals.world.clone / ".git/objects" / good, store / forged)
    (clone / ".git/objects" / forged).unlink()
    (clone / ".git/objects/info/alternates").write_text(f"{store}\n")
    answer = verify(proposals, clone, head)
    assert answer.code == 3, answer.out
    assert "is not what its name says" in answer.json["error"]["message"]


def test_a_tag_takes_the_bases_name(proposals: Proposals, copy: Copy) -> None:
    head = evil(proposals)
    clone = copy()
    for name in ("origin/main", "main"):
        proposals.world.git("tag", name, head, cwd=clone)
        answer = verify(proposals, clone, head, base=name)
        assert answer.code == 2, answer.out
        assert "may be any of" in answer.json["error"]["message"]


def test_names_that_are_options(proposals: Proposals, copy: Copy) -> None:
    clone = copy()
    marker = clone / "pwned"
    for name in (f"--upload-pack=touch {marker}", "--output=pwned", "--exec=x", "-c", "--all"):
        for words in (("--base", name), ("--base", "HEAD", "--head", name)):
            spelt = [f"{a}={b}" for a, b in zip(words[::2], words[1::2], strict=True)]
            answer = proposals.world.tidegate("verify", *spelt, root=clone)
            assert answer.code == 2, answer.out + answer.err
    assert not marker.exists()
    assert not (clone / "pwned").exists()


def test_variables_that_point_elsewhere(proposals: Proposals, copy: Copy, tmp_path: Path) -> None:
    head = evil(proposals)
    clone = copy()
    words = ("verify", "--base", proposals.base, "--head", head, "--format", "json")
    answer = proposals.world.tidegate(
        *words,
        root=clone,
        GIT_DIR=str(tmp_path / "nowhere"),
        GIT_OBJECT_DIRECTORY=str(tmp_path),
        GIT_REPLACE_REF_BASE="refs/heads",
        GIT_NOGLOB_PATHSPECS="1",
    )
    assert (answer.code, answer.json["outcome"]) == (1, "refused"), answer.out + answer.err


def test_a_shallow_clone_hides_what_came_before(proposals: Proposals, tmp_path: Path) -> None:
    bad = proposals.commit({RECORD: "x\n"}, "one")
    head = proposals.commit({}, "two", on=proposals.base, parents=[bad])
    proposals.world.git("branch", "-f", "hidden", head)
    place, source = tmp_path / "shallow", f"file://{proposals.world.clone}"
    clone = ("clone", "-q", "--depth=1", "--branch=hidden", source, str(place))
    proposals.world.git(*clone, cwd=tmp_path)
    proposals.world.git("fetch", "-q", "--depth=1", "origin", "main:main", cwd=place)
    answer = verify(proposals, place, "HEAD", base="main")
    assert (answer.code, answer.json["kind"]) == (3, "ErrorReport"), answer.out
    assert "fetch-depth: 0" in answer.json["error"]["hint"]


def test_modules_in_the_checkout_are_called_as_libraries_are(
    proposals: Proposals, copy: Copy
) -> None:
    head = proposals.made(*HOLD)
    clone = copy()
    for name in ("yaml", "git", "mlflow", "json", "tidegate", "sitecustomize", "rich"):
        (clone / f"{name}.py").write_text("import pathlib; pathlib.Path('pwned').touch()\n")
    answer = subprocess.run(
        [BINARIES / "tidegate", "verify", "--base", proposals.base, "--head", head],
        cwd=clone,
        env=os.environ | proposals.world.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, (clone / "pwned").exists()) == (0, False), answer.stderr
