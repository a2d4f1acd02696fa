"""What /metrics tells of calls through the proxy and of the providers behind it."""

from collections.abc import Callable

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from stack import Sidecar
from tests.api.client import until

from .calls import Caller, question
from .upstream import Upstream


def numbers(sidecar: Sidecar) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(requests.get(f"{sidecar.url}/metrics", timeout=10).text)
        for sample in family.samples
    }


@pytest.fixture
def rise(server: Sidecar) -> Callable[..., float]:
    """By how much a number has risen since this test began."""
    before = numbers(server)
    return lambda *labels: numbers(server).get(labels, 0.0) - before.get(labels, 0.0)


def test_calls__are_measured_by_what_came_of_them(caller: Caller, rise: Callable[..., float]) -> None:
    asked = question()
    caller.ask(asked)
    caller.ask(asked)
    caller.ask(asked, stream=True)
    caller.ask(asked, cache_control="no-store")
    assert until(lambda: rise("prompt_cache_requests_total", "proxy_miss", "2xx") == 1, 5)
    assert until(lambda: rise("prompt_cache_requests_total", "proxy_hit", "2xx") == 2, 5)
    assert until(lambda: rise("prompt_cache_requests_total", "proxy_passed", "2xx") == 1, 5)
    assert until(lambda: rise("prompt_cache_upstream_first_byte_seconds_count", "openai") == 2, 5)
    assert until(lambda: rise("prompt_cache_upstream_duration_seconds_count", "openai") == 2, 5)


def test_calls__that_are_refused_here_are_no_misses(caller: Caller, rise: Callable[..., float]) -> None:
    caller.ask(question(), cache_control="only-if-cached")
    assert until(lambda: rise("prompt_cache_requests_total", "other", "5xx") == 1, 5)
    assert rise("prompt_cache_requests_total", "proxy_miss", "5xx") == 0


def test_upstream__that_is_slow_is_seen_in_both_times(
    caller: Caller, upstream: Upstream, rise: Callable[..., float]
) -> None:
    upstream.delay = 0.3  # before the answer, and in its middle
    caller.ask(question(), stream=True)
    first_byte = rise("prompt_cache_upstream_first_byte_seconds_sum", "openai")
    whole = rise("prompt_cache_upstream_duration_seconds_sum", "openai")
    assert 0.3 <= first_byte < 0.6 <= whole < 2
    assert until(lambda: rise("prompt_cache_request_duration_seconds_sum", "proxy_miss") >= 0.6, 5)


@pytest.mark.parametrize(("status", "reason"), [(429, "429"), (500, "5xx"), (401, "4xx")])
def test_upstream__that_fails_is_counted_by_reason(
    caller: Caller, upstream: Upstream, rise: Callable[..., float], status: int, reason: str
) -> None:
    upstream.status = status
    caller.ask(question())
    assert until(lambda: rise("prompt_cache_upstream_failures_total", reason, "openai") == 1, 5)


def test_upstream__that_breaks_off_is_counted(caller: Caller, upstream: Upstream, rise: Callable[..., float]) -> None:
    upstream.fault = "cut"
    with pytest.raises(requests.RequestException):
        caller.ask(question())
    assert until(lambda: rise("prompt_cache_upstream_failures_total", "cut_off", "openai") == 1, 5)
