"""Redis goes down, and sidecars are restarted one by one, under HTTP load."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from stack import Sidecar
from stack.redis import Redis
from tests.api.client import until

from .load import Load, post
from .sidecars import Stored, look_up, promptly, recovered, remember_one, told_to_wait

TIMEOUT = 0.5
DURABLE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path, arguments=DURABLE) as server:
        yield server


@pytest.fixture
def sidecars(tmp_path: Path, server: Redis) -> Iterator[list[Sidecar]]:
    env = {"PROMPT_CACHE_STORE": server.url, "PROMPT_CACHE_STORE_TIMEOUT": str(TIMEOUT)}
    with Sidecar(tmp_path, env=env) as first, Sidecar(tmp_path, env=env) as second:
        yield [first, second]


@pytest.mark.parametrize("frozen", [False, True])
def test_lookups_are_told_to_wait_until_it_is_back(server: Redis, sidecars: list[Sidecar], frozen: bool) -> None:
    answer = post(sidecars[0].url, "/v1/store", {"prompt": "known", "response": "answer"})
    assert answer.status == 201
    with Load(lambda thread, turn: look_up(sidecars[thread % 2], thread, turn)) as load:
        load.wait_for(recovered)
        server.pause() if frozen else server.kill()
        load.wait_for(told_to_wait)
        server.resume() if frozen else server.start()
        load.wait_for(recovered)
    assert promptly(load.results, TIMEOUT)


def test_a_rolling_restart_loses_nothing(sidecars: list[Sidecar]) -> None:
    stored = Stored()
    with Load(lambda thread, turn: remember_one(sidecars, stored, thread, turn)) as load:
        for sidecar in sidecars:
            load.wait_for(lambda results: sum(results) >= 40)
            sidecar.restart()
        load.wait_for(lambda results: sum(results) >= 40)
    assert stored.missing(sidecars) == []


def test_sidecars_see_each_other_at_once(sidecars: list[Sidecar]) -> None:
    first, second = (sidecar.url for sidecar in sidecars)

    for path, body in (
        ("/v1/invalidate", {"tags": ["t"]}),
        ("/v1/bump", {"names": ["kb"]}),
        ("/v1/flush", {"namespace": "default"}),
    ):
        asked = {"prompt": path}

        def statuses(asked: dict[str, str] = asked) -> list[str]:
            return [post(url, "/v1/lookup", asked).body["status"] for url in (first, second)]

        answer = {**asked, "response": 1, "tags": ["t"], "depends_on": ["kb"]}
        assert post(first, "/v1/store", answer).status == 201
        assert statuses() == ["hit", "hit"]
        assert post(second, path, body).status == 200
        assert statuses() == ["miss", "miss"]


def test_while_memory_is_full_a_store_is_refused_and_hits_go_on(server: Redis, sidecars: list[Sidecar]) -> None:
    url = sidecars[0].url
    assert post(url, "/v1/store", {"prompt": "known", "response": "answer"}).status == 201
    server.cli("config", "set", "maxmemory", "1")
    refused = post(url, "/v1/store", {"prompt": "other", "response": "answer"})
    assert (refused.status, refused.body["type"]) == (503, "urn:prompt-cache:problem:store-full")
    assert post(url, "/v1/lookup", {"prompt": "known"}).body["response"] == "answer"
    assert post(url, "/v1/lookup", {"prompt": "other"}).body["status"] == "miss"
    server.cli("config", "set", "maxmemory", "0")
    assert post(url, "/v1/store", {"prompt": "other", "response": "answer"}).status == 201


def _numbers(sidecar: Sidecar) -> dict[tuple[str, ...], float]:
    """What /metrics tells, by name and the values of the labels, in the order of the labels' names."""
    response = requests.get(f"{sidecar.url}/metrics", timeout=10)
    assert response.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("frozen", [False, True])
def test_metrics_are_told_while_it_is_away_and_no_counter_falls(
    server: Redis, sidecars: list[Sidecar], frozen: bool
) -> None:
    for sidecar in sidecars:
        assert post(sidecar.url, "/v1/lookup", {"prompt": "asked"}).status == 200
    ledger = "prompt_cache_lookups_total", "default", "miss"
    assert until(lambda: all(_numbers(sidecar).get(ledger) == 2 for sidecar in sidecars), 5), "each tells of both"
    before = _numbers(sidecars[0])
    assert before["prompt_cache_requests_total", "lookup", "2xx"] == 1, "and of its own requests"
    server.pause() if frozen else server.kill()
    assert post(sidecars[0].url, "/v1/lookup", {"prompt": "asked"}).status == 503
    during = _numbers(sidecars[0])
    assert during["prompt_cache_store_up",] == 0
    assert during["prompt_cache_store_errors_total", "unavailable"] >= 1
    assert during["prompt_cache_requests_total", "lookup", "5xx"] == 1
    assert ledger not in during, "a part of it would look like a counter that fell"
    server.resume() if frozen else server.start()
    assert until(lambda: _numbers(sidecars[0])["prompt_cache_store_up",] == 1, 10)
    after = _numbers(sidecars[0])
    fallen = {name for name, value in before.items() if name[0].endswith("_total") and after.get(name, 0.0) < value}
    assert fallen == set()
