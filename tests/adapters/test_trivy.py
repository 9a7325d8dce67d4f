"""The real Trivy on real images, with a database made on the spot."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support import oci
from tests.support.trivy import BUILT, Machine, make_machine, publish_database, put_false_trivy

from demo.images import write_image, write_index, write_manifest
from tidegate.adapters.oci import Images
from tidegate.adapters.trivy import Trivy
from tidegate.domain.image import ImageLocation, ImageRef
from tidegate.domain.scan import Severity
from tidegate.errors import InputError, OutsideError, ToolFailed, ToolMissing, Unreachable


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Shared: tests that change something on it make their own."""
    return make_machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture
def own(tmp_path: Path) -> Machine:
    return make_machine(tmp_path)


def test_a_clean_image_is_clean_because_something_was_looked_at(machine: Machine) -> None:
    scan = machine.trivy().scan(machine.location("clean"))
    assert scan.vulnerabilities == ()
    assert scan.packages == 2
    assert scan.digest == machine.digests["clean"]
    assert scan.scanner.startswith("trivy 0.")
    assert scan.database_updated == BUILT


def test_a_vulnerability_is_found_with_what_mends_it(machine: Machine) -> None:
    (found,) = machine.trivy().scan(machine.location("vulnerable")).vulnerabilities
    assert (found.id, found.package, found.installed, found.fixed, found.severity, found.title) == (
        "CVE-2023-50447",
        "Pillow",
        "9.5.0",
        "10.2.0",
        Severity.CRITICAL,
        "Runs any code",
    )


def test_what_nothing_mends_is_found_too_and_the_worst_comes_first(machine: Machine) -> None:
    found = machine.trivy().scan(machine.location("unfixed")).vulnerabilities
    assert [(v.severity, v.fixed) for v in found] == [(Severity.HIGH, None), (Severity.LOW, "2.0")]


def test_an_image_without_packages_says_so(own: Machine) -> None:
    digest = write_image(own.layout, "empty", {}, {"model.bin": b"1"})
    image = ImageRef("registry.example.com/ml/digits", "empty", digest)
    scan = own.trivy().scan(ImageLocation(image, layout=own.layout))
    assert (scan.packages, scan.vulnerabilities) == (0, ())


def test_an_old_database_tells_its_age(tmp_path: Path) -> None:
    built = datetime(2020, 5, 6, tzinfo=UTC)
    machine = make_machine(tmp_path, built=built)
    assert machine.trivy().scan(machine.location("clean")).database_updated == built


def test_no_database_is_an_error(tmp_path: Path) -> None:
    machine = make_machine(tmp_path, built=None)
    trivy = machine.trivy()
    for _ in range(2):
        with pytest.raises(OutsideError, match="no vulnerability database") as caught:
            trivy.scan(machine.location("clean"))
        assert "TRIVY_CACHE_DIR" in str(caught.value.hint)


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 2000])
def test_a_damaged_database_is_an_error(own: Machine, damage: bytes) -> None:
    (own.folder / "trivy/db/trivy.db").write_bytes(damage)
    with pytest.raises(ToolFailed, match="Trivy can't scan"):
        own.trivy().scan(own.location("clean"))


@pytest.mark.parametrize("metadata", ["", "{}", "[]", '{"Version": 2}'])
def test_a_database_of_unknown_age_is_an_error(own: Machine, metadata: str) -> None:
    (own.folder / "trivy/db/metadata.json").write_text(metadata, encoding="utf-8")
    with pytest.raises(OutsideError, match="no vulnerability database"):
        own.trivy().scan(own.location("clean"))


def test_an_update_that_fails_is_an_error(own: Machine) -> None:
    (own.folder / "trivy/db/metadata.json").unlink()
    trivy = own.trivy({"TRIVY_DB_REPOSITORY": "127.0.0.1:1/no/database:2"}, offline=False)
    with pytest.raises(ToolFailed, match="can't update its database"):
        trivy.scan(own.location("clean"))


