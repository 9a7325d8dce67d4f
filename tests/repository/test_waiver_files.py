"""policies/waivers/*.yaml → Waivers: each mistake with its place, all of them at once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.snapshots import snapshot
from tests.support.waivers import FILE, entry, waiver, waivers_file

from tidegate.domain.location import Location
from tidegate.domain.waiver import Subject, Waiver
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.configuration import load_configuration
from tidegate.repository.waivers import read_waivers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = "apiVersion: tidegate.dev/v1\n"
APP = HEAD + (
    "kind: App\nowners: [team]\nmodel: {0}\nimage: {0}\n"
    "metrics: [{{name: {1}, direction: higher}}]\n"
)
ENVIRONMENT = HEAD + "kind: Environment\npromotesFrom: {0}\ngates: {1}\nwaivers: {{maxDays: {2}}}\n"
FILES = {
    "apps/shop/app.yaml": APP.format("shop", "auc"),
    "apps/search/app.yaml": APP.format("search", "ndcg"),
    "environments/dev/environment.yaml": ENVIRONMENT.format("{alias: candidate}", "[]", 90),
    "environments/prod/environment.yaml": ENVIRONMENT.format(
        "{environment: dev}", "[{gate: sample_size, metric: rows, minimum: 5}]", 30
    ),
}
RULES = ("replicas", "image-digest")


def waivers(
    files: Mapping[str, str | bytes], rules: tuple[str, ...] | None = RULES
) -> tuple[Waiver, ...]:
    tree = snapshot(FILES | files)
    return read_waivers(tree, load_configuration(tree), NOW, rules)


def mistakes(
    files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None
) -> list[Problem]:
    tree = snapshot(FILES | files, links)
    configuration = load_configuration(tree)
    with pytest.raises(ConfigurationError) as caught:
        read_waivers(tree, configuration, NOW, RULES)
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def test_a_waiver_is_what_it_says() -> None:
    text = waivers_file(
        entry(),
        entry(id="w-2", rule="replicas", apps=None, environments=["prod"], versions=["3"],
              objects=["Deployment/*"], expires="2026-03-20T10:00:00+02:00"),
        entry(id="w-3", vulnerability="CVE-2024-3094", apps=["shop", "search"]),
    )  # fmt: skip
    first, second, third = waivers({FILE: text})
    assert first == waiver(expires=datetime(2026, 3, 12, tzinfo=UTC), where=Location(FILE, 4, 5))
    assert (second.subject, second.name, second.objects) == (
        Subject.RULE, "replicas", ("Deployment/*",)
    )  # fmt: skip
    assert (second.apps, second.environments, second.versions) == ((), ("prod",), ("3",))
    assert second.expires == datetime(2026, 3, 20, 8, tzinfo=UTC)
    assert (third.subject, third.apps) == (Subject.VULNERABILITY, ("shop", "search"))


def test_no_file_and_empty_files_are_no_waivers() -> None:
    assert waivers({}) == ()
    assert waivers({FILE: waivers_file(), "policies/waivers/README.md": "# Why\n"}) == ()


def test_waivers_of_all_files_come_by_file_and_line() -> None:
    found = waivers(
        {
            "policies/waivers/b.yaml": waivers_file(entry(id="b"), entry(id="c")),
            "policies/waivers/a.yaml": waivers_file(entry(id="z")),
        }
    )
    assert [each.id for each in found] == ["z", "b", "c"]


def test_what_has_expired_is_read_all_the_same() -> None:
    (found,) = waivers({FILE: waivers_file(entry(expires="2025-01-01"))})
    assert not found.active(NOW)


@pytest.mark.parametrize(
    "gate",
    ["champion", "champion:auc", "threshold:auc", "scan", "order", "render", "policy",
     "sample_size", "sample_size:rows"],
)  # fmt: skip
def test_gates_that_can_be_named(gate: str) -> None:
    (found,) = waivers({FILE: waivers_file(entry(gate=gate))})
    assert found.name == gate


def test_rules_are_only_known_to_those_who_know_them() -> None:
    text = waivers_file(entry(rule="replica"))
    (found,) = waivers({FILE: text}, rules=None)
    assert found.name == "replica"
    with pytest.raises(ConfigurationError):
        waivers({FILE: text}, rules=())


BIG = 10**400


@pytest.mark.parametrize(
    ("fields", "key", "words"),
    [
        # the waiver's fields, the key in it, words of: the message, what was expected, the nearest
        ({"gate": None}, "", ("lacks 'rule' or 'gate' or 'vulnerability'", "exactly one of")),
        ({"gate": "scan", "rule": "replicas"}, "", ("has 'rule', 'gate' together", "exactly one")),
        ({"apps": None}, "", ("lacks 'apps' or 'environments' or 'versions'",)),
        ({"apps": []}, ".apps", ("is empty",)),
        ({"apps": ["*"]}, ".apps[0]", ('is "*"', "without wildcards")),
        ({"environments": ["*"]}, ".environments[0]", ('is "*"', "without wildcards")),
        ({"versions": ["*"]}, ".versions[0]", ('is "*"', "without wildcards")),
        ({"apps": ["*"], "environments": ["dev"]}, ".apps[0]", ('is "*"',)),
        ({"apps": "shop"}, ".apps", ('is "shop"', "a list")),
        ({"apps": ["shop", "shop"]}, ".apps", ("has an item twice",)),
        ({"versions": [3]}, ".versions[0]", ("is 3", "text")),
        ({"versions": ["v3"]}, ".versions[0]", ('is "v3"', "in quotes")),
        ({"apps": ["shp"]}, ".apps[0]",
         ("names the app 'shp', which does not exist", "search, shop", "'shop'")),
        ({"environments": ["prd"]}, ".environments[0]",
         ("names the environment 'prd', which does not exist", "dev, prod", "'prod'")),
        ({"gate": "scam"}, ".gate", ("names the gate 'scam'", "champion", "'scan'")),
        ({"gate": "champion:acu"}, ".gate", ("names the gate 'champion:acu'", "'champion:auc'")),
        ({"gate": "champion:ndcg"}, ".gate", ("which does not exist",)),
        ({"gate": "scan:auc"}, ".gate", ("which does not exist",)),
        ({"gate": "hold"}, ".gate", ("names the gate 'hold', which can't be waived",)),
        ({"gate": "record"}, ".gate", ("can't be waived",)),
        ({"gate": "*"}, ".gate", ('is "*"', "such as scan")),
        ({"gate": ""}, ".gate", ('is ""',)),
        ({"rule": "replcas"}, ".rule", ("names the rule 'replcas'", "'replicas'")),
        ({"rule": "*"}, ".rule", ('is "*"', "a rule's name")),
        ({"vulnerability": "*"}, ".vulnerability", ('is "*"', "CVE-2024-3094")),
        ({"vulnerability": "CVE"}, ".vulnerability", ('is "CVE"',)),
        ({"objects": ["Deployment/shop"]}, ".objects", ("can't narrow the waiver of a gate",)),
        ({"rule": "replicas", "objects": ["*"]}, ".objects[0]", ('is "*"', "Kind/name")),
        ({"reason": None}, "", ("lacks 'reason'",)),
        ({"reason": ""}, ".reason", ('is ""', "why")),
        ({"reason": " \n"}, ".reason", ("why",)),
        ({"reason": "x" * 1001}, ".reason", ("longer than 1000",)),
        ({"approvedBy": " "}, ".approvedBy", ("who takes",)),
        ({"ticket": 7}, ".ticket", ("is 7", "text")),
        ({"ticket": None, "tickets": "SHOP-1"}, ".tickets", ("not a known key", "'ticket'")),
        ({"id": "a b"}, ".id", ('is "a b"',)),
        ({"id": "a\nb"}, ".id", ('is "a\\nb"',)),
        ({"id": "a\n"}, ".id", ('is "a\\n"',)),
        ({"id": "\x1b[31mred"}, ".id", ("u001b",)),
        ({"id": "[x](http://evil.example.com)"}, ".id", ("at most 100",)),
        ({"id": "x" * 101}, ".id", ("at most 100",)),
        ({"apps": ["shop\n"]}, ".apps[0]", ('is "shop\\n"',)),
        ({"apps": ["<b>"]}, ".apps[0]", ('is "<b>"',)),
        ({"gate": "champion:a\nb"}, ".gate", ('is "champion:a\\nb"',)),
        ({"expires": None}, "", ("lacks 'expires'",)),
        ({"expires": 20260331}, ".expires", ("is 20260331", "text")),
        ({"expires": "31.3.2026"}, ".expires", ('is "31.3.2026"', "2026-03-31")),
        ({"expires": "2026-03-31T18:00:00"}, ".expires", ("is ", "a time with its zone")),
        ({"expires": "2026-03-31T18:00"}, ".expires", ("is ", "a time with its zone")),
        ({"expires": "20260-01-01"}, ".expires", ("is ",)),
        ({"expires": "0001-01-01"}, ".expires", ("is ",)),
        ({"expires": "9999-12-31"}, ".expires", ("is ",)),
        ({"expires": BIG}, ".expires", ("is 1000",)),
        ({"expires": "2026-03-31\n"}, ".expires", ("is ",)),
        ({"expires": "2026-02-30"}, ".expires", ("no day or time that exists", "such as")),
        ({"expires": "2026-03-31T24:30:00Z"}, ".expires", ("no day or time that exists",)),
        ({"expires": "2026-04-01"}, ".expires",
         ("is '2026-04-01', but in prod a waiver ends at most 30 days from now",
          "2026-03-31 at the latest")),
        ({"expires": "2026-03-31T12:00:01Z"}, ".expires", ("2026-03-31T12:00:00Z at the latest",)),
        ({"expires": "2026-05-31", "environments": ["dev"]}, ".expires",
         ("in dev a waiver ends at most 90 days", "2026-05-30 at the latest")),
        ({"expires": "2999-12-31", "environments": ["dev", "prod"]}, ".expires", ("in prod",)),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place(
    fields: Mapping[str, Any], key: str, words: tuple[str, ...]
) -> None:
    found = mistakes({FILE: waivers_file(entry(**fields))})
    told, *_ = [each for each in found if each.key == f"waivers[0]{key}"]
    assert (told.file, told.line) == (FILE, 4)
    assert told.column >= 5
    text = str(told)
    for word in words:
        assert word in text
    assert "\n" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "fields",
    [{"expires": "2026-03-31"}, {"expires": "2026-03-31T12:00:00Z"},
     {"expires": "2026-05-30", "environments": ["dev"]}, {"expires": "2020-01-01"}],
)  # fmt: skip
def test_ends_that_are_near_enough(fields: Mapping[str, Any]) -> None:
    assert len(waivers({FILE: waivers_file(entry(**fields))})) == 1


def test_an_environment_may_allow_none() -> None:
    none = {"environments/prod/environment.yaml": ENVIRONMENT.format("{alias: x}", "[]", 0)}
    assert len(waivers({**none, FILE: waivers_file(entry(environments=["dev"]))})) == 1
    (told,) = mistakes({**none, FILE: waivers_file(entry())})
    assert told.key == "waivers[0]"
    assert "is for 'prod' too, which allows no waivers" in told.message
    (told,) = mistakes({**none, FILE: waivers_file(entry(environments=["dev", "prod"]))})
    assert told.key == "waivers[0].environments"


def test_every_mistake_of_every_file_comes_at_once() -> None:
    found = mistakes(
        {
            FILE: waivers_file(entry(), entry(id="w-2", gate=None), entry(apps=["shp"])),
            "policies/waivers/a.yaml": waivers_file(entry()),
            "policies/waivers/b.yaml": "- [",
            "policies/waivers/c.yaml": "",
            "policies/waivers/d.yaml": HEAD + "kind: Waiver\nwaivers: {}\n",
        }
    )
    places = [(each.file.rpartition("/")[2], each.line, each.key) for each in found]
    assert places == [
        ("b.yaml", 2, ""),
        ("c.yaml", 1, ""),
        ("d.yaml", 2, "kind"),
        ("d.yaml", 3, "waivers"),
        ("serving.yaml", 4, "waivers[0].id"),
        ("serving.yaml", 5, "waivers[1]"),
        ("serving.yaml", 6, "waivers[2].id"),
        ("serving.yaml", 6, "waivers[2].apps[0]"),
    ]
    assert found[4].message == "says 'w-1' again; the first is at policies/waivers/a.yaml:4:6"


def test_what_looks_like_a_file_of_waivers_and_is_none_is_told() -> None:
    found = mistakes(
        {
            "policies/waivers/team/x.yaml": waivers_file(),
            "policies/waivers/x.yml": waivers_file(),
            "policies/waivers/a b\n.yaml": waivers_file(),
        },
        links={"policies/waivers/link.yaml": "../../secret"},
    )
    assert [(each.file.rpartition("/")[2], each.message) for each in found] == [
        ("a b\n.yaml", "is not a name that can be used"),
        ("link.yaml", "is a folder, a symbolic link or a submodule"),
        ("team", "is a folder, a symbolic link or a submodule"),
        ("x.yml", "is not a name that can be used"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "kind: Waivers\nwaivers: &a [*a]\n", "uses the alias"),
        (HEAD + "kind: Waivers\nwaivers: " + "[" * 500, "nested more than 64 levels"),
        (HEAD + "kind: Waivers\nwaivers: []\nwaivers: []\n", "is a duplicate key"),
        (HEAD + "kind: Waivers\nwaivers:\n\t- id: x\n", "never with tabs"),
        (HEAD + "kind: Waivers\nwaivers: [null, 7, [], '']\n", "is null"),
        (b"\xff\xfe", "is not UTF-8"),
        ("a: \x00", "control character"),
        (HEAD + "kind: Waivers\nwaivers: []\nmore: 1\n", "is not a known key"),
    ],
)
def test_hostile_files_end_in_a_problem(text: str | bytes, message: str) -> None:
    assert any(message in each.message for each in mistakes({FILE: text}))


def test_ten_thousand_waivers_are_refused_soon() -> None:
    many = [entry(id=f"w-{n}") for n in range(10_000)]
    (told,) = mistakes({FILE: waivers_file(*many)})
    assert "MiB large" in told.message
    short = [f"  - {{id: w{n}, gate: scan, apps: [shop], reason: r, approvedBy: a, ticket: t,"
             " expires: 2026-03-05}\n" for n in range(10_000)]  # fmt: skip
    (told,) = mistakes({FILE: f"{HEAD}kind: Waivers\nwaivers:\n{''.join(short)}"[:1_000_000]})
    assert "more than 50,000 YAML elements" in told.message
    found = mistakes({FILE: waivers_file(*(entry(id=f"w-{n}") for n in range(1001)))})
    assert [each.message for each in found] == ["has more than 1000 items"]
    assert len(waivers({FILE: waivers_file(*many[:1000])})) == 1000


def test_a_thousand_slips_are_all_told() -> None:
    # Without a bound on how often names are compared, this would take minutes.
    known = {f"apps/app-{n}/app.yaml": APP.format("m", "auc") for n in range(300)}
    wrong = [entry(id=f"w-{n}", apps=[f"app-x-{n}"], gate=f"scan:{n}") for n in range(1000)]
    before = time.process_time()
    found = mistakes({**known, FILE: waivers_file(*wrong)})
    assert len(found) == 2000
    assert sum(each.nearest is not None for each in found) <= 100
    assert time.process_time() - before < 60


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*entry(), "rule", "x"]), inner, max_size=9),
    max_leaves=20,
))  # fmt: skip
def test_whatever_stands_there_is_read_or_refused(value: Any) -> None:
    for text in (waivers_file(value), waivers_file({**entry(), "expires": value}),
                 waivers_file({**entry(), "apps": value})):  # fmt: skip
        with contextlib.suppress(ConfigurationError):
            waivers({FILE: text})
