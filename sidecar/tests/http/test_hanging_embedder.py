"""An embedder that hangs keeps waiting who asks for it, and nobody else."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.rules import NamespaceRules, Rules, SemanticRules
from prompt_cache.http.front.app import create_asgi
from prompt_cache.http.front.asgi import Application
from prompt_cache.http.front.lanes import LARGE
from prompt_cache.semantic.embedders.base import Embedded, Embedder, EmbedderUnavailable
from prompt_cache.stores.memory import MemoryStore

from .asgi import ask
from .test_front import JSON, lookup

_SEMANTIC = Rules(patterns={"faq": NamespaceRules(semantic=SemanticRules(match=True))})
_LONG = "x" * (2 * LARGE)
_PATIENCE = 10.0


class Hanging(Embedder):
    """Says nothing until it is let go."""

    name = "hanging"
    threshold = 0.6

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.free = threading.Event()

    def embed(self, texts: Sequence[str]) -> Embedded:  # noqa: ARG002
        self.asked.set()
        self.free.wait(_PATIENCE)
        raise EmbedderUnavailable("it did not answer")


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    embedder = Hanging()
    yield embedder
    embedder.free.set()


@pytest.fixture
def served(hanging: Hanging) -> Application:
    return create_asgi(PromptCache(MemoryStore(), rules=_SEMANTIC, embedder=hanging), Config(request_log=False))


@pytest.mark.parametrize(
    ("path", "hangs", "goes"),
    [
        ("/v1/lookup", lookup("a", namespace="faq"), lookup("b")),
        ("/v1/lookup", lookup("a", system=_LONG, namespace="faq"), lookup("b", system=_LONG)),
        ("/v1/store", lookup("a", response="y", namespace="faq"), lookup("b", response="y")),
    ],
    ids=["lookup", "large lookup", "store"],
)
def test_who_matches_exactly_does_not_wait(
    served: Application, hanging: Hanging, path: str, hangs: bytes, goes: bytes
) -> None:
    async def scenario() -> int:
        waiting = asyncio.create_task(ask(served, "POST", path, hangs, JSON))
        await asyncio.to_thread(hanging.asked.wait, _PATIENCE)
        answer = await asyncio.wait_for(ask(served, "POST", path, goes, JSON), _PATIENCE / 2)
        assert not waiting.done()
        hanging.free.set()
        assert (await waiting).status in (200, 201)
        return answer.status

    assert asyncio.run(scenario()) in (200, 201)


def test_a_large_question_that_is_known_does_not_wait(served: Application, hanging: Hanging) -> None:
    known = lookup("known", system=_LONG, namespace="faq")

    async def scenario() -> str:
        hanging.free.set()
        stored = await ask(
            served, "POST", "/v1/store", lookup("known", system=_LONG, namespace="faq", response="y"), JSON
        )
        assert stored.status == 201
        hanging.free.clear()
        hanging.asked.clear()
        others = [lookup(f"new {at}", system=_LONG, namespace="faq") for at in range(100)]
        waiting = [asyncio.create_task(ask(served, "POST", "/v1/lookup", each, JSON)) for each in others]
        await asyncio.to_thread(hanging.asked.wait, _PATIENCE)
        hit = await asyncio.wait_for(ask(served, "POST", "/v1/lookup", known, JSON), _PATIENCE / 2)
        hanging.free.set()
        await asyncio.gather(*waiting)
        return str(hit.json["status"])

    assert asyncio.run(scenario()) == "hit"


def test_where_too_many_wait_for_it_the_others_miss(
    served: Application, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompt_cache.http.front.lanes.LONGEST_WAIT", 0.2)

    async def scenario() -> list[str]:
        bodies = [lookup(f"new {at}", namespace="faq") for at in range(100)]
        waiting = [asyncio.create_task(ask(served, "POST", "/v1/lookup", each, JSON)) for each in bodies]
        done, _ = await asyncio.wait(waiting, timeout=_PATIENCE / 2, return_when=asyncio.FIRST_COMPLETED)
        assert done
        hanging.free.set()
        return [str(answer.json["status"]) for answer in await asyncio.gather(*waiting)]

    assert asyncio.run(scenario()) == ["miss"] * 100
