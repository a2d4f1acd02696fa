"""LangCache's API over plain HTTP: what its SDKs cannot send, and what they do not look at."""

import socket
import threading
from typing import Any
from uuid import uuid4

import pytest
import requests

from stack import Sidecar
from tests.api.client import Api

BODIES: dict[str, dict[str, Any]] = {
    "/entries/search": {"prompt": "x"},
    "/conversations/search": {"prompt": "x", "context": ["y"]},
    "/entries": {"prompt": "x", "response": "y"},
}


def error(response: requests.Response, status: int, type_: str) -> dict[str, Any]:
    """The body of a refusal, after asserting the one shape that all of them have."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert {"title", "type", "status", "detail"} <= body.keys() <= {"title", "type", "status", "detail", "fields"}
    assert (body["status"], body["type"]) == (status, f"/errors/{type_}")
    assert all(field.keys() == {"field", "rule", "message"} for field in body.get("fields", ()))
    return body


def fields(response: requests.Response) -> set[str]:
    return {field["field"] for field in error(response, 400, "invalid-data")["fields"]}


# -- as they were documented -----


def test_curl__need_not_say_that_it_is_json(api: Api, cache: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (
        api.send("POST", f"{cache}/entries", data='{"prompt": "x", "response": "y"}', headers=form).status_code == 201
    )
    found = api.send("POST", f"{cache}/entries/search", data=b'{"prompt": "x"}')
    assert found.json()["data"][0]["response"] == "y"


def test_template_12400__after_its_url_and_key_are_changed(api: Api, cache: str) -> None:
    """The two HTTP Request nodes of n8n's template, with the bodies, headers and conditions that they have."""
    threshold, question = 0.75, "How do I reset my password?"
    accept = {"accept": "application/json"}

    def is_cache_hit() -> bool:
        answer = api.post(
            f"{cache}/entries/search", {"prompt": question, "similarityThreshold": threshold}, headers=accept
        )
        assert answer.status_code == 200
        data = answer.json()["data"]
        return bool(data) and data[0]["similarity"] >= threshold

    assert not is_cache_hit()
    saved = api.post(
        f"{cache}/entries", {"prompt": question, "response": "Use the link below the form."}, headers=accept
    )
    assert (saved.status_code, saved.json().keys()) == (201, {"entryId"})
    assert is_cache_hit()


def test_health(api: Api, server: Sidecar, cache: str) -> None:
    stranger = Api(server.url)
    for path in ("/health", "/health/liveness", "/health/readiness"):
        assert stranger.get(path).json()["status"] in ("ok", "ready")
    assert api.get(f"{cache}/health").json()["status"] == "ready"
    error(stranger.get(f"{cache}/health"), 401, "authentication-failed")
    stranger.close()


# -- entries are entries of the cache -----


def test_entries__are_seen_by_the_cache_servers_own_api(api: Api, cache: str, cache_id: str) -> None:
    body = {"prompt": "Hours?", "response": "at nine", "attributes": {"shop": "north"}, "ttlMillis": 90_000}
    entry_id = api.ok(f"{cache}/entries", body, 201)["entryId"]
    (item,) = api.get("/v1/entries", namespace=cache_id).json()["items"]
    assert (item["key"], item["attributes"]) == (entry_id, {"shop": "north"})
    asked = {"prompt": "Hours?", "attributes": {"shop": "north"}, "namespace": cache_id}
    hit = api.ok("/v1/lookup", asked)
    assert (hit["status"], hit["key"], hit["response"]) == ("hit", entry_id, "at nine")
    assert 80 < hit["ttl"] <= 90
    api.ok(f"{cache}/entries/search", {"prompt": "Hours?"})
    api.ok(f"{cache}/entries/search", {"prompt": "Where?"})
    totals = api.get("/v1/stats", namespace=cache_id).json()
    assert (totals["hits"], totals["misses"], totals["stored"]) == (2, 1, 1)
    assert totals["saved"]["output_tokens"] > 0
    assert api.ok("/v1/invalidate", {"attributes": {"shop": "north"}, "namespace": cache_id})["deleted"] == 1
    assert api.ok(f"{cache}/entries/search", {"prompt": "Hours?"}) == {"data": []}


