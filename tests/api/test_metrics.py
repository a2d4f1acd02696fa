"""Numbers for Prometheus."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from prometheus_client.parser import text_string_to_metric_families

from sidecar.tests.support import ANSWER
from stack import Sidecar

from .client import Api, until


def samples(api: Api, namespace: str) -> dict[tuple[str, str], float]:
    """What Prometheus reads of one namespace: (name, the other label) -> number."""
    response = api.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(response.text):
        assert family.documentation
        assert family.type in ("counter", "gauge", "histogram")
        for sample in family.samples:
            if sample.labels.get("namespace") == namespace:
                others = {value for name, value in sample.labels.items() if name != "namespace"}
                found[sample.name, "".join(others)] = sample.value
    return found


def test_metrics__parse_and_count(api: Api) -> None:
    namespace = f"n-{uuid4().hex[:8]}"
    asked = {"prompt": "Hi", "namespace": namespace}
    key = api.ok("/v1/lookup", asked)["key"]
    api.ok("/v1/store", {"key": key, "response": "", "cost_usd": 0.5})
    api.ok("/v1/store", {"key": key, "response": ANSWER, "cost_usd": 0.5, "latency": 2}, 201)
    api.ok("/v1/lookup", asked)
    expected = {
        ("prompt_cache_lookups_total", "hit"): 1,
        ("prompt_cache_lookups_total", "miss"): 1,
        ("prompt_cache_lookups_total", "stale"): 0,
        ("prompt_cache_answers_total", "stored"): 1,
        ("prompt_cache_answers_total", "refused"): 1,
        ("prompt_cache_saved_usd_total", ""): 0.5,
        ("prompt_cache_unpriced_hits_total", ""): 0,
        ("prompt_cache_saved_tokens_total", "input"): 1000,
        ("prompt_cache_saved_tokens_total", "output"): 500,
        ("prompt_cache_saved_seconds_total", ""): 2,
        ("prompt_cache_entries", ""): 1,
    }
    assert until(lambda: expected.items() <= samples(api, namespace).items(), 3), samples(api, namespace)
    assert samples(api, namespace)["prompt_cache_bytes", ""] > 100


def test_metrics__of_remembered_misses_there_are_none(api: Api) -> None:
    api.ok("/v1/lookup", {"prompt": f"missed {uuid4()}"})
    assert "!misses" not in api.get("/metrics").text


def _service(caller: Api) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(caller.get("/metrics").text)
        for sample in family.samples
    }


_STORES = ("prompt_cache_requests_total", "store", "2xx")


def test_metrics__of_the_service_are_those_of_all_workers_and_outlive_each(folder: Path) -> None:
    env = {"PROMPT_CACHE_STORE": "sqlite:///cache.db", "PROMPT_CACHE_WORKERS": "3"}
    with Sidecar(folder, env=env) as sidecar:

        def store(at: int) -> None:
            caller = Api(sidecar.url, None)  # a connection of its own, which any worker may take
            caller.ok("/v1/store", {"prompt": f"{at}", "response": ANSWER}, 201)
            caller.close()

        def numbers() -> dict[tuple[str, ...], float]:
            caller = Api(sidecar.url, None)
            try:
                return _service(caller)
            finally:
                caller.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(store, range(60)))
            assert until(lambda: numbers()[_STORES] == 60, 5)
            seen = list(pool.map(lambda _: numbers(), range(12)))
        assert [each[_STORES] for each in seen] == [60] * 12
        assert {each["prompt_cache_workers",] for each in seen} == {3}
        assert seen[0]["prompt_cache_request_duration_seconds_count", "store"] == 60
        assert seen[0]["prompt_cache_store_duration_seconds_count", "write"] >= 1

        assert sidecar.pid is not None
        children = Path(f"/proc/{sidecar.pid}/task/{sidecar.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        assert until(lambda: numbers()["prompt_cache_workers",] == 3 and _others(sidecar.pid, children), 10)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(store, range(60, 120)))
        assert until(lambda: numbers()[_STORES] == 120, 5)


def _others(pid: int, before: list[str]) -> bool:
    """Whether a worker was started in place of another."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split() not in ([], before)
