"""The watch: frames whole over any chunks, reconnections that lose and double nothing, and an end
in time."""

from __future__ import annotations

import itertools
import json
import math
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import recordings
from tests.support.argocd import (
    TOKEN,
    FakeArgoCd,
    drop,
    fake_argocd,  # noqa: F401 - a fixture
    on,
    refusal,
    slow,
    status,
    wait_until,
)
from tests.support.argocd_answers import application

from tidegate.adapters.argocd import ArgoCd
from tidegate.adapters.argocd.address import Address
from tidegate.adapters.argocd.documents import identity
from tidegate.adapters.argocd.frames import Splitter
from tidegate.adapters.argocd.known import Known
from tidegate.adapters.argocd.pace import Pace
from tidegate.adapters.argocd.selection import Selection
from tidegate.adapters.argocd.watch import Watch
from tidegate.adapters.http import Http
from tidegate.adapters.token import Token, from_text
from tidegate.domain.application import ApplicationEvent
from tidegate.errors import OutsideError, TidegateError, Unreachable

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Events = Iterator[ApplicationEvent | None]


def watch_of(
    fake: FakeArgoCd, *, token: Token | None = None, project: str | None = None,
    labels: dict[str, str] | None = None, **options: Any,
) -> Events:  # fmt: skip
    address = Address(f"http://{fake.server}", NOBODY)
    token = token or from_text(TOKEN, "the test")
    client = ArgoCd(address, token, http=Http(verify=NOBODY))
    selection = Selection(project, labels or {})
    options = {"home": "argocd", "pace": Pace(tick=0.1), **options}
    return Watch(address, token, client.place, selection, client, **options).events()


def told(events: Events, number: int) -> list[tuple[str, str]]:
    """The next so many events; a watch that yields no more of them hangs no test."""
    found, ends = [], time.monotonic() + 60
    for event in events:
        if event is not None:
            found.append((event.change.value, event.application.name.name))
        if len(found) == number:
            return found
        assert time.monotonic() < ends, found
    raise AssertionError(found)


def nothing_until(events: Events, condition: Callable[[], bool]) -> None:
    """Nothing is told until then, nor within the next second."""
    ends = time.monotonic() + 60
    while not condition():
        assert next(events) is None
        assert time.monotonic() < ends, "it did not happen"
    assert [event for event in itertools.islice(events, 10) if event] == []


def degraded(document: Any) -> None:
    document["status"]["health"] = {"status": "Degraded"}


def test_it_begins_with_all_and_goes_on_with_changes(argocd: FakeArgoCd) -> None:
    argocd.put(application("a"))
    argocd.put(application("b"))
    events = watch_of(argocd)
    assert told(events, 2) == [("ADDED", "a"), ("ADDED", "b")]
    argocd.change("a", degraded)
    argocd.put(application("c"))
    argocd.delete("b")
    assert told(events, 3) == [("MODIFIED", "a"), ("ADDED", "c"), ("DELETED", "b")]
    nothing_until(events, lambda: True)


def test_it_is_told_once_a_second_that_nothing_comes(argocd: FakeArgoCd) -> None:
    events = watch_of(argocd)
    begun = time.monotonic()
    assert list(itertools.islice(events, 3)) == [None, None, None]
    assert time.monotonic() - begun >= 0.3


def test_only_what_is_chosen_is_told(argocd: FakeArgoCd) -> None:
    argocd.put(application("a", labels={"x": "1"}))
    argocd.put(application("b", labels={"x": "2"}))
    argocd.put(application("c", project="prod", labels={"x": "1"}))
    events = watch_of(argocd, project="dev", labels={"x": "1"})
    assert told(events, 1) == [("ADDED", "a")]
    nothing_until(events, lambda: True)


def test_what_was_not_chosen_is_not_told_whatever_comes(argocd: FakeArgoCd) -> None:
    """As where a proxy drops what we ask for; what was told before, and belongs there no more,
    is gone."""
    argocd.put(application("a", labels={"x": "1"}))
    moved = application("a", project="prod", labels={"x": "1"})
    moved["metadata"] |= {"uid": argocd.document("a")["metadata"]["uid"], "resourceVersion": "999"}
    stranger = application("b", project="prod", labels={"x": "1"})
    argocd.replayed = lambda documents: [stranger, *documents, moved]
    events = watch_of(argocd, project="dev", labels={"x": "1"})
    assert told(events, 2) == [("ADDED", "a"), ("DELETED", "a")]


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_frames_are_put_together_over_chunks(argocd: FakeArgoCd, chunk: int) -> None:
    argocd.chunk = chunk
    for name in "abc":
        argocd.put(application(name))
    assert len(told(watch_of(argocd), 3)) == 3