def test_the_database_is_fetched_once_before_the_scans(tmp_path: Path) -> None:
    layout = tmp_path / "database"
    now = datetime.now(UTC).replace(microsecond=0)
    publish_database(tmp_path / "source", layout, built=now)
    server = oci.SmallRegistry({"db": layout})
    try:
        machine = make_machine(tmp_path, built=None)
        trivy = machine.trivy({"TRIVY_DB_REPOSITORY": f"{server.host}/db:2"}, offline=False)
        with ThreadPoolExecutor(3) as pool:
            scans = list(pool.map(trivy.scan, map(machine.location, machine.digests)))
    finally:
        server.close()
    assert [len(scan.vulnerabilities) for scan in scans] == [0, 1, 2]
    assert {scan.database_updated for scan in scans} == {now}
    fetched = [r.path for r in server.requests if r.method == "GET" and "/blobs/" in r.path]
    assert len(fetched) == len(set(fetched))


def test_a_layout_with_a_difficult_path_is_no_difficulty(own: Machine, tmp_path: Path) -> None:
    layout = tmp_path / "mirror@home:1" / "a b"
    layout.parent.mkdir()
    own.layout.rename(layout)
    location = ImageLocation(own.location("vulnerable").image, layout=layout)
    assert len(own.trivy().scan(location).vulnerabilities) == 1


def test_of_several_platforms_the_usual_one_is_scanned(own: Machine) -> None:
    packages = {"arm64": {"Pillow": "9.5.0"}, "amd64": {"leaky": "1.9"}}
    parts = {
        architecture: write_manifest(
            own.layout, packages[architecture], {}, architecture=architecture
        )
        for architecture in packages
    }
    image = ImageRef("registry.example.com/ml/digits", "multi", None)
    both = image.with_digest(write_index(own.layout, "multi", parts))
    scan = own.trivy().scan(ImageLocation(both, layout=own.layout))
    assert {v.package for v in scan.vulnerabilities} == {"leaky"}
    assert scan.digest == both.digest
    only = image.with_digest(write_index(own.layout, "multi", {"arm64": parts["arm64"]}))
    with pytest.raises(OutsideError, match="no image for linux/amd64"):
        own.trivy().scan(ImageLocation(only, layout=own.layout))


@pytest.mark.parametrize("victim", ["manifest", "config", "layer"])
@pytest.mark.parametrize("damage", ["missing", "changed", "link", "folder"])
def test_a_layout_that_is_not_what_it_says_is_an_error(
    own: Machine, victim: str, damage: str
) -> None:
    blobs = own.layout / "blobs" / "sha256"
    digest = own.digests["clean"]
    manifest = json.loads((blobs / digest.removeprefix("sha256:")).read_bytes())
    place = {
        "manifest": digest,
        "config": manifest["config"]["digest"],
        "layer": manifest["layers"][0]["digest"],
    }
    path = blobs / place[victim].removeprefix("sha256:")
    body = path.read_bytes()
    path.unlink()
    if damage == "changed":
        path.write_bytes(body + b"\n")
    elif damage == "link":
        (own.folder / "elsewhere").write_bytes(body)
        path.symlink_to(own.folder / "elsewhere")
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(OutsideError, match="the blob"):
        own.trivy().scan(own.location("clean"))


def test_an_image_is_scanned_by_digest_only(machine: Machine) -> None:
    with pytest.raises(InputError, match="no digest"):
        machine.trivy().scan(ImageLocation(ImageRef("a/b", "1"), layout=machine.layout))


_WEAKENERS = {
    "TRIVY_IGNORE_UNFIXED": "true",
    "TRIVY_SEVERITY": "LOW",
    "TRIVY_PKG_TYPES": "os",
    "TRIVY_SCANNERS": "secret",
    "TRIVY_SKIP_DIRS": "**",
    "TRIVY_SKIP_FILES": "**",
    "TRIVY_IGNORE_STATUS": "affected,fixed",
    "TRIVY_FORMAT": "table",
    "TRIVY_OUTPUT": "elsewhere.json",
    "TRIVY_EXIT_CODE": "0",
    "TRIVY_LIST_ALL_PKGS": "false",
    "TRIVY_VULN_SEVERITY_SOURCE": "nvd",
    "TRIVY_DETECTION_PRIORITY": "precise",
    "TRIVY_PKG_RELATIONSHIPS": "root",
    "TRIVY_SERVER": "http://127.0.0.1:1",
    "TRIVY_GENERATE_DEFAULT_CONFIG": "true",
    "TRIVY_INPUT": "/nowhere",
    "TRIVY_CACHE_BACKEND": "redis://127.0.0.1:1",
}


