"""Every route, when all goes well."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from sidecar.tests.support import ANSWER

from .client import Api, problem, until


@pytest.fixture
def namespace() -> str:
    """One that no other test uses."""
    return f"n-{uuid4().hex[:12]}"


# -- lookup and store -----


def test_lookup__miss_store_hit(api: Api) -> None:
    asked = {"prompt": f"What is {uuid4()}?", "model": "gpt-4o-mini"}
    miss = api.ok("/v1/lookup", asked)
    assert miss == {"status": "miss", "key": miss["key"], "reason": "not_found", "ticket": miss["ticket"]}
    assert len(miss["key"]) == 64

    stored = api.ok(
        "/v1/store", {"key": miss["key"], "ticket": miss["ticket"], "response": ANSWER, "latency": 1.5}, 201
    )
    assert (stored["key"], stored["stored"], stored["ttl"]) == (miss["key"], True, 86400)

    hit = api.ok("/v1/lookup", asked)
    assert hit["response"] == ANSWER
    assert (hit["status"], hit["key"], hit["match"], hit["similarity"]) == ("hit", miss["key"], "exact", 1.0)
    assert 0 <= hit["age"] < 30
    assert 86370 < hit["ttl"] <= 86400
    assert hit["saved"] == stored["saved"]
    assert hit["saved"] == {
        "cost_usd": pytest.approx(0.00045),
        "input_tokens": 1000,
        "output_tokens": 500,
        "seconds": 1.5,
        "estimated": False,
    }


def test_lookup__replays_byte_for_byte(api: Api) -> None:
    prompt = f"bytes {uuid4()}"
    answer = '{"z":1.0, "a":1e2,"é":"\\u00e9\\/", "big":12345678901234567890123}'
    body = f'{{"prompt":"{prompt}","response":{answer}}}'.encode()
    assert api.send("POST", "/v1/store", data=body, headers={"Content-Type": "application/json"}).status_code == 201
    hit = api.post("/v1/lookup", {"prompt": prompt})
    assert answer.encode() in hit.content


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_lookup__answers_the_same_whatever_the_spelling_of_the_content_type(api: Api, content_type: str) -> None:
    key, asked = api.fill()
    headers = {"Content-Type": content_type}
    for path in ("/v1/lookup", "/v1/lookup/"):
        response = api.post(path, asked, headers=headers)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert (response.json()["status"], response.json()["key"]) == ("hit", key)


def test_lookup__in_chunks(api: Api) -> None:
    key, asked = api.fill()
    body = (part for part in (b'{"pro', f'mpt":"{asked["prompt"]}"}}'.encode()))
    response = api.send("POST", "/v1/lookup", data=body, headers={"Content-Type": "application/json"})
    assert response.json()["key"] == key


def test_lookup__stale_and_too_old(api: Api) -> None:
    asked = {"prompt": f"short {uuid4()}"}
    key = api.ok("/v1/lookup", asked)["key"]
    api.ok("/v1/store", {"key": key, "response": "x", "ttl": "1ms"}, 201)
    stale = api.ok("/v1/lookup", {**asked, "max_stale": "1h"})
    assert (stale["status"], stale["reason"], stale["response"]) == ("stale", "expired", "x")
    assert stale["ttl"] <= 0
    expired = api.ok("/v1/lookup", asked)
    assert (expired["status"], expired["key"], expired["reason"]) == ("miss", key, "expired")
    assert api.ok("/v1/lookup", {**asked, "max_age": 0, "max_stale": "1h"})["reason"] == "too_old"


def test_lookup__lease_pending_release(api: Api) -> None:
    asked = {"prompt": f"leased {uuid4()}", "lease": "30s"}
    won = api.ok("/v1/lookup", asked)
    assert (won["status"], won["reason"]) == ("miss", "not_found")
    assert api.ok("/v1/lookup", asked) == {"status": "pending", "key": won["key"], "retry_after": 1.0}
    assert api.ok("/v1/release", {"key": won["key"], "lease": "another"}) == {"released": False}
    assert api.ok("/v1/release", {"key": won["key"], "lease": won["lease"]}) == {"released": True}
    again = api.ok("/v1/lookup", asked)
    api.ok("/v1/store", {"key": won["key"], "response": "x", "lease": again["lease"]}, 201)
    assert api.ok("/v1/lookup", asked)["status"] == "hit"


def test_lookup_batch__keeps_order_and_marks_repeats(api: Api) -> None:
    _, known = api.fill("the answer")
    fresh = {"prompt": f"fresh {uuid4()}"}
    items = api.ok("/v1/lookup/batch", {"items": [fresh, known, fresh]})["items"]
    assert [item["status"] for item in items] == ["miss", "hit", "miss"]
    assert [item.get("duplicate_of") for item in items] == [None, None, 0]
    assert items[1]["response"] == "the answer"


def test_lookup_batch__of_a_thousand(api: Api) -> None:
    items = [{"prompt": f"many {at % 500}"} for at in range(1000)]
    outcomes = api.ok("/v1/lookup/batch", {"items": items})["items"]
    assert [outcome.get("duplicate_of") for outcome in outcomes] == [None] * 500 + list(range(500))


def test_store__by_request(api: Api) -> None:
    asked = {"messages": [{"role": "user", "content": f"Hi {uuid4()}"}], "system": "Be kind.", "params": {"n": 1}}
    stored = api.ok("/v1/store", {**asked, "response": "Hello"}, 201)
    hit = api.ok("/v1/lookup", asked)
    assert (hit["key"], hit["response"]) == (stored["key"], "Hello")


def test_store__a_refusal_is_a_200_with_its_reason(api: Api) -> None:
    key = api.ok("/v1/lookup", {"prompt": f"refused {uuid4()}"})["key"]
    for fields, reason in (
        ({"response": ""}, "empty_response"),
        ({"response": "cut", "finish_reason": "length"}, "finish_reason_length"),
        ({"response": "x", "ttl": 0}, "ttl_zero"),
        ({"response": {"error": {"message": "no"}}}, "error_response"),
    ):
        assert api.ok("/v1/store", {"key": key, **fields}) == {"key": key, "stored": False, "reason": reason}


def test_store_batch__each_has_its_fate(api: Api) -> None:
    key = api.ok("/v1/lookup", {"prompt": f"batch {uuid4()}"})["key"]
    items = [{"key": key, "response": "x"}, {"key": key, "response": ""}, {"key": "0" * 64, "response": "x"}]
    outcomes = api.ok("/v1/store/batch", {"items": items}, 201)["items"]
    assert [(each["stored"], each.get("reason")) for each in outcomes] == [
        (True, None),
        (False, "empty_response"),
        (False, "unknown_key"),
    ]


# -- taking out -----


def test_invalidate__by(api: Api, namespace: str) -> None:
    def fill(**store: Any) -> None:
        asked = {"prompt": f"question {uuid4()}", "namespace": namespace, "model": "m", "attributes": {"tenant": "a"}}
        api.ok("/v1/store", {**asked, "response": "x", **store}, 201)

    def invalidate(**fields: Any) -> Any:
        return api.ok("/v1/invalidate", {"namespace": namespace, **fields})

    for tags in (["one"], ["one", "two"], ["two"], []):
        fill(tags=tags)
    assert invalidate(tags=["one", "nothing"], dry_run=True) == {"deleted": 2, "dry_run": True}
    assert invalidate(tags=["one"], model="other") == {"deleted": 0, "dry_run": False}
    assert invalidate(tags=["one"], model="m") == {"deleted": 2, "dry_run": False}
    assert invalidate(older_than="1h")["deleted"] == 0
    assert invalidate(attributes={"tenant": "b"})["deleted"] == 0
    assert invalidate(attributes={"tenant": "a"}, tags=["two"])["deleted"] == 1
    assert invalidate(model="m")["deleted"] == 1


def test_invalidate__by_key_and_by_request(api: Api, namespace: str) -> None:
    key, _ = api.fill(namespace=namespace)
    assert api.ok("/v1/invalidate", {"key": key})["deleted"] == 1
    _, asked = api.fill(namespace=namespace, attributes={"tenant": "a"}, model="m", response="x")
    assert api.ok("/v1/invalidate", {**asked, "model": "n"})["deleted"] == 0
    assert api.ok("/v1/invalidate", asked)["deleted"] == 1


def test_bump__outdates_what_depends_on_it(api: Api, namespace: str) -> None:
    asked = {"prompt": "kb", "namespace": namespace}
    api.ok("/v1/store", {**asked, "response": "x", "depends_on": ["kb"]}, 201)
    assert api.ok("/v1/bump", {"namespace": namespace, "names": ["kb", "other"]}) == {"versions": {"kb": 1, "other": 1}}
    assert api.ok("/v1/lookup", asked)["reason"] == "version_changed"


def test_flush__a_namespace(api: Api, namespace: str) -> None:
    for _ in range(3):
        api.fill(namespace=namespace)
    _, other = api.fill(namespace=f"{namespace}-2")
    assert api.ok("/v1/flush", {"namespace": namespace}) == {"deleted": 3}
    assert api.ok("/v1/lookup", other)["status"] == "hit"


def test_flush__all_that_the_caller_may_touch(api: Api, ours: Api) -> None:
    _, theirs = api.fill()
    _, mine = ours.fill(namespace="ours-1")
    assert ours.ok("/v1/flush", {"all": True})["deleted"] >= 1
    assert ours.ok("/v1/lookup", mine)["status"] == "miss"
    assert api.ok("/v1/lookup", theirs)["status"] == "hit"


# -- looking inside -----


def test_entries__list_filter_search_page(api: Api, namespace: str) -> None:
    for at in range(5):
        request = {"prompt": f"needle {at}" if at % 2 else f"hay {at}", "namespace": namespace, "model": f"m{at % 2}"}
        api.ok("/v1/store", {**request, "response": "x", "tags": [f"t{at}"]}, 201)

    def texts(**query: Any) -> set[str]:
        items = api.get("/v1/entries", namespace=namespace, **query).json()["items"]
        return {item["request"]["messages"][0]["content"] for item in items}

    assert len(texts()) == 5
    assert texts(q="NEEDLE") == {"needle 1", "needle 3"}
    assert texts(tag="t2") == {"hay 2"}
    assert texts(model="m1", q="3") == {"needle 3"}

    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        page = api.get("/v1/entries", namespace=namespace, limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


def test_queries__null_is_a_word_like_any_other(api: Api) -> None:
    api.fill(namespace="null")
    assert len(api.get("/v1/entries", namespace="null").json()["items"]) == 1
    assert api.get("/v1/stats", namespace="null").json()["entries"] == 1
    assert api.get("/v1/entries", namespace="null", q="null").json()["items"] == []


def test_entry__whole_and_gone(api: Api, namespace: str) -> None:
    asked = {"prompt": "Hi", "namespace": namespace, "attributes": {"tenant": "a"}, "model": "gpt-4o-mini"}
    source = {"workflow": "Flow", "node": "Look Up"}
    key = api.ok("/v1/lookup", {**asked, "source": source})["key"]
    api.ok("/v1/store", {"key": key, "response": ANSWER, "tags": ["b", "a"], "depends_on": ["kb"], "latency": 2}, 201)
    entry = api.get(f"/v1/entries/{key}").json()
    assert entry["response"] == ANSWER
    assert (entry["key"], entry["namespace"], entry["attributes"]) == (key, namespace, {"tenant": "a"})
    assert (entry["tags"], entry["depends_on"], entry["latency"]) == (["a", "b"], ["kb"], 2)
    assert (entry["model"], entry["answered_by"], entry["source"]) == ("gpt-4o-mini", ANSWER["model"], source)
    assert entry["usage"] == {"input_tokens": 1000, "output_tokens": 500}
    assert entry["digests"].keys() >= {"question", "model", "attributes.tenant"}
    lived = datetime.fromisoformat(entry["expires"]) - datetime.fromisoformat(entry["created"])
    assert lived.total_seconds() == 86400
    assert api.send("DELETE", f"/v1/entries/{key}").json() == {"deleted": 1}
    assert api.get(f"/v1/entries/{key}").status_code == 404


def test_stats__totals_and_groups(api: Api, namespace: str) -> None:
    asked = {"prompt": "Hi", "namespace": namespace, "source": {"workflow": "Flow"}}
    key = api.ok("/v1/lookup", asked)["key"]
    api.ok("/v1/store", {"key": key, "response": ANSWER, "cost_usd": 0.5, "latency": 2}, 201)
    api.ok("/v1/lookup", asked)
    for group_by in ("hour", "day", "namespace", "model", "workflow", "node"):
        stats = api.get("/v1/stats", namespace=namespace, group_by=group_by, since="1h").json()
        assert stats["groups"]
    plain = api.get("/v1/stats", namespace=namespace).json()
    assert "groups" not in plain
    assert (plain["entries"], plain["since"], plain["until"]) == (1, None, None)
    assert plain["bytes"] > len(str(ANSWER))


# -- what there is to choose from -----


def test_models__searched_with_what_was_used_first(api: Api, ours: Api, namespace: str) -> None:
    used = f"model-of-{namespace}"
    api.ok("/v1/lookup", {"prompt": "Hi", "namespace": namespace, "model": used})
    assert until(lambda: api.get("/v1/models", search=used).json()["models"] != [], 20)  # seconds old at most
    found = api.get("/v1/models", search=used).json()
    unpriced = {"provider": None, "input_usd_per_million": None, "output_usd_per_million": None}
    assert found == {"models": [{"model": used, **unpriced}]}
    assert ours.get("/v1/models", search=used).json() == {"models": []}  # it was not asked where they may look
    mini = {"model": "gpt-4o-mini", "provider": "openai", "input_usd_per_million": 0.15, "output_usd_per_million": 0.6}
    assert mini in api.get("/v1/models", search="OpenAI 4o-mini", limit=500).json()["models"]
    assert len(api.get("/v1/models").json()["models"]) == 50
    assert len(api.get("/v1/models", limit=500).json()["models"]) > 200


def test_prices__of_the_models_that_were_asked(api: Api, ours: Api, namespace: str) -> None:
    house = f"house-of-{namespace}"
    for model in ("gpt-4o-mini", house):
        api.ok("/v1/store", {"prompt": "Hi", "namespace": namespace, "model": model, "response": "Hello"}, 201)

    def told() -> dict[str, Any]:
        return dict(api.get("/v1/prices", namespace=namespace).json())

    assert until(lambda: len(told()["models"]) == 2, 20)
    assert [(each["model"], each["source"], each["calls"]) for each in told()["models"]] == [
        (house, None, 1),
        ("gpt-4o-mini", "list", 1),
    ]
    assert told()["unpriced"] == [house]
    assert house in told()["yaml"]
    assert house not in str(ours.get("/v1/prices").json())


def test_namespaces__those_that_the_caller_may_see(api: Api, ours: Api, reader: Api, namespace: str) -> None:
    api.fill(namespace=namespace)
    api.ok("/v1/lookup", {"prompt": "nobody answers", "namespace": f"{namespace}-missed"})
    found = reader.get("/v1/namespaces").json()
    assert found["match"] == ["exact"]
    held = {each["namespace"]: (each["entries"], each["bytes"]) for each in found["namespaces"]}
    assert held[namespace][0] == 1
    assert held[namespace][1] > 100
    assert list(held) == sorted(held)
    assert "default" in held
    assert not any(name.startswith("!") for name in held)
    assert all(each["namespace"].startswith("ours") for each in ours.get("/v1/namespaces").json()["namespaces"])


# -- for those who run it -----


def test_healthz_and_readyz__need_no_token(stranger: Api) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        response = stranger.get(path)
        assert (response.status_code, response.json()["status"]) == (200, status)
        assert response.json()["version"]


def test_head__is_a_get_without_a_body(api: Api) -> None:
    response = api.send("HEAD", "/healthz")
    assert (response.status_code, response.content) == (200, b"")


def test_openapi__describes_every_route(stranger: Api) -> None:
    document = stranger.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/v1/lookup",
        "/v1/lookup/batch",
        "/v1/store",
        "/v1/store/batch",
        "/v1/invalidate",
        "/v1/flush",
        "/v1/bump",
        "/v1/release",
        "/v1/entries",
        "/v1/entries/{key}",
        "/v1/entries/{key}/reject",
        "/v1/entries/{key}/accept",
        "/v1/models",
        "/v1/namespaces",
        "/v1/prices",
        "/v1/stats",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/v1/budgets",
        "/v1/forecast",
        "/v1/misses",
        "/v1/opportunities",
        "/v1/stats.csv",
    }


# -- reject -----


def test_reject__takes_the_entry_out(api: Api) -> None:
    key, asked = api.fill()
    assert api.ok(f"/v1/entries/{key}/reject", {"request": asked}) == {"deleted": 1}
    assert api.ok("/v1/lookup", asked)["status"] == "miss"
    other, asked = api.fill()
    assert api.ok(f"/v1/entries/{other}/reject", {}) == {"deleted": 1}
    assert api.ok("/v1/lookup", asked)["status"] == "miss"


def test_reject__spares_an_entry_that_answers_another_request(api: Api) -> None:
    key, asked = api.fill()
    refused = problem(api.post(f"/v1/entries/{key}/reject", {"request": {"prompt": "another"}}), 400, "invalid-request")
    assert refused["errors"][0]["loc"] == ["request"]
    nothing = problem(api.post(f"/v1/entries/{key}/reject", {"request": {"model": "m"}}), 400, "invalid-request")
    assert nothing["errors"][0]["loc"] == ["request", "prompt"]
    assert api.ok("/v1/lookup", asked)["status"] == "hit"
