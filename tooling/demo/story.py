"""The demo's transcript, step by step."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from demo.registry import ALIAS, MODEL, Registry
from demo.stage import Stage
from demo.transcript import Transcript
from demo.versions import ADVISORIES, Version

REFUSED = 1


def introduce(transcript: Transcript, versions: Sequence[Version]) -> None:
    """What there is before the first command."""
    transcript.heading("Four versions of a model that reads handwritten digits")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("version", "trained as", "Pillow"):
        table.add_column(name, no_wrap=True)
    for name in ("accuracy", "log loss"):
        table.add_column(name, justify="right", no_wrap=True)
    for version in versions:
        metrics = version.trained.metrics
        table.add_row(
            str(version.number),
            version.trained.recipe.summary,
            version.pillow,
            f"{metrics['accuracy']:.4f}",
            f"{metrics['log_loss']:.4f}",
        )
    transcript.show(table)
    examples = int(versions[0].trained.metrics["example_count"])
    transcript.say(
        f"Trained just now on scikit-learn's digits, and evaluated on {examples} others."
    )
    transcript.say("An image holds the model file and the metadata of its Python packages (one of")
    transcript.say(
        "them is Pillow), and nothing that runs. Trivy is the real one; its database was"
    )
    transcript.say(f"made on the spot, of {len(ADVISORIES)} real advisories.")


def tell(transcript: Transcript, registry: Registry) -> None:
    """Runs every command. Raises DemoFailed where one doesn't do what it should."""
    transcript.heading("Version 1 goes all the way: each promotion is one commit on main")
    _propose(transcript, registry, 1)
    for environment in ("dev", "staging", "prod"):
        transcript.run("tidegate", "promote", MODEL, "--to", environment)

    transcript.heading("Version 2 is better; look at the champion gate")
    _propose(transcript, registry, 2)
    transcript.run("tidegate", "promote", MODEL, "--to", "dev")

    transcript.heading("Straight into prod? The order gate refuses: staging comes first")
    transcript.run("tidegate", "promote", MODEL, "--to", "prod", "--version", "2", expected=REFUSED)

    transcript.heading("So it takes the way through staging; a reason goes into the commit")
    transcript.run("tidegate", "promote", MODEL, "--to", "staging")
    last = ("tidegate", "promote", MODEL, "--to", "prod", "--reason", "misreads half as many")
    transcript.run(*last)

    transcript.heading("The same command again: already there, nothing to do")
    transcript.run(*last)

    transcript.heading("Version 3 is worse than what runs: the champion gate refuses")
    _propose(transcript, registry, 3)
    transcript.run("tidegate", "promote", MODEL, "--to", "dev", expected=REFUSED)

    transcript.heading("Version 4 is the best, but its image isn't safe: the scan refuses")
    _propose(transcript, registry, 4)
    transcript.run("tidegate", "promote", MODEL, "--to", "dev", expected=REFUSED)

    transcript.heading("What ran where, since when, and who brought it there")
    transcript.run("tidegate", "history", MODEL)
    transcript.say("")
    transcript.say("recommender, the other sample app, waits for a model of yours:")
    transcript.run("tidegate", "status")

    transcript.heading("All of it is plain Git: six promotions, six commits")
    transcript.say(
        f"What was judged is in environments/prod/{MODEL}/release.yaml, beside the overlay."
    )
    transcript.run("git", "pull", "--quiet", "--ff-only")
    transcript.run("git", "log", "--oneline")
    overlay = f"environments/prod/{MODEL}/kustomization.yaml"
    transcript.run("git", "show", "--format=fuller", "HEAD", "--", overlay)


def conclude(transcript: Transcript, stage: Stage, seconds: float) -> None:
    """What to try next; every line can be pasted as it is."""
    transcript.heading(f"Done in {seconds:.0f} s. Now you:")
    transcript.say("Version 5 is version 4 in an image built again, on a Pillow without the flaw.")
    launcher = shlex.quote(_relative(stage.launcher))
    transcript.say("")
    transcript.say(f"  {launcher} promote {MODEL} --to dev --version 5 --dry-run")
    transcript.say(f"  {launcher} promote {MODEL} --to dev --version 5")
    transcript.say(f"  {launcher} history {MODEL} --env dev")
    transcript.say("")
    transcript.say("No cluster took part. docs/going-live.md takes such a repository to one.")


def _propose(transcript: Transcript, registry: Registry, version: int) -> None:
    """The training pipeline's part: it moves the alias."""
    transcript.say("First the training pipeline proposes it:")
    transcript.step(">>>", f'client.set_registered_model_alias("{MODEL}", "{ALIAS}", "{version}")')
    registry.propose(version)


def _relative(path: Path) -> str:
    """The path as one types it here; with a slash, so that a shell takes it for a path."""
    text = os.path.relpath(path)
    return text if os.sep in text else os.path.join(os.curdir, text)  # noqa: PTH118