def test_nothing_in_the_environment_can_weaken_a_scan(
    own: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    ignored = "CVE-2023-50447\nCVE-2099-0001\nCVE-2099-0002\n"
    policy = "package trivy\nimport rego.v1\nignore if true\n"
    (here / ".trivyignore").write_text(ignored, encoding="utf-8")
    (here / "ignore.rego").write_text(policy, encoding="utf-8")
    (here / "trivy.yaml").write_text("severity: [LOW]\nvulnerability: {ignore-unfixed: true}\n")
    monkeypatch.chdir(here)
    env = {
        **_WEAKENERS,
        "TRIVY_IGNOREFILE": str(here / ".trivyignore"),
        "TRIVY_IGNORE_POLICY": str(here / "ignore.rego"),
        "TRIVY_CONFIG": str(here / "trivy.yaml"),
    }
    trivy = own.trivy(env)
    assert len(trivy.scan(own.location("vulnerable")).vulnerabilities) == 1
    assert len(trivy.scan(own.location("unfixed")).vulnerabilities) == 2
    assert {path.name for path in here.iterdir()} == {".trivyignore", "ignore.rego", "trivy.yaml"}


def test_a_relative_database_is_meant_from_here(
    own: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    scan = own.trivy({"TRIVY_CACHE_DIR": "trivy"}).scan(own.location("vulnerable"))
    assert len(scan.vulnerabilities) == 1


def test_a_scan_is_made_once_for_each_ground(own: Machine) -> None:
    counted = put_false_trivy(own, 'echo "$1" >> "$RUNS"; exec "$REAL" "$@"')
    location = own.location("vulnerable")

    def scans() -> int:
        return (own.folder / "runs").read_text().count("image")

    first = counted.trivy().scan(location)
    assert counted.trivy().scan(location) == first
    assert scans() == 1
    kept = [path for path in (own.folder / "scans").iterdir() if path.suffix == ".json"]
    assert len(kept) == 1
    assert (own.folder / "scans").stat().st_mode & 0o777 == 0o700
    # A newer database is another ground, and replaces what was kept.
    newer = make_machine(own.folder, built=datetime(2026, 2, 1, tzinfo=UTC))
    assert counted.trivy().scan(newer.location("vulnerable")) != first
    assert scans() == 2
    again = [path for path in (own.folder / "scans").iterdir() if path.suffix == ".json"]
    assert len(again) == 1
    assert again != kept


def test_many_threads_and_scanners_scan_an_image_once(own: Machine) -> None:
    counted = put_false_trivy(own, 'echo "$1" >> "$RUNS"; exec "$REAL" "$@"')
    scanners = [counted.trivy(), counted.trivy()]
    barrier = threading.Barrier(6)

    def scan(number: int) -> int:
        barrier.wait()
        return len(scanners[number % 2].scan(own.location("vulnerable")).vulnerabilities)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(scan, range(6))) == [1] * 6
    assert (own.folder / "runs").read_text().split().count("image") == 1


def test_several_images_are_scanned_at_once(own: Machine) -> None:
    """Even while another Trivy holds the lock on the cache that they share."""
    import fcntl

    (own.folder / "trivy/fanal").mkdir(parents=True)
    with (own.folder / "trivy/fanal/fanal.db").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        trivy = own.trivy()
        with ThreadPoolExecutor(3) as pool:
            scans = pool.map(trivy.scan, [own.location(tag) for tag in own.digests])
            assert [len(scan.vulnerabilities) for scan in scans] == [0, 1, 2]


@pytest.fixture(scope="module", params=["small", "docker-registry with a password"])
def remote(
    request: pytest.FixtureRequest, machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """A registry with the machine's images: its host, and an environment that may pull there."""
    if request.param == "small":
        server = oci.SmallRegistry({"ml/digits": machine.layout})
        yield server.host, {}
        server.close()
        return
    folder = tmp_path_factory.mktemp("registry")
    with oci.docker_registry(folder, password=True) as host:
        oci.push(machine.layout, host, "ml/digits", password=True)
        yield host, {"DOCKER_CONFIG": oci.login(folder / "docker", host)["DOCKER_CONFIG"]}


def test_an_image_in_a_registry_is_scanned_by_digest(
    machine: Machine, remote: tuple[str, dict[str, str]]
) -> None:
    host, env = remote
    images = Images(mirrors={}, env=env)
    # The tag points elsewhere, and must not matter.
    image = ImageRef(f"{host}/ml/digits", "clean", machine.digests["vulnerable"])
    scan = machine.trivy(env, cache=f"scans-{host}").scan(images.location(image))
    assert [v.id for v in scan.vulnerabilities] == ["CVE-2023-50447"]
    assert scan.digest == machine.digests["vulnerable"]
    absent = image.with_digest("sha256:" + "0" * 64)
    with pytest.raises(ToolFailed, match="Trivy can't scan"):
        machine.trivy(env).scan(images.location(absent))


def test_without_trivy_the_hint_says_where_it_is_from(own: Machine) -> None:
    trivy = Trivy(cache_directory=own.folder / "scans", env=own.env, path=str(own.folder))
    with pytest.raises(ToolMissing) as caught:
        trivy.scan(own.location("clean"))
    assert "https://trivy.dev" in str(caught.value.hint)


_REAL_UNLESS_SCANNING = 'test "$1" = image || exec "$REAL" "$@"\n'


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "was killed by SIGKILL"),
        ("echo broken >&2; exit 3", "exit status 3: broken"),
        ("exit 0", "is not JSON"),
        ("echo rubbish", "is not JSON"),
        ("printf '\\377\\376'", "is not JSON"),
        ("echo '[]'", "is not a JSON object"),
        ("echo '{}'", "schema version"),
        ("""echo '{"SchemaVersion":2,"ArtifactType":"container_image"}'""", "what was scanned"),
        ("""echo '{"SchemaVersion":2,"ArtifactType":"filesystem"}'""", "about a container image"),
        (
            """echo '{"SchemaVersion":2,"ArtifactType":"container_image","Metadata":{}}'""",
            "about another image",
        ),
        ('"$REAL" "$@" | sed s/CRITICAL/SEVERE/', "unknown severity, 'SEVERE'"),
        ('"$REAL" "$@" | sed s/SchemaVersion/Version/', "schema version"),
        ('"$REAL" "$@" | sed \'s/"ImageID": "sha256:./"ImageID": "sha256:/\'', "another image"),
        ('"$REAL" "$@" | head -c 500', "is not JSON"),
    ],
)
def test_a_trivy_that_fails_is_never_a_clean_scan(own: Machine, script: str, said: str) -> None:
    machine = put_false_trivy(own, _REAL_UNLESS_SCANNING + script)
    with pytest.raises(OutsideError, match=said):
        machine.trivy().scan(machine.location("vulnerable"))
    assert not list((own.folder / "scans").glob("*.json"))