def test_entries__texts_that_were_stored_otherwise_are_found_and_all_else_is_not(
    api: Api, cache: str, cache_id: str
) -> None:
    for prompt, response in (("text", "at nine"), ("item", {"text": "at nine"}), ("null", None), ("number", 9)):
        api.post("/v1/store", {"prompt": prompt, "namespace": cache_id, "response": response})
    found = {
        prompt: [each["response"] for each in api.ok(f"{cache}/entries/search", {"prompt": prompt})["data"]]
        for prompt in ("text", "item", "null", "number")
    }
    assert found == {"text": ["at nine"], "item": [], "null": [], "number": []}
    totals = api.get("/v1/stats", namespace=cache_id).json()
    assert (totals["hits"], totals["misses"]) == (1, 3)


def test_set__what_is_not_worth_keeping_says_why(api: Api, cache: str) -> None:
    answer = api.ok(f"{cache}/entries", {"prompt": "x", "response": "   "}, 201)
    assert (answer["stored"], answer["reason"]) == (False, "empty_response")
    assert api.ok(f"{cache}/entries/search", {"prompt": "x"}) == {"data": []}


def test_prompts__blanks_at_their_ends_do_not_matter_but_case_does(api: Api, cache: str) -> None:
    api.ok(f"{cache}/entries", {"prompt": "Hours?", "response": "at nine"}, 201)
    (entry,) = api.ok(f"{cache}/entries/search", {"prompt": " Hours?\n"})["data"]
    assert entry["prompt"] == " Hours?\n"
    assert api.ok(f"{cache}/entries/search", {"prompt": "hours?"}) == {"data": []}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((["a", "b"], "c"), (["a\nb"], "c")),
        ((["a"], "b"), ([], "a\nb")),
        ((["a"], "b"), (["a", "b"], "b")),
        ((['a"\n- "b'], "c"), (["a", "b"], "c")),
        (([""], "a"), ([], "a")),
        ((["a "], "b"), (["a"], "b")),
    ],
)
def test_conversations__no_two_are_one(api: Api, cache: str, one: Any, other: Any) -> None:
    said = [
        api.ok(f"{cache}/conversations/search", {"context": context, "prompt": prompt})["actualPrompt"]
        for context, prompt in (one, other)
    ]
    api.ok(f"{cache}/entries", {"prompt": said[0], "response": "the one"}, 201)
    assert api.ok(f"{cache}/entries/search", {"prompt": said[1]}) == {"data": []}


# -- what is wrong -----


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"prompt": 5}, {"prompt"}),
        ({"prompt": None}, {"prompt"}),
        ({"attributes": {"a": 5}}, {"attributes.a"}),
        ({"attributes": {"a\x00": "b"}}, {"attributes"}),
        ({"attributes": {"a": "x" * 16_385}}, {"attributes.a"}),
        ({"attributes": {str(number): "x" for number in range(65)}}, {"attributes"}),
        ({"unheard": 1}, {"unheard"}),
    ],
)
def test_bodies__what_is_wrong_is_named(api: Api, cache: str, path: str, wrong: Any, named: set[str]) -> None:
    assert fields(api.post(cache + path, BODIES[path] | wrong)) == named


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/entries/search", {"similarityThreshold": -0.1}),
        ("/entries/search", {"similarityThreshold": "high"}),
        ("/entries/search", {"maxResults": 101}),
        ("/entries/search", {"maxResults": 1.5}),
        ("/entries/search", {"searchStrategies": ["fuzzy"]}),
        ("/entries/search", {"context": ["x"]}),
        ("/conversations/search", {"context": "x"}),
        ("/entries", {"ttlMillis": 0}),
        ("/entries", {"ttlMillis": -1}),
        ("/entries", {"ttlMillis": 31_556_952_001}),
        ("/entries", {"ttlMillis": 10**30}),
        ("/entries", {"ttlMillis": True}),
        ("/entries", {"response": ["x"]}),
    ],
)
def test_bodies__each_bound_is_held(api: Api, cache: str, path: str, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    assert all(field.partition(".")[0] == name for field in fields(api.post(cache + path, BODIES[path] | wrong)))


@pytest.mark.parametrize("millis", [1, 31_556_952_000])
def test_ttl__its_ends_will_do(api: Api, cache: str, millis: int) -> None:
    api.ok(f"{cache}/entries", {"prompt": "x", "response": "y", "ttlMillis": millis}, 201)


def test_bodies__a_number_may_be_text(api: Api, cache: str) -> None:
    """As n8n's Edit Fields makes it."""
    api.ok(f"{cache}/entries", {"prompt": "7", "response": "8", "ttlMillis": "60000"}, 201)
    body = {"prompt": "7", "similarityThreshold": "0.75", "maxResults": "3"}
    (entry,) = api.ok(f"{cache}/entries/search", body)["data"]
    assert (entry["prompt"], entry["response"]) == ("7", "8")
    assert fields(api.post(f"{cache}/entries/search", body | {"similarityThreshold": "1.5"})) == {"similarityThreshold"}
    for wrong in ("", "much", "null", "true", '"1"', "[1]", "1e400", "0"):
        assert fields(api.post(f"{cache}/entries/search", body | {"maxResults": wrong})) == {"maxResults"}


def test_attributes__nothing_passes_for_none_of_them(api: Api, cache: str) -> None:
    nothing: list[Any] = ["null", "", "{}", [], 0, False]
    for wrong in nothing:
        assert fields(api.post(f"{cache}/entries/search", {"prompt": "x", "attributes": wrong})) == {"attributes"}


def test_bodies__absent_and_null_are_one(api: Api, cache: str) -> None:
    nothing = dict.fromkeys(("attributes", "similarityThreshold", "searchStrategies", "maxResults", "context"))
    api.ok(f"{cache}/entries", {"prompt": "x", "response": "y", "attributes": None, "ttlMillis": None}, 201)
    assert len(api.ok(f"{cache}/conversations/search", {"prompt": "x"} | nothing)["data"]) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"prompt": "\\ud83d"}', b'{"prompt": "\xff"}', b"[" * 9000]
)
def test_bodies__that_are_no_json(api: Api, cache: str, body: bytes) -> None:
    error(api.send("POST", f"{cache}/entries/search", data=body), 400, "invalid-data")


