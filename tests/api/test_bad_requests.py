"""What is wrong with a body or a query is named, field by field, with the fix."""

from typing import Any

import pytest

from .client import JSON, POSTS, Api, faults

# -- 400: the body -----


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"prompt": "a",}',
        b"{'prompt': 'a'}",
        b'{"prompt": "\xff"}',
        b'{"prompt": NaN}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
    ids=["empty", "open", "word", "comma", "quotes", "utf-8", "nan", "bom", "deep"],
)
def test_400__what_is_no_json(api: Api, path: str, body: bytes) -> None:
    found = faults(api.send("POST", path, data=body, headers=JSON))
    assert found.keys() == {()}
    assert found[()].startswith(("not valid JSON", "nested too deeply", "expected `object`"))


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1", "true"])
def test_400__what_is_no_object(api: Api, path: str, body: str) -> None:
    assert "expected `object`" in faults(api.send("POST", path, data=body, headers=JSON))[()]


@pytest.mark.parametrize("path", POSTS)
def test_400__unknown_fields_are_named(api: Api, path: str) -> None:
    assert "unknown field; known are" in faults(api.post(path, {"zzz": 1}))[("zzz",)]


LOOKUP = {"prompt": "x"}
STORE = {"prompt": "x", "response": "y"}


@pytest.mark.parametrize(
    ("path", "body", "loc", "said"),
    [
        # suggestions
        ("/v1/lookup", {"promt": "x"}, ("promt",), "did you mean `prompt`?"),
        ("/v1/lookup", {**LOOKUP, "maxage": 1}, ("maxage",), "did you mean `max_age`?"),
        ("/v1/lookup", {**LOOKUP, "source": {"workfow": "x"}}, ("source", "workfow"), "did you mean `workflow`?"),
        ("/v1/store", {**STORE, "tag": []}, ("tag",), "did you mean `tags`?"),
        # types
        ("/v1/lookup", {"prompt": 1}, ("prompt",), "expected `str`, got `int`"),
        ("/v1/lookup", {"prompt": ""}, ("prompt",), "expected `str` of length >= 1"),
        ("/v1/lookup", {"messages": []}, ("messages",), "expected `array` of length >= 1"),
        ("/v1/lookup", {"messages": ["hi"]}, ("messages", 0), "expected `object`, got `str`"),
        ("/v1/lookup", {**LOOKUP, "attributes": {"a": 1}}, ("attributes", "a"), "expected `str`, got `int`"),
        ("/v1/lookup", {**LOOKUP, "attributes": {"a" * 300: ""}}, ("attributes",), "a name in it"),
        ("/v1/lookup", {**LOOKUP, "params": []}, ("params",), "expected `object"),
        ("/v1/lookup", {**LOOKUP, "match": "fuzzy"}, ("match",), "use one of: exact, semantic"),
        ("/v1/lookup", {**LOOKUP, "namespace": "a b"}, ("namespace",), "1 to 64 letters, digits, dots, dashes"),
        ("/v1/lookup", {**LOOKUP, "namespace": "a\n"}, ("namespace",), "1 to 64 letters, digits, dots, dashes"),
        ("/v1/lookup", {**LOOKUP, "namespace": "!misses"}, ("namespace",), "1 to 64 letters"),
        ("/v1/store", {"prompt": "x"}, ("response",), "required, but missing"),
        ("/v1/store", {**STORE, "cost_usd": -1}, ("cost_usd",), "expected `float` >= 0"),
        ("/v1/store", {**STORE, "latency": "fast"}, ("latency",), "expected `float"),
        ("/v1/store", {**STORE, "tags": "a"}, ("tags",), "expected `array`"),
        ("/v1/store", {**STORE, "tags": [""]}, ("tags", 0), "length >= 1"),
        ("/v1/bump", {"names": []}, ("names",), "length >= 1"),
        ("/v1/bump", {}, ("names",), "required, but missing"),
        ("/v1/bump", {"names": ["kb\n"]}, ("names", 0), "without line breaks"),
        ("/v1/bump", {"names": ["kb"], "namespace": "a\n"}, ("namespace",), "1 to 64 letters"),
        ("/v1/release", {"key": "x"}, ("lease",), "required, but missing"),
        ("/v1/release", {"key": "a\x00b", "lease": "x"}, ("key",), "without line breaks"),
        ("/v1/release", {"key": "x", "lease": "a\x00"}, ("lease",), "without line breaks"),
        ("/v1/store", {"key": "a\x00b", "response": 1}, ("key",), "without line breaks"),
        ("/v1/invalidate", {"key": "\x00"}, ("key",), "without line breaks"),
        ("/v1/flush", {"all": "yes"}, ("all",), "expected `bool`, got `str`"),
        ("/v1/lookup/batch", {"items": [LOOKUP] * 1001}, ("items",), "expected `array` of length <= 1000"),
        ("/v1/lookup/batch", {"items": [LOOKUP, {"promt": 1}]}, ("items", 1, "promt"), "did you mean `prompt`?"),
        ("/v1/store/batch", {"items": [STORE, {**STORE, "ttl": []}]}, ("items", 1, "ttl"), "expected"),
        # durations
        ("/v1/lookup", {**LOOKUP, "max_age": "soon"}, ("max_age",), "not a duration: use seconds, or a number with ms"),
        ("/v1/lookup", {**LOOKUP, "max_age": -1}, ("max_age",), ">= 0"),
        ("/v1/lookup", {**LOOKUP, "max_stale": "9999999w"}, ("max_stale",), "between 0 and 100 years"),
        ("/v1/lookup", {**LOOKUP, "lease": "1y"}, ("lease",), "not a duration"),
        ("/v1/store", {**STORE, "ttl": "1 day"}, ("ttl",), "not a duration"),
        ("/v1/store", {**STORE, "ttl": None}, ("ttl",), "null (never expires) is switched off here"),
        ("/v1/store", {**STORE, "ttl": True}, ("ttl",), "expected"),
        ("/v1/invalidate", {"older_than": "9s\n"}, ("older_than",), "not a duration"),
        # meaning
        ("/v1/lookup", {}, ("prompt",), "give `prompt` (text) or `messages`"),
        ("/v1/lookup", {**LOOKUP, "messages": [{"role": "user"}]}, ("messages",), "either `prompt` or `messages`"),
        ("/v1/lookup", {"messages": [{"content": "x"}]}, ("messages", "0", "role"), "each message needs a `role`"),
        ("/v1/lookup", {"prompt": "half \ud83d"}, ("prompt",), "half of a surrogate pair"),
        (
            "/v1/lookup",
            {**LOOKUP, "params": {"stop": ["\ude00"]}},
            ("params", "stop", 0),
            "cut texts between characters",
        ),
        ("/v1/store/batch", {"items": [STORE, {**STORE, "prompt": "\ud83d."}]}, ("items", 1, "prompt"), "half of a"),
        ("/v1/lookup", {**LOOKUP, "normalize": ["trim"] * 33}, ("normalize",), "length <= 32"),
        ("/v1/lookup", {**LOOKUP, "normalize": "lose"}, ("normalize",), "unknown normalization preset 'lose'; use one"),
        ("/v1/lookup", {**LOOKUP, "normalize": ["trimm"]}, ("normalize",), "unknown normalization step 'trimm'; use"),
        ("/v1/lookup", {**LOOKUP, "normalize": ["mask:x"]}, ("normalize",), "no mask named 'x' is configured"),
        ("/v1/lookup", {**LOOKUP, "match": "semantic"}, ("match",), "needs an embedder, and none is configured"),
        ("/v1/lookup", {**LOOKUP, "threshold": 0.9}, ("threshold",), "goes with `match: semantic`"),
        ("/v1/lookup/batch", {"items": [LOOKUP, {}]}, ("items", 1, "prompt"), "give `prompt`"),
        ("/v1/store", {"response": "x"}, ("key",), "give the `key` of a lookup, or the request"),
        ("/v1/store", {**STORE, "key": "x"}, ("key",), "not both"),
        ("/v1/store", {"key": "x", "model": "m", "response": "y"}, ("model",), "leave this out"),
        ("/v1/store/batch", {"items": [STORE, {"response": 1}]}, ("items", 1, "key"), "give the `key`"),
        ("/v1/invalidate", {}, (), "say what to invalidate: key, prompt or messages, tags, model, attributes or older"),
        ("/v1/invalidate", {"namespace": "x"}, (), "to empty a namespace use /v1/flush"),
        ("/v1/invalidate", {"key": "x", "prompt": "y"}, ("key",), "give a key or a request, not both"),
        ("/v1/invalidate", {"system": "x", "tags": ["a"]}, ("system",), "give its `prompt` or `messages`"),
        ("/v1/flush", {}, ("namespace",), "say what to flush"),
        ("/v1/flush", {"namespace": "x", "all": True}, ("namespace",), "say what to flush"),
    ],
)
def test_400__names_the_field_and_what_is_wrong(
    api: Api, path: str, body: Any, loc: tuple[str | int, ...], said: str
) -> None:
    found = faults(api.post(path, body))
    assert found.keys() == {loc}
    assert said in found[loc]


