"""What a caller wants of the cache, read from the headers of its call."""

from typing import Any

import pytest

from prompt_cache.core.entry import Source
from prompt_cache.http.failures import HttpError
from prompt_cache.http.front.exchange import Headers
from prompt_cache.http.proxy.directives import Directives


def of(**headers: str) -> Directives:
    """Header names with underscores."""
    return Directives.of(Headers([(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("no-cache", {"no_cache": True}),
        ("NO-STORE", {"no_store": True}),
        ("only-if-cached", {"only_if_cached": True}),
        ("max-age=0", {"max_age": 0.0}),
        ('max-age="60"', {"max_age": 60.0}),
        ("max-age=90s", {"max_age": 90.0}),
        ("max-stale=5", {"max_stale": 5.0, "stale": 5.0}),
        ("stale-if-error=1h", {"stale_if_error": 3600.0, "max_stale": None, "stale": 3600.0}),
        ("max-stale=5, stale-if-error=60", {"max_stale": 5.0, "stale": 60.0}),
        ("no-cache, max-age=1 ,only-if-cached", {"no_cache": True, "max_age": 1.0, "only_if_cached": True}),
        ("private, no-transform, max-age=1", {"max_age": 1.0}),
        (",,", {}),
    ],
)
def test_cache_control(header: str, expected: dict[str, Any]) -> None:
    found = of(cache_control=header)
    assert {name: getattr(found, name) for name in expected} == expected
    if not expected:
        assert found == Directives()


def test_cache_control__max_stale_alone_is_however_old() -> None:
    found = of(cache_control="max-stale")
    assert found.max_stale is not None
    assert found.max_stale > 86400 * 365


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("namespace", "support-1.x", {"namespace": "support-1.x"}),
        ("ttl", "0", {"ttl": 0.0}),
        ("ttl", "7d", {"ttl": 604800.0}),
        ("tags", "a, b%2Cc ,,", {"tags": ("a", "b,c")}),
        ("depends_on", "prices,stock", {"depends_on": ("prices", "stock")}),
        ("attributes", "tenant=a, lang=%C3%A4%20b", {"attributes": {"tenant": "a", "lang": "ä b"}}),
        ("attributes", "a=b=c", {"attributes": {"a": "b=c"}}),
        ("normalize", "loose", {"normalize": "loose"}),
        ("match", "exact", {"match": "exact"}),
        ("match", "semantic", {"match": "semantic"}),
        ("threshold", "0.85", {"threshold": 0.85}),
        ("threshold", "1", {"threshold": 1.0}),
        ("source", "My%20flow/Agent", {"source": Source(workflow="My flow", node="Agent")}),
        ("source", "script", {"source": Source(workflow="script", node="")}),
        ("unheard_of", "x", {}),
    ],
)
def test_header(name: str, value: str, expected: dict[str, Any]) -> None:
    found = of(**{f"x_prompt_cache_{name}": value})
    assert found == Directives(**expected)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"cache_control": "max-age=soon"}, "Cache-Control: max-age: "),
        ({"cache_control": "max-age"}, "Cache-Control: max-age: "),
        ({"cache_control": "stale-if-error=-1"}, "Cache-Control: stale-if-error: "),
        ({"x_prompt_cache_namespace": "a/b"}, "X-Prompt-Cache-Namespace: "),
        ({"x_prompt_cache_namespace": ""}, "X-Prompt-Cache-Namespace: "),
        ({"x_prompt_cache_namespace": "a" * 65}, "X-Prompt-Cache-Namespace: "),
        ({"x_prompt_cache_namespace": "a\n"}, "X-Prompt-Cache-Namespace: "),
        ({"x_prompt_cache_ttl": "soon"}, "X-Prompt-Cache-TTL: "),
        ({"x_prompt_cache_ttl": "99999999999"}, "X-Prompt-Cache-TTL: "),
        ({"x_prompt_cache_ttl": "nan"}, "X-Prompt-Cache-TTL: "),
        ({"x_prompt_cache_attributes": "tenant"}, "X-Prompt-Cache-Attributes: "),
        ({"x_prompt_cache_attributes": "=a"}, "X-Prompt-Cache-Attributes: "),
        ({"x_prompt_cache_match": "fuzzy"}, "X-Prompt-Cache-Match: "),
        ({"x_prompt_cache_threshold": "1.1"}, "X-Prompt-Cache-Threshold: "),
        ({"x_prompt_cache_threshold": "nan"}, "X-Prompt-Cache-Threshold: "),
    ],
)
def test_header__that_cannot_be_meant_is_named(headers: dict[str, str], named: str) -> None:
    with pytest.raises(HttpError) as raised:
        of(**headers)
    failure = raised.value.failure
    assert (failure.status, failure.code) == (400, "invalid-header")
    assert failure.detail.startswith(named)