def test_texts__any_that_is_unicode(api: Api, cache: str) -> None:
    for text in ("\x00", "a\x00b", "\u2028", "\ufffe", "👩‍👩‍👧", "\u202egnp.exe", "x" * 100_000):
        asked = {"prompt": f"p{text}", "attributes": {"t": text[:9000]}}
        api.ok(f"{cache}/entries", {**asked, "response": f"r{text}"}, 201)
        (entry,) = api.ok(f"{cache}/entries/search", asked)["data"]
        assert {**asked, "response": f"r{text}"}.items() <= entry.items()


@pytest.mark.parametrize(
    ("method", "path", "status", "type_"),
    [
        ("GET", "/entries/search", 405, "invalid-data"),
        ("PUT", "/entries", 405, "invalid-data"),
        ("POST", "/nowhere", 404, "resource-not-found"),
        ("GET", "", 404, "resource-not-found"),
        ("DELETE", "/entries/a/b", 404, "resource-not-found"),
    ],
)
def test_paths__that_are_not_there(api: Api, cache: str, method: str, path: str, status: int, type_: str) -> None:
    response = api.send(method, cache + path)
    error(response, status, type_)
    assert ("Allow" in response.headers) == (status == 405)


@pytest.mark.parametrize("cache_id", ["!misses", "x" * 65, "a b", "ü", "..%2f..", "a%00b", "*"])
def test_caches__whose_name_is_no_namespace(api: Api, cache_id: str) -> None:
    for path, body in BODIES.items():
        error(api.post(f"/v1/caches/{cache_id}{path}", body), 404, "resource-not-found")
    error(api.post(f"/v1/caches/{cache_id}/flush"), 404, "resource-not-found")


@pytest.mark.parametrize("cache", ["/v1/caches", "/v1/caches/", "/v1/caches//entries"])
def test_caches__that_are_not_named(api: Api, cache: str) -> None:
    error(api.get(cache), 404, "resource-not-found")


def test_strangers__are_refused_before_their_bodies_are_read(server: Sidecar) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/caches/ours/entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n"
            b"Content-Type: application/json\r\n\r\n"
        )
        said = connection.recv(4096)
    assert said.startswith(b"HTTP/1.1 401 ")
    assert b'"/errors/authentication-failed"' in said


def test_entries__of_another_cache_are_out_of_reach(api: Api, cache: str) -> None:
    entry_id = api.ok("/v1/caches/another/entries", {"prompt": f"{uuid4()}", "response": "theirs"}, 201)["entryId"]
    error(api.send("DELETE", f"{cache}/entries/{entry_id}"), 404, "resource-not-found")
    assert api.get(f"/v1/entries/{entry_id}").status_code == 200
    error(api.send("DELETE", f"{cache}/entries/miss:x"), 404, "resource-not-found")


