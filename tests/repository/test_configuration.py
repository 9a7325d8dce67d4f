"""Files → Configuration: each mistake with its place, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.snapshots import snapshot

from tidegate.domain.configuration import Configuration
from tidegate.domain.control_plane import Authorities
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.configuration import load_configuration
from tidegate.repository.hold import read_holds

ROOT = Path(__file__).resolve().parents[2]
HEAD = "apiVersion: tidegate.dev/v1\n"
APP = (
    HEAD + "kind: App\nowners: [team]\nmodel: shop\nimage: shop\n"
    "metrics:\n  - {name: auc, direction: higher}\n  - {name: loss, direction: lower}\n"
)
DEV = HEAD + "kind: Environment\npromotesFrom: {alias: candidate}\ngates: []\n"
PROD = HEAD + "kind: Environment\npromotesFrom: {environment: dev}\ngates: []\n"
FILES = {
    "apps/shop/app.yaml": APP,
    "environments/dev/environment.yaml": DEV,
    "environments/prod/environment.yaml": PROD,
    "environments/prod/shop/kustomization.yaml": "resources: []\n",
}


def load(files: Mapping[str, str | bytes | None]) -> Configuration:
    return load_configuration(snapshot(FILES | files))


def mistakes(
    files: Mapping[str, str | bytes | None], links: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(snapshot(FILES | files, links))
    assert caught.value.exit_code == 2
    return caught.value.problems


def mistake(files: Mapping[str, str | bytes | None]) -> Problem:
    (found,) = mistakes(files)
    return found


def env(gates: str, source: str = "{alias: candidate}") -> str:
    return f"{HEAD}kind: Environment\npromotesFrom: {source}\ngates:\n{gates}"


GATE_FILE = "policies/gates/common.yaml"
DEV_FILE, PROD_FILE = "environments/dev/environment.yaml", "environments/prod/environment.yaml"
SHOP = "apps/shop/app.yaml"


def test_the_repositorys_own_files_are_right() -> None:
    paths = [Path("tidegate.yaml")]
    for folder in ("apps", "environments", "policies"):
        found = (ROOT / folder).rglob("*")
        paths += [p.relative_to(ROOT) for p in found if p.is_file() and p.suffix != ".json"]
    configuration = load_configuration(
        snapshot({p.as_posix(): (ROOT / p).read_bytes() for p in paths})
    )
    assert set(configuration.apps) == {"digits", "recommender"}
    assert [e.name for e in configuration.in_order()] == ["dev", "staging", "prod"]
    for app in configuration.apps.values():
        gates = configuration.gates(app, configuration.environments["prod"])
        assert {"order", "render", "scan", "sample_size"} <= {gate.key for gate in gates}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        # file, line, column, key path, words of the message, of what was expected, nearest name
        (SHOP, APP + "owner: x\n", (9, 1, "owner", "not a known key", "owners", "owners")),
        (SHOP, APP.replace("owners: [team]", "owners: team"), (3, 1, "owners", '"team"', "a list")),
        (SHOP, APP.replace("[team]", "[]"), (3, 1, "owners", "is empty", "teams or people")),
        (SHOP, APP.replace("model: shop", "model: 7"), (4, 1, "model", "is 7", "text")),
        (SHOP, APP.replace("model: shop", "model:"), (4, 1, "model", "is null", "text")),
        (SHOP, APP.replace("higher", "highr"),
         (7, 17, "metrics[0].direction", '"highr"', "higher, lower", "higher")),
        (SHOP, APP.replace("name: loss", "name: auc"),
         (8, 5, "metrics[1]", "'auc' again; the first is on line 7")),
        (SHOP, APP.replace("App", "Ap"), (2, 1, "kind", '"Ap"', "'App'", "App")),
        (SHOP, APP.replace("v1", "v2"), (1, 1, "apiVersion", "v2", "tidegate.dev/v1",
                                         "tidegate.dev/v1")),
        (SHOP, APP.replace("image: shop\n", ""), (1, 1, "", "lacks 'image'")),
        (SHOP, APP + "model: y\n", (9, 1, "model", "duplicate key; the first is on line 4")),
        (SHOP, APP + 'labels: {"bad key": x}\n', (9, 10, "labels.bad key", "not a name", "label")),
        (SHOP, APP + "labels: {tier: 1}\n", (9, 10, "labels.tier", "is 1", "text")),
        (SHOP, "", (1, 1, "", "is null", "a mapping")),
        (SHOP, "- a\n", (1, 1, "", "is [", "a mapping")),
        (SHOP, "a: [\n", (2, 1, "", "not valid YAML")),
        (SHOP, APP + "gates: [{gate: champion, metric: ucc}]\n",
         (9, 26, "gates[0].metric", "'ucc', which the app 'shop' does not", "auc, loss", "auc")),
        (SHOP, APP + "gates: [{gate: order, environments: [prodd]}]\n",
         (9, 9, "gates[0].environments", "'prodd', which does not exist", "dev, prod", "prod")),
        (SHOP, APP + "gates: [{gate: order}, {gate: order}]\n",
         (9, 24, "gates[1]", "sets the gate 'order' again; the first is on line 9")),
        (SHOP, APP + "gates: [{gate: order, environments: [dev, prod]},"
         " {gate: order, environments: [prod]}]\n", (9, 51, "gates[1]", "again")),
        (SHOP, APP + "gates: [{use: common}]\n", (9, 9, "gates[0]", "lacks 'gate'")),
        (DEV_FILE, env("  - {gate: treshold, metric: auc, minimum: 1}\n"),
         (5, 6, "gates[0].gate", '"treshold"', "threshold, champion", "threshold")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimun: 1, maximum: 2}\n"),
         (5, 36, "gates[0].minimun", "not a known key", "minimum", "minimum")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc}\n"),
         (5, 5, "gates[0]", "lacks 'minimum' or 'maximum'")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: '1'}\n"),
         (5, 36, "gates[0].minimum", '"1"', "a number: 1.0, without quotes")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: 1e-9}\n"),
         (5, 36, "gates[0].minimum", '"1e-9"', "a number: 1.0e-09, without quotes")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: 1e-3}\n"),
         (5, 36, "gates[0].minimum", '"1e-3"', "a number: 0.001, without quotes")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: nan}\n"),
         (5, 36, "gates[0].minimum", '"nan"', "a number")),
        (DEV_FILE, env("  - {gate: sample_size}\n"),
         (5, 5, "gates[0]", "lacks 'minimum'", "the least number of examples")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: true}\n"),
         (5, 36, "gates[0].minimum", "true", "a number")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, minimum: .nan}\n"),
         (5, 36, "gates[0].minimum", "NaN", "a finite number")),
        (DEV_FILE, env("  - {gate: threshold, metric: auc, maximum: .inf}\n"),
         (5, 36, "gates[0].maximum", "Infinity", "a finite number")),
        (DEV_FILE, env(f"  - {{gate: threshold, metric: auc, maximum: {10**400}}}\n"),
         (5, 36, "gates[0].maximum", "1000", "a finite number")),
        (DEV_FILE, env("  - {gate: champion, margin: {absolute: .inf}}\n"),
         (5, 31, "gates[0].margin.absolute", "Infinity", "a finite number")),
        (DEV_FILE, env("  - {gate: champion, margin: {absolute: -1}}\n"),
         (5, 31, "gates[0].margin.absolute", "less than 0", "how much worse")),
        (DEV_FILE, env("  - {gate: champion, margin: {relative: 2}}\n"),
         (5, 31, "gates[0].margin.relative", "more than 1", "one per cent")),
        (DEV_FILE, env("  - {gate: champion, margin: {}}\n"),
         (5, 22, "gates[0].margin", "is empty", "absolute or relative")),
        (DEV_FILE, env("  - {gate: champion, margin: {relative: 0.1, absolute: 1}}\n"),
         (5, 22, "gates[0].margin", "more than one key", "absolute or relative")),
        (DEV_FILE, env("  - {gate: scan, highest: SEVERE}\n"),
         (5, 18, "gates[0].highest", '"SEVERE"', "NONE, LOW, MEDIUM, HIGH, CRITICAL")),
        (DEV_FILE, env("  - {gate: scan, highest: LOW, maxDatabaseAge: 48}\n"),
         (5, 32, "gates[0].maxDatabaseAge", "48", "text")),
        (DEV_FILE, env("  - {gate: scan, highest: LOW, maxDatabaseAge: 2w}\n"),
         (5, 32, "gates[0].maxDatabaseAge", "2w", "a duration")),
        (DEV_FILE, env("  - {gate: sample_size, minimum: 0}\n"),
         (5, 25, "gates[0].minimum", "less than 1", "examples")),
        (DEV_FILE, env("  - {gate: sample_size, minimum: 1.5}\n"),
         (5, 25, "gates[0].minimum", "1.5", "a whole number")),
        (DEV_FILE, env("  - {gate: order, environments: [prod]}\n"),
         (5, 19, "gates[0].environments", "never applies here", "'dev'")),
        (DEV_FILE, env("  - {gate: order}\n  - {gate: order}\n"),
         (6, 5, "gates[1]", "again; the first is at environments/dev/environment.yaml:5:5")),
        (DEV_FILE, env("  - {use: comon}\n"),
         (5, 6, "gates[0].use", "'comon', which does not exist", "comon.yaml", "common")),
        (DEV_FILE, env("  - {use: common, gate: order}\n"),
         (5, 19, "gates[0].gate", "not a known key", "use")),
        (DEV_FILE, env("  - order\n"), (5, 5, "gates[0]", '"order"', "a mapping")),
        (DEV_FILE, env("  []\n", "{}"), (3, 1, "promotesFrom", "is empty", "an alias")),
        (DEV_FILE, env("  []\n", "{alias: a, environment: prod}"),
         (3, 1, "promotesFrom", "more than one key", "an alias")),
        (DEV_FILE, env("  []\n", "{alias: 'a b'}"),
         (3, 16, "promotesFrom.alias", '"a b"', "alias")),
        (DEV_FILE, env("  []\n", "{environment: dev}"),
         (3, 16, "promotesFrom.environment", "from itself", "another environment")),
        (DEV_FILE, env("  []\n", "{environment: prd}"),
         (3, 16, "promotesFrom.environment", "'prd', which does not exist", "prod", "prod")),
        ("tidegate.yaml", HEAD + "kind: Settings\ngit: {remot: x}\n",
         (3, 7, "git.remot", "not a known key", "remote", "remote")),
        ("tidegate.yaml", HEAD + "kind: Settings\ngit: {branch: -x}\n",
         (3, 7, "git.branch", '"-x"', "branch")),
        ("tidegate.yaml", HEAD + "kind: Settings\nmodelRegistry: {uri: 'file:///x'}\n",
         (3, 17, "modelRegistry.uri", "file:///x", "MLflow")),
        ("tidegate.yaml", HEAD + "kind: Settings\nmodelRegistry: {timeout: .nan}\n",
         (3, 17, "modelRegistry.timeout", "NaN", "a finite number")),
        ("tidegate.yaml", HEAD + "kind: Settings\nscanner: {offline: 'yes'}\n",
         (3, 11, "scanner.offline", '"yes"', "true or false")),
        (GATE_FILE, HEAD + "kind: GateSet\ngates:\n  - {gate: order, environments: [prdo]}\n",
         (4, 5, "gates[0].environments", "'prdo', which does not exist", "dev, prod", "prod")),
        (GATE_FILE, HEAD + "kind: GateSet\ngates:\n  - {use: common}\n",
         (4, 5, "gates[0]", "lacks 'gate'")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    path: str, text: str, expected: tuple[int | str, ...]
) -> None:
    common = HEAD + "kind: GateSet\ngates: []\n"
    line, column, key, message, *rest = expected
    found = mistake({GATE_FILE: common, path: text})
    assert (found.file, found.line, found.column, found.key) == (path, line, column, key)
    assert str(message) in found.message
    if rest:
        assert str(rest[0]) in (found.expected or "")
    assert found.nearest == (rest[1] if len(rest) > 1 else None)


def test_each_key_that_is_missing_is_told_with_what_it_says() -> None:
    found = mistakes({SHOP: HEAD + "kind: App\nmodel: x\nimage: x\n"})
    assert [(p.message, p.expected) for p in found] == [
        ("lacks 'metrics'", "the metrics that the model's run logs"),
        ("lacks 'owners'", "the teams or people who answer for it"),
    ]


def test_a_slip_in_the_key_that_says_which_gate_is_named() -> None:
    found = mistakes({DEV_FILE: env("  - {gat: order}\n")})
    assert [(p.key, p.message, p.nearest) for p in found] == [
        ("gates[0]", "lacks 'gate'", None),
        ("gates[0].gat", "is not a known key", "gate"),
    ]


def test_a_metric_of_an_environments_gate_must_be_known_where_the_app_has_an_overlay() -> None:
    gates = "  - {gate: threshold, metric: aux, minimum: 1}\n"
    assert load({DEV_FILE: env(gates)}).environments["dev"].gates
    found = mistake({PROD_FILE: env(gates, "{environment: dev}")})
    assert (found.file, found.line, found.nearest) == (PROD_FILE, 5, "auc")
    assert load({PROD_FILE: env("  - {gate: sample_size, metric: n, minimum: 1}\n")}).apps


def test_letters_that_look_like_others_are_named_by_their_numbers() -> None:
    found = mistake({"apps/sh\u043ep/app.yaml": APP})
    assert found.message == "is not a name that can be used (it has U+043E)"


MISNAMED = [
    ("tidegate.yml", "tidegate.yaml"),
    ("Tidegate.YAML", "tidegate.yaml"),
    ("policies/gates/x.yml", "x.yaml"),
    ("policies/gates/x.Yaml", "x.yaml"),
    ("apps/shop/App.yaml", "app.yaml"),
    ("environments/prod/environment.yml", "environment.yaml"),
    ("environments/prod/hold.yml", "hold.yaml"),
    ("environments/prod/shop/HOLD.yaml", "hold.yaml"),
    ("environments/prod/shop/release.yml", "release.yaml"),
]


@pytest.mark.parametrize(("path", "meant"), MISNAMED)
def test_a_file_with_the_wrong_suffix_or_capitals_is_named(path: str, meant: str) -> None:
    found = mistake({path: "x: 1\n"})
    assert str(found) == f"{path}: is not read under this name; expected '{meant}'"


def test_an_app_whose_file_has_the_wrong_suffix_is_told_so() -> None:
    missing, slip = mistakes({SHOP: None, "apps/shop/app.yml": APP})
    assert (missing.file, missing.message) == (SHOP, "does not exist")
    assert (slip.file, slip.expected) == ("apps/shop/app.yml", "'app.yaml'")


def test_files_of_other_names_are_other_peoples() -> None:
    others = (
        *("README.md", "policies/gates/README.md", "policies/gates/x.json", "apps/shop/values.yml"),
        *("apps/shop/base/app.yml", "environments/prod/shop/kustomization.yml", "hold.yml"),
        *("apps/app.yml", "environments/prod/shop/patch.yml", "apps/shop/app.yaml.orig"),
        "environments/prod/shop/hold.yml/x",
    )
    assert load(dict.fromkeys(others, "x: 1\n")).apps


@pytest.mark.parametrize("length", [1, 2, 3])
def test_circles(length: int) -> None:
    names = ["one", "two", "three"][:length]
    files = {
        f"environments/{name}/environment.yaml": env(
            "  []\n", f"{{environment: {names[index - 1]}}}"
        )
        for index, name in enumerate(names)
    }
    found = mistake(files)  # one circle is one mistake, however many are in it
    assert (found.file, found.line) == (min(files), 3)
    whole = ["", "", "one → two → one", "one → three → two → one"][length]
    words = "promotes from itself" if length == 1 else f"promotes in a circle: {whole}"
    assert found.message == words


def test_two_circles_are_two_mistakes() -> None:
    pairs = (("one", "two"), ("two", "one"), ("x", "y"), ("y", "x"))
    found = mistakes(
        {
            f"environments/{name}/environment.yaml": env("  []\n", f"{{environment: {source}}}")
            for name, source in pairs
        }
    )
    assert [p.file.split("/")[1] for p in found] == ["one", "x"]


def test_an_environment_behind_a_circle_is_not_in_it() -> None:
    files = {
        "environments/one/environment.yaml": env("  []\n", "{environment: two}"),
        "environments/two/environment.yaml": env("  []\n", "{environment: one}"),
        PROD_FILE: env("  []\n", "{environment: two}"),
    }
    assert {p.file for p in mistakes(files)} == {"environments/one/environment.yaml"}


def test_all_mistakes_of_all_files_come_at_once_in_order() -> None:
    found = mistakes(
        {
            "tidegate.yaml": HEAD + "kind: Settings\ngitt: {}\n",
            SHOP: APP + "one: 1\ntwo: 2\n",
            "apps/other/app.yaml": None,
            "apps/other/base/x.yaml": "",
            DEV_FILE: env("  - {gate: champion, margin: 1}\n  - {gate: nope}\n"),
            GATE_FILE: HEAD + "kind: GateSet\ngates: []\ngates: []\n",
        }
    )
    assert [(p.file, p.line, p.key) for p in found] == [
        ("apps/other/app.yaml", 0, ""),
        (SHOP, 9, "one"),
        (SHOP, 10, "two"),
        (DEV_FILE, 5, "gates[0].margin"),
        (DEV_FILE, 6, "gates[1].gate"),
        (GATE_FILE, 4, "gates"),
        ("tidegate.yaml", 3, "gitt"),
    ]


def test_a_mistake_in_a_file_hides_neither_the_next_nor_those_between_files() -> None:
    shop = (
        APP.replace("direction: higher", "direction: up", 1)
        + "typo: 1\ntypo: 2\ngates:\n  - {gate: threshold, metric: ucc, minimum: 1}\n"
        "  - {gate: scan, highest: WORST}\n  - {gate: order, environments: [prodd]}\n"
    )
    dev = env("  - {use: comon}\n  - {gate: nope}\n").replace(
        "alias: candidate", "environment: dve"
    )
    found = {(p.file, p.key) for p in mistakes({SHOP: shop, DEV_FILE: dev})}
    assert found >= {
        (SHOP, "metrics[0].direction"),
        (SHOP, "typo"),
        (SHOP, "gates[0].metric"),
        (SHOP, "gates[1].highest"),
        (SHOP, "gates[2].environments"),
        (DEV_FILE, "gates[0].use"),
        (DEV_FILE, "gates[1].gate"),
        (DEV_FILE, "promotesFrom.environment"),
    }


def test_one_broken_file_accuses_no_other() -> None:
    files = {SHOP: APP + "gates: [{gate: order, environments: [prod]}]\n", PROD_FILE: "a: [\n"}
    assert {p.file for p in mistakes(files)} == {PROD_FILE}


@pytest.mark.parametrize("name", ["Shop", "a_b", "a b", "-a", "a-", "a" * 64, "ä", "a\nb"])
def test_names_that_cannot_be_used(name: str) -> None:
    for path in (f"apps/{name}/app.yaml", f"environments/{name}/environment.yaml"):
        found = mistake({path: APP})
        assert found.file == path.rpartition("/")[0]
        assert "at most 63" in (found.expected or "")
    assert mistake({f"policies/gates/{name}.yaml": "x"}).file == f"policies/gates/{name}.yaml"


@pytest.mark.parametrize("path", [SHOP, DEV_FILE, GATE_FILE, "tidegate.yaml"])
def test_a_symbolic_link_is_no_file_of_ours(path: str) -> None:
    found = mistakes({path: None}, {path: "/etc/passwd"})
    assert "symbolic link" in next(p.message for p in found if p.file == path)


@pytest.mark.parametrize("change", [
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.rstrip("\n").encode(),
])  # fmt: skip
def test_files_of_every_editor_are_read(change) -> None:  # type: ignore[no-untyped-def]
    configuration = load({path: change(text) for path, text in FILES.items()})
    assert configuration.apps["shop"].metrics[1].name == "loss"


def test_files_that_are_no_text_are_refused() -> None:
    assert "UTF-8" in str(mistake({SHOP: b"\xff\xfe"}))


def keys(configuration: Configuration, environment: str = "prod") -> dict[str, object]:
    gates = configuration.gates(configuration.apps["shop"], configuration.environments[environment])
    return {gate.key: gate.settings.get("margin", gate.settings.get("minimum")) for gate in gates}


COMMON = {
    GATE_FILE: HEAD
    + "kind: GateSet\ngates:\n  - {gate: champion}\n"
    + "  - {gate: sample_size, minimum: 5, environments: [dev]}\n",
    DEV_FILE: env("  - {use: common}\n"),
    PROD_FILE: env("  - {gate: order}\n  - {use: common}\n", "{environment: dev}"),
}


def test_gate_sets_stand_where_they_are_used_and_champion_is_one_a_metric() -> None:
    configuration = load(COMMON)
    assert list(keys(configuration)) == ["order", "champion:auc", "champion:loss"]
    assert list(keys(configuration, "dev")) == ["champion:auc", "champion:loss", "sample_size"]


def test_an_apps_gates_are_laid_over_the_environments_where_they_apply() -> None:
    own = (
        "gates:\n  - {gate: champion, metric: loss, margin: {absolute: 1}, environments: [prod]}\n"
        "  - {gate: threshold, metric: auc, minimum: 0.5}\n"
        "  - {gate: threshold, metric: auc, minimum: 0.9, environments: [prod]}\n"
    )
    configuration = load(COMMON | {SHOP: APP + own})
    assert keys(configuration) == {
        "order": None,
        "champion:auc": None,
        "champion:loss": {"absolute": 1},
        "threshold:auc": 0.9,
    }
    dev = keys(configuration, "dev")
    assert (dev["champion:loss"], dev["threshold:auc"]) == (None, 0.5)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_particular_counts_more_than_the_general_in_any_order(swapped: bool) -> None:
    own = [
        "  - {gate: threshold, metric: auc, minimum: 0.5}\n",
        "  - {gate: threshold, metric: auc, minimum: 0.9, environments: [prod]}\n",
    ]
    gates = [
        "  - {gate: champion}\n",
        "  - {gate: champion, metric: auc, margin: {relative: 0.5}}\n",
    ]
    if swapped:
        own.reverse()
        gates.reverse()
    configuration = load(
        {
            SHOP: APP + "gates:\n" + "".join(own),
            PROD_FILE: env("".join(gates), "{environment: dev}"),
        }
    )
    assert keys(configuration) == {
        "threshold:auc": 0.9,
        "champion:auc": {"relative": 0.5},
        "champion:loss": None,
    }


HOLD = HEAD + "kind: Hold\nby: Ann\nreason: the sale\n"
HOLD_FILE = "environments/prod/shop/hold.yaml"


def test_holds_are_read_with_their_zone() -> None:
    files = {
        "environments/prod/hold.yaml": HOLD,
        HOLD_FILE: HOLD + "until: 2026-01-31T18:00:00+02:00\n",
    }
    whole, own = read_holds(snapshot(files), "prod", "shop")
    assert (whole.whole, whole.until) == (True, None)
    assert (own.whole, own.until) == (False, datetime(2026, 1, 31, 16, tzinfo=UTC))
    assert read_holds(snapshot(FILES), "prod", "shop") == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (HOLD + "until: 2026-01-31T18:00:00\n", "until"),
        (HOLD + "until: 2026-01-31\n", "until"),
        (HOLD + "until: tomorrow\n", "until"),
        (HOLD + "until: 5\n", "until"),
        (HOLD + "until: 9999-12-31T23:59:59-05:00\n", "until"),
        (HOLD + "until: 0001-01-01T00:00:00+14:00\n", "until"),
        (HOLD + "untill: 2026-01-31T18:00:00Z\n", "untill"),
        (HOLD.replace("by: Ann\n", ""), ""),
        ("", ""),
        ("a: [", ""),
    ],
)
def test_a_hold_that_cannot_be_read_is_an_error(text: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_holds(snapshot({HOLD_FILE: text}), "prod", "shop")
    assert (caught.value.problems[0].file, caught.value.problems[0].key) == (HOLD_FILE, key)


def test_a_hold_that_is_a_symbolic_link_is_an_error() -> None:
    with pytest.raises(ConfigurationError):
        read_holds(snapshot({}, {HOLD_FILE: "nowhere"}), "prod", "shop")


def test_authorities_are_those_of_the_same_commit() -> None:
    settings = HEAD + "kind: Settings\nargocd: {caFile: ./ca/usual.pem}\n"
    own = DEV + "argocd: {caFile: ca/own.pem}\n"
    files = {
        "tidegate.yaml": settings,
        "environments/dev/environment.yaml": own,
        "ca/usual.pem": "usual",
        "ca/own.pem": "own",
    }
    found = load(files)
    assert [found.control_plane(e).authorities for e in ("dev", "prod")] == [
        Authorities("ca/own.pem", "own"),
        Authorities("./ca/usual.pem", "usual"),
    ]
    outside = load({"tidegate.yaml": settings.replace("./ca", "ca/../..")})
    assert outside.control_plane("dev").authorities == Authorities("ca/../../usual.pem")
    problem = mistake({"tidegate.yaml": settings})
    assert (problem.file, problem.line, problem.key) == ("tidegate.yaml", 3, "argocd.caFile")
    assert "no file of the repository" in problem.message