def test_what_was_told_is_not_told_again_after_a_reconnection(argocd: FakeArgoCd) -> None:
    argocd.put(application("a"))
    argocd.put(application("b"))
    events = watch_of(argocd)
    told(events, 2)
    for _ in range(3):
        argocd.end_streams()
        argocd.change("a", degraded)
        assert told(events, 1) == [("MODIFIED", "a")]
    nothing_until(events, lambda: True)


def test_what_went_and_came_while_disconnected_is_told(argocd: FakeArgoCd) -> None:
    for name in "abc":
        argocd.put(application(name))
    events = watch_of(argocd)
    told(events, 3)
    argocd.delete("a", quietly=True)
    argocd.delete("b", quietly=True)
    argocd.put(application("b"))
    argocd.end_streams()
    found = told(events, 3)
    assert sorted(found) == [("ADDED", "b"), ("DELETED", "a"), ("DELETED", "b")]
    assert found.index(("DELETED", "b")) < found.index(("ADDED", "b"))
    nothing_until(events, lambda: True)


def test_an_event_that_argo_cd_lost_is_found_by_the_listing(argocd: FakeArgoCd) -> None:
    """It lists before it subscribes, and drops events when too many wait."""
    argocd.put(application("a"))
    argocd.replayed = lambda documents: []
    assert told(watch_of(argocd), 1) == [("ADDED", "a")]


def test_a_replay_from_an_older_cache_tells_nothing_old(argocd: FakeArgoCd) -> None:
    old = argocd.put(application("a"))
    dead = argocd.put(application("b"))
    events = watch_of(argocd)
    told(events, 2)
    argocd.change("a", degraded)
    argocd.delete("b")
    told(events, 2)
    argocd.replayed = lambda documents: [old, dead]
    argocd.end_streams()
    nothing_until(events, lambda: len(streams(argocd)) == 2)


def test_a_stream_that_repeats_itself_is_heard_once(argocd: FakeArgoCd) -> None:
    document = argocd.put(application("a"))
    events = watch_of(argocd)
    told(events, 1)
    request = argocd.asked("GET", "stream")[0]
    for change in ("ADDED", "MODIFIED", "MODIFIED", "BOOKMARK", ""):
        argocd.send(argocd.frame(request, change, document))
    for change in ("DELETED", "DELETED", "MODIFIED"):
        argocd.send(argocd.frame(request, change, document))
    assert told(events, 1) == [("DELETED", "a")]


def test_a_quiet_stream_is_alive_and_a_silent_one_is_not(argocd: FakeArgoCd) -> None:
    argocd.keepalive = 0.2
    argocd.put(application("a"))
    events = watch_of(argocd, silence=6.0)
    told(events, 1)
    begun = time.monotonic()
    nothing_until(events, lambda: time.monotonic() > begun + 8)
    assert len(streams(argocd)) == 1
    argocd.keepalive = 600.0
    argocd.send(b":\n")  # so that the server waits by the new time
    nothing_until(events, lambda: len(streams(argocd)) == 2)
    argocd.change("a", degraded)
    assert told(events, 1) == [("MODIFIED", "a")]


@pytest.mark.parametrize(
    "frame",
    [
        b'data: {"error": {"grpc_code": 14, "message": "unavailable"}}\n',
        b'data: {"result": {"type": "MODI\n',
        b"upstream connect error\n",
        b'data: {"error": {"message": "?"}}\n',
    ],
    ids=["unavailable", "cut", "proxy", "no code"],
)
def test_a_stream_that_breaks_is_replaced(argocd: FakeArgoCd, frame: bytes) -> None:
    argocd.put(application("a"))
    events = watch_of(argocd)
    told(events, 1)
    argocd.send(frame)
    nothing_until(events, lambda: len(streams(argocd)) == 2)
    argocd.change("a", degraded)
    assert told(events, 1) == [("MODIFIED", "a")]


def streams(fake: FakeArgoCd) -> list[Any]:
    return fake.asked("GET", "stream")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal(403, 7, "permission denied"), OutsideError),
        (status(404, b"404 page not found"), OutsideError),
        (status(200, b"<html>", "text/html"), OutsideError),
        (status(307, Location="/login"), OutsideError),
        (refusal(401, 16, "expired"), OutsideError),
    ],
)
def test_what_will_not_get_better_ends_the_watch(
    argocd: FakeArgoCd, fault: Any, error: type[TidegateError]
) -> None:
    argocd.faults.append(on("GET", "stream", fault, times=math.inf))
    with pytest.raises(error) as caught:
        told(watch_of(argocd), 1)
    assert type(caught.value) is error
    assert TOKEN not in f"{caught.value!r} {caught.value.hint}"


