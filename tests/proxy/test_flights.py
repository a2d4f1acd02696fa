"""Equal calls at the same moment: what those who join get, and what they must not."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from prompt_cache.http.proxy.asking import LEASE
from stack import Sidecar

from .calls import CHAT, KINDS, Caller, fate, question
from .conftest import settings
from .upstream import Upstream

OWN = {"set-cookie": "session=1", "x-request-id": "req_1", "x-ratelimit-remaining-requests": "7"}


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory, _upstream: Upstream) -> Iterator[Sidecar]:
    """One worker, so that equal calls meet."""
    env = {**settings(_upstream), "PROMPT_CACHE_WORKERS": "1"}
    with Sidecar(tmp_path_factory.mktemp("lone"), env=env) as sidecar:
        yield sidecar


@contextmanager
def together(*asks: Any) -> Iterator[list["Future[requests.Response]"]]:
    """Started one after the other, 0.2 s apart."""
    with ThreadPoolExecutor(len(asks)) as pool:
        started = []
        for ask in asks:
            started.append(pool.submit(ask))
            time.sleep(0.2)
        yield started


def asks(sidecar: Sidecar, *args: Any, **options: Any) -> Any:
    def ask() -> requests.Response:
        caller = Caller(sidecar.url)
        try:
            return caller.ask(*args, **options)
        finally:
            caller.close()

    return ask


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_who_joins_gets_the_answer_and_not_what_was_said_to_the_first(
    lone: Sidecar, upstream: Upstream, stream: bool
) -> None:
    upstream.headers, upstream.delay = OWN, 0.6
    asked = question()
    with together(*[asks(lone, asked, stream=stream)] * 3) as calls:
        first, *others = [call.result() for call in calls]
    assert upstream.calls == 1
    assert OWN.keys() <= {name.lower() for name in first.headers}
    for other in others:
        assert "collapsed" in other.headers["Cache-Status"]
        assert other.content == first.content
        assert other.headers["Content-Type"] == first.headers["Content-Type"]
        assert not OWN.keys() & {name.lower() for name in other.headers}


def test_who_wants_a_new_answer_is_given_no_other_callers(lone: Sidecar, upstream: Upstream) -> None:
    upstream.delay = 0.6
    asked = question()
    again = asks(lone, asked, Cache_Control="no-cache")
    with together(asks(lone, asked), again, again) as calls:
        answers = {call.result().json()["id"] for call in calls}
    assert len(answers) == upstream.calls == 3


@pytest.mark.parametrize(
    ("act", "body", "headers"),
    [
        ("flush", {"namespace": "default"}, {}),
        ("bump", {"names": ["kb"]}, {"X_Prompt_Cache_Depends_On": "kb"}),
    ],
)
def test_what_was_asked_before_a_change_is_neither_shared_nor_stored_after_it(
    lone: Sidecar, upstream: Upstream, act: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    upstream.delay = 1.0
    asked = question()
    ask = asks(lone, asked, **headers)

    def change() -> requests.Response:
        return requests.post(f"{lone.url}/v1/{act}", json=body, timeout=10)

    with together(ask, change, ask, ask) as calls:
        before, _, *after = [call.result() for call in calls]
    assert before.json()["id"] not in [each.json()["id"] for each in after]
    assert len({each.json()["id"] for each in after}) == 1
    assert upstream.calls == 2
    assert ask().json()["id"] == after[0].json()["id"]
    assert fate(ask()) == "hit"


def test_who_depends_on_what_has_not_changed_joins(lone: Sidecar, upstream: Upstream) -> None:
    upstream.delay = 0.6
    ask = asks(lone, question(), X_Prompt_Cache_Depends_On="stays")
    with together(ask, ask, ask) as calls:
        assert len({call.result().json()["id"] for call in calls}) == 1
    assert upstream.calls == 1


def test_calls_of_different_keys_do_not_meet(lone: Sidecar, upstream: Upstream) -> None:
    upstream.delay = 0.6
    asked = question()
    with together(
        asks(lone, asked, key="one"),
        asks(lone, asked, key="two"),
        asks(lone, asked, key="one", X_Prompt_Cache_Namespace="other"),
    ) as calls:
        assert len({call.result().json()["id"] for call in calls}) == 3


def test_a_refusal_is_shared_among_callers_of_one_key_alone(lone: Sidecar, upstream: Upstream) -> None:
    upstream.delay, upstream.status = 0.6, 404
    asked, shared = question(), {"X_Prompt_Cache_Namespace": "shared"}
    with together(*[asks(lone, asked, key=key, **shared) for key in ("one", "one", "two")]) as calls:
        assert {call.result().status_code for call in calls} == {404}
    assert upstream.calls == 2


def test_a_provider_that_is_down_is_not_asked_once_for_each_who_waits(lone: Sidecar, upstream: Upstream) -> None:
    upstream.delay, upstream.status = 1.2, 503
    asked = question()
    with together(*[asks(lone, asked)] * 5) as calls:
        began = time.monotonic()
        assert {call.result().status_code for call in calls} == {503}
    assert upstream.calls == 2
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("kind", KINDS, ids=[f"{kind.name}-{at}" for at, kind in enumerate(KINDS)])
def test_who_joins_in_the_other_form_gets_the_same_answer(lone: Sidecar, upstream: Upstream, kind: Any) -> None:
    upstream.delay = 0.5
    asked = question()
    with together(asks(lone, asked, kind, stream=True), asks(lone, asked, kind)) as calls:
        streamed, plain = [call.result() for call in calls]
    assert upstream.calls == 1
    assert streamed.status_code == plain.status_code == 200
    assert "collapsed" in plain.headers["Cache-Status"]
    plain.json()


def test_an_answer_past_its_time_is_asked_for_once(lone: Sidecar, upstream: Upstream) -> None:
    asked = question()
    asks(lone, asked, X_Prompt_Cache_TTL="1")()
    time.sleep(1.2)
    upstream.delay = 0.6
    with together(*[asks(lone, asked, Cache_Control="stale-if-error=60")] * 4) as calls:
        assert len({call.result().json()["id"] for call in calls}) == 1
    assert upstream.calls == 2


def test_a_client_that_hangs_up_at_the_last_word_has_it_stored(lone: Sidecar, upstream: Upstream) -> None:
    upstream.fault = "lingers"
    asked = question()
    response = requests.post(
        lone.url + CHAT.path,
        json=CHAT.body(asked, stream=True),
        headers={"Authorization": "Bearer sk-test-1"},
        stream=True,
        timeout=10,
    )
    for line in response.iter_lines():
        if line == b"data: [DONE]":
            break
    response.close()
    time.sleep(1.5)
    assert fate(asks(lone, asked)()) == "hit"


def test_a_name_that_stands_twice_is_not_stored(lone: Sidecar, upstream: Upstream) -> None:
    asked = question()
    said = '"messages": [{"role": "user", "content": "%s"}]'
    body = f'{{"model": "gpt-4o-mini", {said % "other"}, {said % asked}}}'
    for _ in range(2):
        sent = requests.post(lone.url + CHAT.path, data=body, headers={"Authorization": "Bearer k"}, timeout=10)
        assert "detail=ambiguous" in sent.headers["Cache-Status"]
    assert upstream.calls == 2


def test_a_stream_that_comes_as_one_body_passes_as_it_is(lone: Sidecar, upstream: Upstream) -> None:
    upstream.fault = "no-stream"
    answer = asks(lone, question(), stream=True)()
    assert answer.status_code == 200
    assert answer.json() == {"said": "something else"}


def test_two_workers_ask_once_however_long_it_takes(upstream: Upstream, server: Sidecar) -> None:
    upstream.delay = LEASE + 2.0
    asked = question()
    with together(*[asks(server, asked)] * 8) as calls:
        assert len({call.result().json()["id"] for call in calls}) == 1
    assert upstream.calls == 1


def test_a_worker_that_is_killed_keeps_the_others_waiting_no_longer_than_its_lease(
    tmp_path: Path, upstream: Upstream
) -> None:
    env = {**settings(upstream), "PROMPT_CACHE_WORKERS": "1", "PROMPT_CACHE_STORE": f"sqlite:///{tmp_path}/one.db"}
    asked = question()
    with Sidecar(tmp_path / "a", env=env) as first, Sidecar(tmp_path / "b", env=env) as second:
        upstream.delay = 60.0
        with ThreadPoolExecutor(2) as pool:
            lost = pool.submit(asks(first, asked))
            time.sleep(0.5)
            waiting = pool.submit(asks(second, asked))
            time.sleep(0.3)
            assert upstream.calls == 1
            first.kill()
            upstream.delay = 0.0
            began = time.monotonic()
            assert waiting.result().status_code == 200
            assert time.monotonic() - began < 20
            with pytest.raises(requests.RequestException):
                lost.result()
