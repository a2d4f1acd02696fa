"""Semantic matching over HTTP: hits of other wordings, refusals that say why, and an embedder that is away."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from stack import Sidecar

from ..embedding import Embedding
from .client import Api

RESET, RESET_TOO = "How do I reset my password?", "How can I reset my password?"
ENABLE, DISABLE = "How do I enable two-factor login?", "How do I disable two-factor login?"


@pytest.fixture(scope="module")
def embedding() -> Iterator[Embedding]:
    with Embedding() as embedding:
        yield embedding


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Sidecar]:
    settings = {
        "PROMPT_CACHE_STORE": "sqlite:///cache.db",
        "PROMPT_CACHE_WORKERS": "2",
        "PROMPT_CACHE_EMBEDDER": embedding.settings,
        "PROMPT_CACHE_NAMESPACES": '{"faq-*": {match: semantic}, "shadow-*": {match: semantic, shadow: true}}',
    }
    with Sidecar(tmp_path_factory.mktemp("semantic"), env=settings) as sidecar:
        yield sidecar


@pytest.fixture
def api(server: Sidecar, embedding: Embedding) -> Iterator[Api]:
    embedding.away = False
    api = Api(server.url)
    yield api
    api.close()


@pytest.fixture
def faq() -> str:
    return f"faq-{uuid4().hex[:8]}"


def look_up(api: Api, prompt: str, namespace: str, **fields: Any) -> dict[str, Any]:
    answer = api.post("/v1/lookup", {"prompt": prompt, "namespace": namespace, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def learn(api: Api, prompt: str, answer: str, namespace: str, **fields: Any) -> str:
    miss = look_up(api, prompt, namespace, **fields)
    assert miss["status"] == "miss"
    stored = api.post("/v1/store", {"key": miss["key"], "ticket": miss["ticket"], "response": answer})
    assert stored.status_code == 201, stored.text
    return str(miss["key"])


def test_another_wording_is_a_hit(api: Api, faq: str) -> None:
    key = learn(api, RESET, "In Settings.", faq)
    hit = look_up(api, RESET_TOO, faq)
    assert (hit["status"], hit["match"], hit["response"]) == ("hit", "semantic", "In Settings.")
    assert 0.6 <= hit["similarity"] < 1
    assert hit["matched"] == {"key": key, "question": RESET}
    assert hit["key"] != key


def test_the_opposite_is_a_miss_that_says_so(api: Api, faq: str) -> None:
    learn(api, ENABLE, "Turn it on.", faq)
    miss = look_up(api, DISABLE, faq, explain=True)
    assert (miss["status"], miss["reason"]) == ("miss", "guard:antonyms")
    (near,) = miss["explanation"]["nearest"]
    assert near["question"] == ENABLE
    assert next(verdict["guard"] for verdict in near["verdicts"] if not verdict["agrees"]) == "antonyms"
    assert all("disable" in verdict["saw"] for verdict in near["verdicts"] if verdict["guard"] == "antonyms")


def test_all_workers_find_it_at_once(api: Api, faq: str) -> None:
    learn(api, RESET, "In Settings.", faq)
    for _ in range(20):  # on connections of their own, which either worker may take
        assert look_up(Api(api.url), RESET_TOO, faq)["status"] == "hit"


def test_a_batch_is_embedded_in_one_call(api: Api, faq: str, embedding: Embedding) -> None:
    learn(api, RESET, "In Settings.", faq)
    embedding.calls.clear()
    items = [
        {"prompt": prompt, "namespace": faq} for prompt in (RESET, f"Please: {RESET_TOO}", ENABLE, DISABLE, ENABLE)
    ]
    outcomes = api.post("/v1/lookup/batch", {"items": items}).json()["items"]
    assert outcomes[0]["status"] == "hit"
    assert outcomes[4]["duplicate_of"] == 2
    assert len(embedding.calls) == 1


def test_it_is_off_where_nobody_asked_for_it(api: Api, embedding: Embedding) -> None:
    namespace = f"plain-{uuid4().hex[:8]}"
    embedding.calls.clear()
    learn(api, RESET, "In Settings.", namespace)
    assert look_up(api, RESET_TOO, namespace)["status"] == "miss"
    assert not embedding.calls
    learn(api, ENABLE, "Turn it on.", namespace, match="semantic")
    assert look_up(api, "How can I enable two-factor login?", namespace, match="semantic")["status"] == "hit"


def test_a_threshold_below_the_namespace_s_names_it(api: Api, faq: str) -> None:
    answer = api.post("/v1/lookup", {"prompt": RESET, "namespace": faq, "threshold": 0.2})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"loc": ["threshold"], "msg": "may only be higher than that of the namespace, 0.6"}
    ]


def test_what_is_flushed_is_flushed_for_all_wordings(api: Api, faq: str) -> None:
    learn(api, RESET, "In Settings.", faq)
    assert api.post("/v1/flush", {"namespace": faq}).json()["deleted"] >= 1
    assert look_up(api, RESET_TOO, faq)["status"] == "miss"


def test_langcache__searches_beyond_the_same_prompt(api: Api, faq: str) -> None:
    entries = f"/v1/caches/{faq}/entries"
    api.post(entries, {"prompt": RESET, "response": "In Settings.", "attributes": {"tenant": "a"}})

    def search(**fields: Any) -> list[dict[str, Any]]:
        found = api.post(f"{entries}/search", {"prompt": RESET_TOO, **fields}).json()["data"]
        return list(found)

    (hit,) = search(attributes={"tenant": "a"})
    assert (hit["searchStrategy"], hit["prompt"], hit["response"]) == ("semantic", RESET, "In Settings.")
    assert not search(attributes={"tenant": "b"})
    assert not search(attributes={"tenant": "a"}, searchStrategies=["exact"])
    assert not search(attributes={"tenant": "a"}, similarityThreshold=0.99)
    assert search(attributes={"tenant": "a"}, similarityThreshold=0.1, searchStrategies=["semantic"])


def test_namespaces__say_what_this_server_can_do(api: Api) -> None:
    assert api.get("/v1/namespaces").json()["match"] == ["exact", "semantic"]


def test_without_its_embedder_it_goes_on_exact(api: Api, faq: str, embedding: Embedding) -> None:
    learn(api, RESET, "In Settings.", faq)
    embedding.away = True  # and for seconds it is left alone: no test comes after this
    miss = look_up(api, f"{RESET_TOO} {uuid4().hex}", faq)
    assert (miss["status"], miss["reason"]) == ("miss", "embedder_unavailable")
    assert look_up(api, RESET, faq)["status"] == "hit"