def test_400__names_several_faults_at_once(api: Api) -> None:
    body = {"items": [{"prompt": "x", "max_age": "soon"}, {"promt": "x", "model": 5, "namespace": "a b"}], "x": 1}
    response = api.post("/v1/lookup/batch", body)
    assert faults(response).keys() == {
        ("items", 0, "max_age"),
        ("items", 1, "promt"),
        ("items", 1, "model"),
        ("items", 1, "namespace"),
        ("x",),
    }
    assert "(and 4 more)" in response.json()["detail"]


@pytest.mark.parametrize("answer", [b'{"x":1e999}', b'"\xff"', b'"' + rb"\ud800" + b'"'])
def test_400__an_answer_that_cannot_be_replayed(api: Api, answer: bytes) -> None:
    faults(api.send("POST", "/v1/store", data=b'{"prompt":"x","response":%s}' % answer, headers=JSON))


def test_400__numbers_out_of_range_and_nesting_beyond_measure(api: Api) -> None:
    assert faults(api.send("POST", "/v1/lookup", data=b'{"prompt":"x","params":{"a":1e999}}', headers=JSON))
    deep = b'{"prompt":"x","params":{"a":' + b"[" * 900 + b"]" * 900 + b"}}"
    assert faults(api.send("POST", "/v1/lookup", data=deep, headers=JSON)) == {(): "nested too deeply"}


