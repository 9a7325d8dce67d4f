"""Release records: written the same each time, read back as they were, hand edits found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tidegate.domain.image import ImageRef
from tidegate.domain.release import PreviousRelease, Release
from tidegate.errors import ConfigurationError, InputError, Problem, TidegateError
from tidegate.repository.release import evidence_digest, format_release, parse_release
from tidegate.repository.schemas import schema

DIGEST = "sha256:" + "1" * 64
IMAGE = ImageRef("registry.example.com/shop/recommender", "1.4.0", DIGEST)
RELEASE = Release(
    "recommender",
    "prod",
    "recommender",
    "4",
    "8f3c",
    IMAGE,
    {"gates": [{"gate": "order", "status": "passed"}], "metrics": {"ndcg": 0.41, "lr": 1e-05}},
    PreviousRelease("recommender", "3", replace(IMAGE, tag="1.3.9")),
)
TEXT = f"""\
# Written by tidegate; changes by hand are reported and block promotion.
# yaml-language-server: $schema=../../../policies/schemas/release.json
apiVersion: tidegate.dev/v1
kind: Release
app: "recommender"
environment: "prod"
model:
  name: "recommender"
  version: "4"
  run: "8f3c"
image:
  name: "registry.example.com/shop/recommender"
  tag: "1.4.0"
  digest: "{DIGEST}"
evidence:
  digest: "{evidence_digest(RELEASE.evidence)}"
  gates:
    - gate: "order"
      status: "passed"
  metrics:
    ndcg: 0.41
    lr: 1.0e-05
previous:
  model: "recommender"
  version: "3"
  image:
    name: "registry.example.com/shop/recommender"
    tag: "1.3.9"
    digest: "{DIGEST}"
