"""Numbers for Prometheus."""

from uuid import uuid4

from prometheus_client.parser import text_string_to_metric_families

from sidecar.tests.support import ANSWER

from .client import Api, until


def samples(api: Api, namespace: str) -> dict[tuple[str, str], float]:
    """What Prometheus reads of one namespace: (name, the other label) -> number."""
    response = api.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(response.text):
        assert family.documentation
        assert family.type in ("counter", "gauge")
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