def test_400__says_the_same_on_the_short_and_on_the_long_way(api: Api) -> None:
    for body in ({}, {"promt": 1}, {**LOOKUP, "normalize": "lose"}, {**LOOKUP, "max_age": "9999999w"}):
        plain = api.post("/v1/lookup", body)
        long = api.post("/v1/lookup", body, headers={"Content-Type": "application/json; charset=utf-8"})
        assert (plain.status_code, plain.json()) == (long.status_code, long.json())


# -- 400: the query -----


@pytest.mark.parametrize(
    ("query", "loc", "said"),
    [
        ("entries?limit=x", ("limit",), "expected `int`"),
        ("entries?limit=" + "9" * 5000, ("limit",), "expected `int`"),
        ("entries?limit=null", ("limit",), "expected `int`"),
        (
            "stats?group_by=null",
            ("group_by",),
            "use one, or several joined by commas",
        ),
        ("entries?limit=0", ("limit",), "expected `int` >= 1"),
        ("entries?limit=1001", ("limit",), "<= 1000"),
        ("entries?q=", ("q",), "length >= 1"),
        ("entries?cursor=made-up", ("cursor",), "the cursor is not one that a listing returned"),
        ("entries?cursor=nan/x", ("cursor",), "the cursor is not one that a listing returned"),
        ("entries?namespace=a%20b", ("namespace",), "1 to 64 letters"),
        ("entries?tags=a", ("tags",), "did you mean `tag`?"),
        ("entries?tag=a&tag=b", ("tag",), "given more than once"),
        (
            "stats?group_by=color",
            ("group_by",),
            "use one, or several joined by commas",
        ),
        (
            "stats?group_by=model,,node",
            ("group_by",),
            "`` is none of hour, day, namespace, model, workflow, node, match",
        ),
        ("stats?interval=week", ("interval",), "use one of: hour, day"),
        ("stats?since=yesterday", ("since",), "not a time such as 2026-11-23T00:00:00Z, nor a duration before now"),
        ("stats?until=9999-12-31T23:59:59Z", ("until",), "not a time"),
        ("stats?since=0001-01-01T00:00:00Z", ("since",), "not a time"),
    ],
)
def test_400__queries(api: Api, query: str, loc: tuple[str], said: str) -> None:
    found = faults(api.get(f"/v1/{query}"))
    assert found.keys() == {loc}
    assert said in found[loc]