"""

_texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["---", "\x85\u2028\u2029\ufeff\ufffe", "🚀", "a\r\nb", "<<", "yes", "~", "1e3"]
    ),
)
_json: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=10,
)
_keys = _texts.filter(lambda key: key != "digest")
_images = st.builds(
    ImageRef,
    st.sampled_from(["recommender", "registry.example.com:5000/shop/recommender"]),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True),
    st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
)
_models = _texts.filter(bool)
_versions = st.integers(1, 10**9).map(str)
_names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?", fullmatch=True)
_releases = st.builds(
    Release,
    app=_names,
    environment=_names,
    model=_models,
    version=_versions,
    run_id=st.none() | _models,
    image=_images,
    evidence=st.dictionaries(_keys, _json, max_size=4),
    previous=st.none() | st.builds(PreviousRelease, _models, _versions, _images),
)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        parse_release("release.yaml", text.encode())
    return caught.value.problems


def test_the_text_is_this() -> None:
    assert format_release(RELEASE).decode() == TEXT
    assert parse_release("release.yaml", TEXT.encode()) == RELEASE


def test_what_a_release_does_not_have_is_absent() -> None:
    first = replace(RELEASE, run_id=None, previous=None, evidence={})
    text = format_release(first).decode()
    assert "run:" not in text
    assert "previous:" not in text
    assert parse_release("release.yaml", text.encode()) == first


@given(_releases)
def test_a_release_is_read_back_as_it_was_written(release: Release) -> None:
    data = format_release(release)
    assert parse_release("release.yaml", data) == release
    assert format_release(parse_release("release.yaml", data)) == data


@given(_releases)
def test_other_yaml_readers_see_the_same(release: Release) -> None:
    content = yaml.safe_load(format_release(release))
    written = content["evidence"].pop("digest")
    assert content["evidence"] == release.evidence
    assert evidence_digest(content["evidence"]) == written
    assert (content["model"]["name"], content["model"]["version"]) == (
        release.model,
        release.version,
    )


def test_keys_longer_than_yaml_takes_survive() -> None:
    evidence = {"k" * 2000: {"é" * 1100: [{"x" * 1024: 1}]}}
    release = replace(RELEASE, evidence=evidence)
    assert parse_release("release.yaml", format_release(release)) == release


def test_the_evidence_digest_does_not_depend_on_order_but_on_every_value() -> None:
    digest = evidence_digest({"a": 1, "b": ["é", 1.0]})
    assert digest == evidence_digest({"b": ["é", 1.0], "a": 1})
    assert digest != evidence_digest({"a": 1, "b": ["é", 1]})
    assert evidence_digest({}) == (
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )


@pytest.mark.parametrize(
    "release",
    [
        replace(RELEASE, evidence={"x": float("nan")}),
        replace(RELEASE, evidence={"x": [float("-inf")]}),
        replace(RELEASE, evidence={"x": object()}),
        replace(RELEASE, evidence={"x": "\ud800"}),
        replace(RELEASE, evidence={"digest": "mine"}),
        replace(RELEASE, model="half a \ud83d"),
        replace(RELEASE, image=ImageRef("recommender", "1", None)),
        replace(RELEASE, image=ImageRef("Not A Name", "1", DIGEST)),
        replace(RELEASE, version="four"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(release: Release) -> None:
    with pytest.raises(TidegateError):
        format_release(release)


@pytest.mark.parametrize(
    "release",
    [
        replace(RELEASE, run_id=""),
        replace(RELEASE, model=""),
        replace(RELEASE, version="04"),
        replace(RELEASE, version="0"),
        replace(RELEASE, version="1\n"),
        replace(RELEASE, version="١"),
        replace(RELEASE, version="1" * 20),
        replace(RELEASE, image=replace(IMAGE, tag="a b")),
        replace(RELEASE, image=replace(IMAGE, tag="1.4.0\n")),
        replace(RELEASE, image=replace(IMAGE, name="x" * 256)),
        replace(RELEASE, image=replace(IMAGE, digest="sha256:12")),
        replace(RELEASE, previous=PreviousRelease("m", "1", replace(IMAGE, tag="a b"))),
        replace(RELEASE, evidence={"many": {f"k{n}": n for n in range(60_000)}}),
        replace(RELEASE, evidence={"long": "x" * 2**20}),
    ],
)
def test_what_the_schema_refuses_is_not_written_either(release: Release) -> None:
    with pytest.raises(InputError):
        format_release(release)


def test_half_a_surrogate_pair_is_the_users_problem() -> None:
    with pytest.raises(InputError, match="surrogate"):
        format_release(replace(RELEASE, model="half a \ud83d"))


def test_evidence_edited_by_hand_is_found() -> None:
    (found,) = problems(TEXT.replace("ndcg: 0.41", "ndcg: 0.51"))
    assert (found.line, found.key) == (15, "evidence")
    assert "edited by hand" in found.message


def test_infinity_written_by_hand_is_found() -> None:
    (found,) = problems(TEXT.replace("ndcg: 0.41", "ndcg: .inf"))
    assert (found.line, found.key) == (21, "evidence.metrics.ndcg")


BREAKAGES = [
    ('version: "4"', "version: 4", 9, "model.version"),
    ('version: "4"', 'version: "04"', 9, "model.version"),
    ('  run: "8f3c"', "  run: 7", 10, "model.run"),
    ('  run: "8f3c"', "  run:", 10, "model.run"),
    ('  run: "8f3c"', '  ran: "8f3c"', 10, "model.ran"),
    ('app: "recommender"', 'app: "../x"', 5, "app"),
    ('environment: "prod"\n', "", 3, ""),
    ("kind: Release", "kind: App", 4, "kind"),
    ("tidegate.dev/v1", "tidegate.dev/v2", 3, "apiVersion"),
    ('tag: "1.4.0"', 'tag: "a b"', 13, "image.tag"),
    (f'"{DIGEST}"\nevidence', '"sha256:12"\nevidence', 14, "image.digest"),
    (f'"{DIGEST}"\nevidence', "\nevidence", 14, "image.digest"),
    ('  model: "recommender"\n', "", 23, "previous"),
    ('  version: "3"', "  version: [3]", 25, "previous.version"),
]


@pytest.mark.parametrize(("old", "new", "line", "key"), BREAKAGES)
def test_hand_edits_are_told_with_their_place(old: str, new: str, line: int, key: str) -> None:
    assert TEXT.count(old) == 1
    (found,) = problems(TEXT.replace(old, new))
    assert (found.key, found.file) == (key, "release.yaml")
    assert found.line == line or not key


@pytest.mark.parametrize(("old", "new", "line", "key"), BREAKAGES)
def test_the_published_schema_says_the_same(old: str, new: str, line: int, key: str) -> None:
    validator = Draft202012Validator(schema("release"))
    assert validator.is_valid(yaml.safe_load(TEXT))
    assert not validator.is_valid(yaml.safe_load(TEXT.replace(old, new)))


def test_a_slip_gets_the_nearest_known_key() -> None:
    (found,) = problems(TEXT.replace("previous:", "previus:"))
    assert found.nearest == "previous"


@pytest.mark.parametrize("name", ["UPPER", "a//b", "a b", "x:1", f"x@{DIGEST}", "a\n"])
def test_an_image_name_that_is_none_is_found(name: str) -> None:
    written = json.dumps(name)
    text = TEXT.replace('"registry.example.com/shop/recommender"', written, 1)
    (found,) = problems(text)
    assert (found.line, found.key) == (12 if found.key != "image" else 11, found.key)
    assert found.key.startswith("image")


@pytest.mark.parametrize(
    "value", ['app: "recommender"', '"prod"', '"4"', '"3"', '"1.4.0"', f'"{DIGEST}"\nevidence']
)
def test_a_newline_behind_a_value_is_refused(value: str) -> None:
    text = TEXT.replace(value, value[::-1].replace('"', '"n\\', 1)[::-1])
    assert len(problems(text)) == 1


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema("release"))
    assert schema("release")["$id"] == "https://tidegate.dev/schemas/release.json"


@pytest.mark.parametrize("data", [b"", b"- a\n", b"text", b"\xff", b"a: *b\n", b"[" * 100_000])
def test_anything_else_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse_release("release.yaml", data)
