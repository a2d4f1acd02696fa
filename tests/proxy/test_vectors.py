"""Batches of embeddings as no honest caller or provider sends them."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stack import Sidecar

from .calls import Caller, fate, question
from .conftest import settings
from .raw import RawUpstream
from .upstream import Upstream

PATH = "/openai/v1/embeddings"


def test_as_many_as_a_provider_takes(caller: Caller, upstream: Upstream) -> None:
    mark = question()
    asked = {"model": "e", "input": [f"{mark} {'x' * (at % 50)} {at}" for at in range(2048)]}
    first, again = (caller.send("POST", PATH, json=asked) for _ in range(2))
    assert (first.status_code, fate(first)) == (200, "fwd=uri-miss")
    assert "stored" in first.headers["Cache-Status"]
    assert fate(again) == "hit"
    assert again.json()["data"] == first.json()["data"]
    assert [each["index"] for each in again.json()["data"]] == list(range(2048))
    assert upstream.calls == 1


def test_a_name_that_stands_twice_is_passed_on_and_not_stored(caller: Caller, upstream: Upstream) -> None:
    one, other = question(), question()
    twice = f'{{"model": "e", "input": "{one}", "input": "{other}"}}'
    answer = caller.send("POST", PATH, data=twice, headers={"Content-Type": "application/json"})
    assert answer.headers["Cache-Status"] == "prompt-cache; fwd=bypass; detail=ambiguous"
    assert fate(caller.send("POST", PATH, json={"model": "e", "input": other})) == "fwd=uri-miss"
    assert upstream.calls == 2


def test_what_is_only_wanted_from_the_cache_is_not_tried_again(caller: Caller, upstream: Upstream) -> None:
    asked = {"model": "e", "input": question()}
    answer = caller.send("POST", PATH, json=asked, headers={"Cache-Control": "only-if-cached"})
    assert (answer.status_code, answer.headers["X-Should-Retry"]) == (504, "false")
    assert upstream.calls == 0


@pytest.mark.parametrize(
    "asked", [{"input": []}, {"input": ""}, {"input": [""]}, {"input": [1, "a"]}, {"input": None}, {}, {"input": {}}]
)
def test_what_asks_nothing_is_the_providers_to_refuse(
    caller: Caller, upstream: Upstream, asked: dict[str, Any]
) -> None:
    caller.send("POST", PATH, json={"model": "e", **asked})
    assert json.loads(upstream.bodies[0]) == {"model": "e", **asked}


def _told(vectors: Any) -> Callable[[socket.socket, bytes], None]:
    body = json.dumps({"object": "list", "model": "e", "data": vectors}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return lambda connection, _: connection.sendall(head + body)


@pytest.fixture
def behaviour() -> list[Callable[[socket.socket, bytes], None]]:
    return []


@pytest.fixture
def client(
    tmp_path: Path, upstream: Upstream, behaviour: list[Callable[[socket.socket, bytes], None]]
) -> Iterator[Caller]:
    with RawUpstream(lambda connection, head: behaviour[0](connection, head)) as raw:
        env = {**settings(upstream), "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{raw.url}/v1"}
        with Sidecar(tmp_path, env=env) as sidecar:
            caller = Caller(sidecar.url)
            yield caller
            caller.close()


def test_vectors_in_another_order_go_to_their_own_texts(
    client: Caller, behaviour: list[Callable[[socket.socket, bytes], None]]
) -> None:
    words = [question() for _ in range(2)]
    behaviour.append(_told([{"index": 1, "embedding": "Qg=="}, {"index": 0, "embedding": "QQ=="}]))
    client.send("POST", PATH, json={"model": "e", "input": words, "encoding_format": "base64"})
    for word, vector in zip(words, ("QQ==", "Qg=="), strict=True):
        body = {"model": "e", "input": word, "encoding_format": "base64"}
        alone = client.send("POST", PATH, json=body)
        assert (fate(alone), alone.json()["data"][0]["embedding"]) == ("hit", vector)


@pytest.mark.parametrize(
    "vectors",
    [
        [],
        [{"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [2.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 2, "embedding": [2.0]}],
        [{"embedding": [1.0]}, {"embedding": [2.0]}],
        {"0": [1.0]},
    ],
)
def test_vectors_that_cannot_be_told_apart_are_never_stored(
    client: Caller, behaviour: list[Callable[[socket.socket, bytes], None]], vectors: Any
) -> None:
    behaviour.append(_told(vectors))
    words = [question() for _ in range(2)]
    got = client.send("POST", PATH, json={"model": "e", "input": words})
    assert (got.status_code, got.json()["data"]) == (200, vectors)
    for word in words:
        only = {"Cache-Control": "only-if-cached"}
        assert client.send("POST", PATH, json={"model": "e", "input": word}, headers=only).status_code == 504


def test_when_the_rest_cannot_be_had_all_is_asked_for(
    client: Caller, behaviour: list[Callable[[socket.socket, bytes], None]]
) -> None:
    words = [question() for _ in range(2)]
    behaviour.append(_told([{"index": 0, "embedding": [1.0]}]))
    client.send("POST", PATH, json={"model": "e", "input": words[0]})
    behaviour[0] = _told([{"index": at, "embedding": [2.0]} for at in range(2)])  # too many for what is missing
    both = client.send("POST", PATH, json={"model": "e", "input": words})
    assert both.headers["Cache-Status"] == "prompt-cache; fwd=bypass; detail=unreadable"
    assert [vector["embedding"] for vector in both.json()["data"]] == [[2.0], [2.0]]
