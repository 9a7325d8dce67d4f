"""python -m tests.support.record writes down what a real API server says, for machines that have
none: what each function gives, and how it completes the samples."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import yaml
from tests.support.admission import FOLDER, documents, load, said
from tests.support.apiserver import start
from tests.support.probes import objects, policies

SPACE = {"name": "probes", "labels": {"level": "one"}}


def main() -> None:
    """Starts a server, asks it, and writes two files beside the policies."""
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as server:
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": SPACE}
        for item in (space, *documents("definitions.yaml")):
            server.send(item, dry_run=False)
        load(server, list(policies()))
        functions = {}
        for item in objects():
            answer = said(server.send(item, "probes"))
            assert answer is not None
            functions[item["metadata"]["name"]] = sorted(message for _, message in answer[0])
        load(server, [])
        answers = [server.send(item) for item in documents("samples.yaml")]
    text = json.dumps(functions, ensure_ascii=False, indent=0)
    (FOLDER / "recorded-functions.json").write_text(text + "\n", "utf-8")
    bodies = [dict(answer.body) if answer.accepted else None for answer in answers]
    for body in filter(None, bodies):
        body["metadata"].pop("managedFields", None)
    recorded = yaml.safe_dump_all(bodies, sort_keys=True)
    (FOLDER / "recorded-samples.yaml").write_text(recorded, "utf-8")


if __name__ == "__main__":
    main()
