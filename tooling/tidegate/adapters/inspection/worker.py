"""A process of its own that inspects overlays: it may be killed, and takes nobody with it.

Started as `python -P -m tidegate.adapters.inspection.worker`. The first frame on standard input is
the limit of memory, with the Rulebook and the versions of Kubernetes to be ready for; each one
after it is a list of questions, answered by one frame with as many Inspections, and None asks what
is wrong with the Rulebook. Questions come pickled, from our own parent; answers go out as JSON, for
what looks at hostile documents must not be trusted with more.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from tidegate.adapters.inspection.pipe import Closed, read_frame, write_frame
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Inspection
from tidegate.domain.manifest import Broken, Built, Manifest, Rendered
from tidegate.errors import ConfigurationError, Problem
from tidegate.policy.examination import Examination
from tidegate.policy.outline import RULE_NAMES
from tidegate.policy.record import dump_inspections
from tidegate.repository.rendered import read_some

if TYPE_CHECKING:
    from tidegate.domain.custom_kind import CustomKind

# What is read goes with each question, and little of it in circles.
_NEW_OBJECTS = 50_000


def main() -> None:
    """Answers until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act upon
    # What anything prints goes to standard error: standard output is the parent's alone.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "rb", buffering=0)
    gc.set_threshold(_NEW_OBJECTS)
    with contextlib.suppress(ImportError):  # who needs it will say so
        import_module("jsonschema_rs")  # while nobody waits for us
    try:
        memory, setup = pickle.loads(read_frame(questions))  # noqa: S301 from our parent
        _limit(memory)
        rulebook, versions = setup
        examination = Examination(rulebook)
        examination.expect(versions)
        gc.freeze()
        while True:
            asked = pickle.loads(read_frame(questions))  # noqa: S301 from our parent
            found: list[Inspection | Broken]
            if asked is None:  # what is wrong with the rules themselves
                found = [Broken("", examination.problems)]
            else:
                found = [_guarded(examination, built, context) for built, context in asked]
            write_frame(answers, dump_inspections(found))
    except Closed:
        return


def _guarded(examination: Examination, built: Built, context: RuleContext) -> Inspection | Broken:
    try:
        return _inspect(examination, built, context)
    except MemoryError:
        raise  # the parent says so
    except Exception as error:  # noqa: BLE001 a fault of ours must hide no other overlay
        from traceback import extract_tb

        place = extract_tb(error.__traceback__)[-1]
        name = f"{type(error).__name__} in {os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119
        message = f"can't be checked, for a bug of Tidegate's: {name}; please report it"
        return Broken(built.overlay, (Problem.whole(built.overlay, message),))


def _inspect(examination: Examination, built: Built, context: RuleContext) -> Inspection | Broken:
    try:
        manifests, problems = read_some(built)
    except ConfigurationError as error:
        return Broken(built.overlay, error.problems)
    if problems and not manifests:
        return Broken(built.overlay, problems)
    environment = context.environment.name if context.environment else None
    rendered = Rendered(built.overlay, manifests, environment, context.app)
    found = examination.inspect(rendered, context, _kinds_beside(manifests))
    if not problems:
        return found
    # What other objects lack may be in those that can't be read.
    alone = tuple(v for v in found.violations if v.rule not in RULE_NAMES)
    return replace(found, violations=alone, facts={}, problems=problems)


def _kinds_beside(manifests: Sequence[Manifest]) -> Sequence[CustomKind]:
    """The custom kinds that it brings along: few bring any, and few of us load what reads them."""
    if all(manifest.id.kind != "CustomResourceDefinition" for manifest in manifests):
        return ()
    from tidegate.repository.crds import kinds_beside

    return kinds_beside(manifests)


def _limit(memory: int) -> None:
    """Where the system can: more memory than that is refused, and ends this process alone."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