@pytest.mark.parametrize(
    ("agent", "type_"),
    [
        ("speakeasy-sdk/python 0.11.1 2.755.9 langcache", "cache/entry/not-found"),
        ("speakeasy-sdk/typescript 0.11.1 2.760.2 @redis-ai/langcache", "cache/entry/not-found"),
        ("speakeasy-sdk/python 0.12.0 2.881.4 langcache", "resource-not-found"),
        ("speakeasy-sdk/python 1.0.0 3.0.0 langcache", "resource-not-found"),
        ("speakeasy-sdk/python 0.11.1 2.755.9 other", "resource-not-found"),
        ("speakeasy-sdk/python 0.x langcache", "resource-not-found"),
        ("", "resource-not-found"),
    ],
)
def test_words__are_those_of_the_sdk_that_asks(api: Api, cache: str, agent: str, type_: str) -> None:
    error(api.send("DELETE", f"{cache}/entries/0", headers={"User-Agent": agent}), 404, type_)


# -- in one connection, and at the same time -----


def test_connection__goes_on_after_answers_without_a_body(api: Api, cache: str) -> None:
    """Of one session, and so in one connection: what a body of a DELETE or an empty 204 left over would break it."""
    for number in range(20):
        body = {"prompt": f"{number}", "response": "y" * (number * 100 + 1), "attributes": {"n": str(number)}}
        entry_id = api.ok(f"{cache}/entries", body, 201)["entryId"]
        deleted = api.send("DELETE", f"{cache}/entries", json={"attributes": {"n": str(number)}})
        assert deleted.json() == {"deletedEntriesCount": 1}
        error(api.send("DELETE", f"{cache}/entries/{entry_id}", json={"unasked": 1}), 404, "resource-not-found")
        entry_id = api.ok(f"{cache}/entries", body, 201)["entryId"]
        for gone in (api.send("DELETE", f"{cache}/entries/{entry_id}"), api.send("POST", f"{cache}/flush")):
            assert (gone.status_code, gone.content) == (204, b"")
            assert not {"Content-Type", "Transfer-Encoding"} & gone.headers.keys()


def test_flush__while_others_search_and_set(server: Sidecar, cache: str) -> None:
    """Nothing but answers to their own questions, whatever is deleted meanwhile; and what is set afterwards stays."""
    wrong: list[Any] = []

    def ask(worker: int) -> None:
        api = Api(server.url, "admin-token")
        for number in range(40):
            prompt, tenant = f"question {number % 5}", str(worker % 2)
            attributes = {"tenant": tenant}
            api.ok(
                f"{cache}/entries", {"prompt": prompt, "response": f"{prompt}/{tenant}", "attributes": attributes}, 201
            )
            for entry in api.ok(f"{cache}/entries/search", {"prompt": prompt, "attributes": attributes})["data"]:
                if entry["response"] != f"{prompt}/{tenant}":
                    wrong.append(entry)
            if number % 10 == 9:
                assert api.send("POST", f"{cache}/flush").status_code == 204
        api.close()

    workers = [threading.Thread(target=ask, args=(worker,)) for worker in range(6)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert wrong == []
    api = Api(server.url, "admin-token")
    api.ok(f"{cache}/entries", {"prompt": "at last", "response": "here"}, 201)
    assert len(api.ok(f"{cache}/entries/search", {"prompt": "at last"})["data"]) == 1
    api.close()


def test_log__has_no_prompt_and_no_answer(api: Api, cache: str, server: Sidecar) -> None:
    secret, attribute = f"prompt-{uuid4()}", f"tenant-{uuid4()}"
    api.ok(f"{cache}/entries", {"prompt": secret, "response": secret, "attributes": {"t": attribute}}, 201)
    api.ok(f"{cache}/entries/search", {"prompt": secret})
    api.ok(f"{cache}/conversations/search", {"prompt": secret, "context": [secret]})
    api.post(f"{cache}/entries", {"prompt": secret, "response": 5})
    written = server.log.read_text()
    assert f"{cache}/entries/search" in written
    assert '"outcome":"hit"' in written
    assert secret not in written
    assert attribute not in written
