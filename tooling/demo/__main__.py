"""`python -m demo`: the main job on embedded defaults, under .demo/."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.stage import Stage, check_tools, clear, publish_repository, write_launcher
from demo.story import conclude, introduce, tell
from demo.transcript import DemoFailed, Transcript
from tidegate.errors import TidegateError

_SOURCE = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo; 0 where every command did what it should, 1 where one didn't."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where it works")
    folder: Path = parser.parse_args(arguments).folder
    try:
        _run(folder)
    except DemoFailed as error:
        return _fail(str(error))
    except TidegateError as error:
        return _fail(f"{error.message}; {error.hint}" if error.hint else error.message)
    except OSError as error:
        return _fail(f"{error.filename or folder}: {error.strerror}")
    except KeyboardInterrupt:
        return 130
    return 0


def _run(folder: Path) -> None:
    from demo.registry import Registry
    from demo.versions import register_versions, write_vulnerabilities

    started = time.monotonic()
    check_tools(Stage(folder).environment())
    stage = clear(folder)
    console = Console(highlight=False)
    transcript = Transcript(console, folder=stage.repository, environment=stage.environment())
    transcript.say(f"Making a Git remote, a model registry and images in {folder}/ …")
    registry = Registry(stage.folder)
    versions = register_versions(stage, registry)
    write_vulnerabilities(stage)
    publish_repository(stage, _SOURCE, registry_uri=registry.uri)
    write_launcher(stage)
    introduce(transcript, versions[:-1])
    tell(transcript, registry)
    conclude(transcript, stage, time.monotonic() - started)


def _fail(message: str) -> int:
    print(f"\ndemo: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
