"""The command line as a process: help, usage errors, streams, and what never happens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tidegate import __version__
from tidegate.cli.main import _crash, main
from tidegate.cli.parser import COMMANDS
from tidegate.cli.surroundings import cache_folder
from tidegate.repository.schemas import schema

PROGRAM = [sys.executable, "-m", "tidegate"]
VERBS = list(COMMANDS)


def run(
    *arguments: str, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=os.environ | environ,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"usage: tidegate {verb}" in shown
    for option in ("--root", "--remote", "--branch", "--timeout", "--verbose", "--no-color"):
        assert option in shown


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_every_verb(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for verb, text in COMMANDS.items():
        assert verb in shown
        assert text in shown


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tidegate {__version__}\n"


USAGE = [
    (["promot"], "there is no command 'promot'", "did you mean 'promote'?"),
    (["statsu"], "there is no command 'statsu'", "did you mean 'status'?"),
    (["--no-color", "zzz"], "there is no command 'zzz'", "known: promote"),
    (["promote", "shop"], "--to", "tidegate promote --help"),
    (["promote", "--to", "dev"], "which app?", "--all"),
    (["promote", "shop", "--all", "--to", "dev"], "not both", ""),
    (["promote", "--all", "--selector", "a=b", "--to", "dev"], "not allowed with", ""),
    (["promote", "shop", "--to", "dev", "--version", "x"], "'x' is no version", "such as 3"),
    (["promote", "shop", "--to", "dev", "--version", "0"], "'0' is no version", ""),
    (["promote", "shop", "--to", "dev", "--version", "-1"], "", ""),
    (["promote", "shop", "--to", "dev", "--version", "1", "--alias", "a"], "not allowed with", ""),
    (["promote", "--selector", "tier", "--to", "dev"], "not key=value", ""),
    (["promote", "shop", "--to", "dev", "--dry"], "unrecognized", "tidegate promote --help"),
    (["--dry", "--x"], "unrecognized arguments: --dry --x", "`tidegate --help`"),
    (["status", "--timeout", "soon"], "no number of seconds", ""),
    (["status", "--timeout", "-1"], "", ""),
    (["status", "--timeout", "nan"], "no number of seconds", ""),
    (["status", "--remote", "--upload-pack=x"], "", ""),
    (["status", "--remote", "../x"], "", "remote"),
    (["status", "--branch", "a..b"], "no name of a branch", ""),
    (["status", "--root", "/no/such/folder"], "not a folder", "--root"),
    (["history"], "APP", ""),
    (["schema", "ap"], "'ap' is no choice", "did you mean 'app'?"),
    (["schema"], "which kind?", "gate-set"),
    (["completion", "tcsh"], "'tcsh' is no choice", "known: bash, zsh, fish"),
    (["policies"], "ACTION", ""),
    (["policies", "lst"], "'lst' is no choice", "did you mean 'list'?"),
    (["policies", "show"], "required: NAME", ""),
    (["policies", "list", "host-path"], "unrecognized arguments: host-path", ""),
    (["policies", "test", "host-path"], "unrecognized arguments: host-path", ""),
    (["schemas"], "ACTION", ""),
    (["schemas", "remove"], "'remove' is no choice", ""),
    (["schemas", "add"], "required: CRD.yaml", ""),
    (["schemas", "list", "--replace"], "unrecognized arguments: --replace", ""),
]


@pytest.mark.parametrize(("arguments", "message", "hint"), USAGE)
def test_a_wrong_command_line(
    arguments: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("tidegate: ")
    assert message in shown.err
    assert hint in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("asked", [["--format", "json"], ["--format=json"]])
@pytest.mark.parametrize(("arguments", "message", "hint"), USAGE)
def test_with_json_there_is_a_document_whatever_happens(
    arguments: list[str],
    message: str,
    hint: str,
    asked: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*arguments, *asked]) == 2
    document = json.loads(capsys.readouterr().out)
    assert not list(Draft202012Validator(schema("report")).iter_errors(document))
    assert (document["kind"], document["exitCode"]) == ("ErrorReport", 2)


@pytest.mark.parametrize("asked", [["--format", "markdown"], ["--format=markdown"]])
def test_with_markdown_a_jobs_summary_says_why(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["promote", "shop", "--to", "dev", "--version", "x", *asked]) == 2
    shown = capsys.readouterr()
    assert shown.out == "❌ \\-\\-version \\'x\\' is no version<br>→ such as 3\n"
    assert shown.err.startswith("tidegate: --version 'x' is no version\n")


def test_global_options_stand_before_the_verb_and_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["--root", str(tmp_path), "status"], ["status", "--root", str(tmp_path)]):
        assert main(arguments) == 2
        assert f"{tmp_path} is not inside a Git work tree" in capsys.readouterr().err


def test_the_module_is_the_command() -> None:
    assert run("--version").stdout.decode() == f"tidegate {__version__}\n"
    assert run("nope").returncode == 2


@pytest.mark.parametrize(
    "environ", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_terminals_that_know_ascii_only(environ: dict[str, str], tmp_path: Path) -> None:
    for arguments in (["--help"], ["promote", "--help"], ["promote", "é🚢"], ["doctor"]):
        answer = run(*arguments, cwd=tmp_path, **environ)
        assert answer.returncode in (0, 2, 3)
        assert b"Traceback" not in answer.stderr
        assert b"bug" not in answer.stderr


def test_an_argument_that_is_no_text(tmp_path: Path) -> None:
    answer = subprocess.run(
        [*PROGRAM, b"status", b"--format=json", b"--root", b"\xff\xfe"],  # type: ignore[list-item]
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    assert json.loads(answer.stdout)["exitCode"] == 2


@pytest.mark.parametrize(
    "arguments", [["--help"], ["schema", "report"], ["nope", "--format", "json"], ["doctor"]]
)
def test_a_reader_that_has_gone_is_no_failure_of_ours(arguments: list[str], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    answer = subprocess.run(
        [*PROGRAM, *arguments], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert b"Traceback" not in answer.stderr
    assert b"Exception" not in answer.stderr
    assert answer.returncode in (0, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "arguments", [["schema", "app"], ["promote", "--format=json"], ["policies", "list"]]
)
def test_a_full_disk_is_reported(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = subprocess.run(
            [*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert answer.returncode in (2, 3)
    assert b"Traceback" not in answer.stderr
    assert answer.stderr.startswith(b"tidegate: ")


def test_standard_output_may_be_closed() -> None:
    answer = subprocess.run(
        ["bash", "-c", '"$@" >&-', "bash", *PROGRAM, "schema", "app"],
        stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert b"Traceback" not in answer.stderr


def test_what_knows_no_limit_is_ended_with_the_commands_time(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")  # whoever opens it waits for somebody who never reads
    answer = run("schema", "--write", str(tmp_path), "--timeout=0.2")
    assert answer.returncode == 3
    assert b"the command took longer than it may" in answer.stderr
    assert b"--timeout" in answer.stderr


def test_nobody_waits_for_a_thread_after_something_outside_has_failed() -> None:
    code = (
        "import threading; from tidegate.cli.main import finish; "
        "threading.Thread(target=threading.Event().wait).start(); print('said'); finish(3)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=60
    )
    assert (answer.returncode, answer.stdout) == (3, b"said\n")


def test_settings_of_the_work_tree_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with (tmp_path / "tidegate.yaml").open("wb") as file:
        file.truncate(2**40)
    answer = run("status", cwd=tmp_path)
    assert answer.returncode == 2
    assert b"tidegate.yaml: is 1.0 MiB large" in answer.stderr


@pytest.mark.parametrize("home", ["", ".", "cache", "./cache", "~/cache"])
def test_a_cache_that_is_not_absolute_is_ignored(home: str) -> None:
    usual = Path.home() / ".cache" / "tidegate"
    assert cache_folder({"XDG_CACHE_HOME": home}) == cache_folder({}) == usual
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/tidegate")


@pytest.mark.skipif(not shutil.which("unshare"), reason="there is no unshare here")
def test_a_user_without_a_home_is_no_bug(tmp_path: Path) -> None:
    """As in many containers: a number that no file of users knows, and no HOME."""
    environ = {name: value for name, value in os.environ.items() if name != "HOME"}
    environ |= {"XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path)}
    stranger = ["unshare", "--user", "--map-user=54321"]
    if subprocess.run([*stranger, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody be somebody else")
    code = "from tidegate.cli.surroundings import cache_folder; print(cache_folder({}))"
    answer = subprocess.run(
        [*stranger, sys.executable, "-c", code],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.stdout.strip() == str(tmp_path / "tidegate-54321"), answer.stderr


def test_secrets_of_the_environment_are_masked(tmp_path: Path) -> None:
    secret = 'hunter2"\\é-of-ours'
    answer = run("status", "--format", "json", "--root", secret, cwd=tmp_path, MY_TOKEN=secret)
    assert answer.returncode == 2
    document = json.loads(answer.stdout)
    assert "***" in document["error"]["message"]
    for text in (json.dumps(document, ensure_ascii=False), answer.stderr.decode()):
        assert "hunter2" not in text


@pytest.mark.parametrize("verbose", [[], ["-v"]])
def test_a_bug_of_ours_is_a_document_too(
    verbose: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _crash(["promote", "--format", "json", *verbose], KeyError("x")) == 70
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert not list(Draft202012Validator(schema("report")).iter_errors(document))
    assert document["exitCode"] == 70
    assert "bug of Tidegate's: KeyError: 'x'" in shown.err
    assert ("Traceback" in shown.err or "KeyError" in shown.err.splitlines()[-1]) == bool(verbose)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "tidegate" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)


def complete(line: str, folder: Path) -> list[str]:
    """What bash offers after this line, asked with the script itself."""
    script = main_output("completion", "bash")
    words = line.split(" ")
    question = (
        f"{script}\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n"
        f"COMP_LINE={line!r}; COMP_POINT={len(line)}; COMP_TYPE=9\n"
        "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'\n"
        '_python_argcomplete tidegate tidegate "" >/dev/null 2>&1\n'
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    answer = subprocess.run(
        ["bash", "--norc", "-c", question],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        check=True,
    )
    return [word.strip() for word in answer.stdout.decode().splitlines() if word.strip()]


def main_output(*arguments: str) -> str:
    return run(*arguments).stdout.decode()


def test_bash_offers_apps_environments_and_verbs(tmp_path: Path) -> None:
    for path in ("apps/recommender/app.yaml", "apps/digits/app.yaml", "apps/components/x.yaml",
                 "environments/prod/environment.yaml"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    inside = tmp_path / "apps" / "digits"
    for folder in (tmp_path, inside):
        assert complete("tidegate history rec", folder) == ["recommender"]
    assert complete("tidegate promote recommender --to p", tmp_path) == ["prod"]
    assert complete("tidegate prom", tmp_path) == ["promote"]


def test_a_folder_that_is_gone_is_no_bug(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = f'rmdir "{gone}" && exec "$0" -P -m tidegate check'
    done = subprocess.run(
        ["/bin/sh", "-c", words, sys.executable],
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "the folder that you are in is gone" in done.stderr