def test_an_error_on_the_stream_that_will_not_get_better_ends_it(argocd: FakeArgoCd) -> None:
    argocd.put(application("a"))
    events = watch_of(argocd)
    told(events, 1)
    argocd.send(b'data: {"error": {"grpc_code": 7, "message": "permission denied\\u001b"}}\n')
    with pytest.raises(OutsideError, match="permission denied") as caught:
        told(events, 1)
    assert caught.value.message.isprintable()


def test_a_frame_without_end_ends_it(argocd: FakeArgoCd) -> None:
    argocd.put(application("a"))
    events = watch_of(argocd)
    told(events, 1)
    argocd.send(b"x" * (9 * 2**20))
    with pytest.raises(OutsideError, match="more than"):
        told(events, 1)


@pytest.mark.parametrize(
    "fault",
    [
        drop,
        status(502, b"<html>", "text/html"),
        status(503),
        refusal(500, 13, "internal"),
        status(429, Retry_After="1"),
        slow(600),
        status(200, b"data: {\n", "text/event-stream"),
        status(200, b"", "text/event-stream"),
    ],
    ids=["drop", "502", "503", "500", "429", "never", "rubbish", "empty"],
)
def test_nobody_there_is_told_in_time(argocd: FakeArgoCd, fault: Callable[..., bool]) -> None:
    argocd.faults.append(on("GET", "", fault, times=math.inf))
    with pytest.raises(Unreachable):
        told(watch_of(argocd, patience=2.0), 1)


def test_a_server_that_comes_back_in_time_is_taken(argocd: FakeArgoCd) -> None:
    argocd.put(application("a"))
    argocd.faults.append(on("GET", "stream", status(503), times=2))
    argocd.faults.append(on("GET", "stream", drop))
    assert told(watch_of(argocd), 1) == [("ADDED", "a")]


def test_a_rotated_token_is_taken_for_the_next_connection(argocd: FakeArgoCd) -> None:
    kept = iter([TOKEN, "a-new-token"])
    argocd.put(application("a"))
    events = watch_of(argocd, token=Token(lambda: next(kept), "the test"))
    told(events, 1)
    argocd.tokens = {"a-new-token"}
    argocd.end_streams()
    argocd.change("a", degraded)
    assert told(events, 1) == [("MODIFIED", "a")]


def test_whoever_stops_watching_hangs_up(argocd: FakeArgoCd) -> None:
    argocd.keepalive = 0.1
    events = watch_of(argocd)
    next(events)
    argocd.wait_for_streams()
    events.close()  # type: ignore[attr-defined]
    wait_until(lambda: not argocd._subscribers)


def test_a_recorded_promotion_is_told_frame_by_frame(argocd: FakeArgoCd) -> None:
    frames = [frame for _, frame in recordings.stream("stream-promotion")]
    events = watch_of(argocd)
    next(events)
    argocd.wait_for_streams()
    for frame in frames:
        argocd.send(b"data: " + json.dumps(frame).encode() + b" \n\n\n")
    versions = {f["result"]["application"]["metadata"]["resourceVersion"] for f in frames}
    found = [e.application for e in itertools.islice(events, len(versions)) if e]
    assert found[-1].sync == "Synced"
    assert found[-1].health.status == "Healthy"


@given(st.lists(st.binary(max_size=12).filter(lambda b: b"\n" not in b)), st.data())
def test_frames_are_the_lines_however_they_come(lines: list[bytes], data: st.DataObject) -> None:
    text = b"".join(line + b"\n" for line in lines)
    expected = [
        frame
        for line in lines
        if not line.startswith(b":") and (frame := line.removeprefix(b"data:").strip())
    ]
    splitter, found = Splitter(), []
    while text:
        size = data.draw(st.integers(1, len(text)))
        found += splitter.feed(text[:size])
        text = text[size:]
    assert found == expected


def test_a_frame_has_a_limit() -> None:
    splitter = Splitter(limit=10)
    assert list(splitter.feed(b"1234567890\n")) == [b"1234567890"]
    with pytest.raises(OutsideError, match="more than 10 bytes"):
        list(splitter.feed(b"12345678901"))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.booleans()), max_size=30))
def test_what_is_told_is_a_story_that_makes_sense(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever comes in whatever order: an Application is added before it is modified or deleted,
    versions only grow, and nothing comes back from the dead."""
    known, alive, dead = Known("argocd"), {}, set()
    for uid, version, deleted in steps:
        document = application("a")
        document["metadata"] |= {"uid": str(uid), "resourceVersion": str(version)}
        lost = deleted and known.lose(identity(document))
        for event in lost or known.see(document):
            if event.change == "ADDED":
                assert not alive
                assert uid not in dead
                alive[uid] = version
            elif event.change == "MODIFIED":
                assert version > alive[uid]
                alive[uid] = version
            else:
                (gone,) = alive
                dead.add(gone)
                alive.clear()