@pytest.mark.parametrize("script", ["echo rubbish", "echo '{}'", "exit 9", "kill -9 $$"])
def test_a_trivy_that_does_not_know_its_version_is_an_error(own: Machine, script: str) -> None:
    machine = put_false_trivy(own, script)
    with pytest.raises(OutsideError):
        machine.trivy().scan(machine.location("clean"))


def test_a_trivy_that_hangs_is_ended(own: Machine) -> None:
    machine = put_false_trivy(own, _REAL_UNLESS_SCANNING + "exec sleep 600")
    with pytest.raises(Unreachable, match="did not finish within 1 s"):
        machine.trivy(timeout=1).scan(machine.location("clean"))


def test_findings_that_something_suppressed_are_an_error(own: Machine) -> None:
    script = 'echo CVE-2023-50447 > .trivyignore; exec "$REAL" "$@"'
    machine = put_false_trivy(own, _REAL_UNLESS_SCANNING + script)
    with pytest.raises(OutsideError, match="told to ignore findings"):
        machine.trivy().scan(machine.location("vulnerable"))


def test_nothing_is_left_in_the_temporary_folder(
    own: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    own.trivy().scan(own.location("clean"))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_same_machine_may_lack_a_place_for_scans(own: Machine) -> None:
    (own.folder / "file").write_text("in the way", encoding="utf-8")
    scan = own.trivy(cache="file/scans").scan(own.location("vulnerable"))
    assert replace(scan, vulnerabilities=()).packages == 2
