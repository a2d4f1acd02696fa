"""Calls through the proxy that are worded differently: in each provider's protocol, streamed or not."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from stack import Sidecar

from ..embedding import Embedding
from .calls import CHAT, KEY, KINDS, Caller, Kind, fate, text_of
from .conftest import settings
from .upstream import Upstream

RESET, RESET_TOO = "How do I reset my password?", "How can I reset my password?"
CHATS = [kind for kind in KINDS if kind.name != "openai_completions"]


@pytest.fixture(scope="module")
def embedding() -> Iterator[Embedding]:
    with Embedding() as embedding:
        yield embedding


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _upstream: Upstream, embedding: Embedding) -> Iterator[Sidecar]:
    env = {
        **settings(_upstream),
        "PROMPT_CACHE_EMBEDDER": embedding.settings,
        "PROMPT_CACHE_NAMESPACES": '{"faq-*": {match: semantic}}',
    }
    with Sidecar(tmp_path_factory.mktemp("semantic"), env=env) as sidecar:
        yield sidecar


@pytest.fixture
def faq() -> dict[str, Any]:
    """A namespace of a test's own."""
    return {"X_Prompt_Cache_Namespace": f"faq-{uuid4().hex[:8]}"}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("kind", CHATS, ids=lambda kind: kind.name)
def test_another_wording_is_a_hit(
    kind: Kind, stream: bool, caller: Caller, upstream: Upstream, faq: dict[str, Any]
) -> None:
    new = caller.ask(RESET, kind=kind, **faq)
    hit = caller.ask(RESET_TOO, kind=kind, stream=stream, **faq)
    assert (fate(new), fate(hit)) == ("fwd=uri-miss", "hit")
    assert hit.headers["Cache-Status"].endswith("; detail=semantic")
    assert 0.6 <= float(hit.headers["X-Prompt-Cache-Similarity"]) < 1
    assert text_of(hit) == text_of(new)
    assert upstream.calls == 1


def test_a_header_asks_for_it_and_may_tighten_it(caller: Caller) -> None:
    mark = uuid4().hex
    asked, other = f"How do I reset the {mark} password?", f"How can I reset the {mark} password?"
    semantic: dict[str, Any] = {"X_Prompt_Cache_Match": "semantic"}
    assert fate(caller.ask(asked, **semantic)) == "fwd=uri-miss"
    assert fate(caller.ask(other, **semantic, X_Prompt_Cache_Threshold="0.99")) == "fwd=uri-miss"
    assert caller.ask(other, **semantic, X_Prompt_Cache_Threshold="0.1").status_code == 400


def test_who_pays_with_another_key_gets_no_other_wording_either(caller: Caller, faq: dict[str, Any]) -> None:
    assert fate(caller.ask(RESET, key="one", **faq)) == "fwd=uri-miss"
    assert fate(caller.ask(RESET_TOO, key="two", **faq)) == "fwd=uri-miss"


def test_embeddings_are_never_those_of_another_text(
    caller: Caller, upstream: Upstream, embedding: Embedding, faq: dict[str, Any]
) -> None:
    embedding.calls.clear()
    headers = {name.replace("_", "-"): value for name, value in faq.items()} | {"Authorization": f"Bearer {KEY}"}
    for text in (f"{RESET} {faq}", f"{RESET_TOO} {faq}"):
        told = caller.send("POST", "/openai/v1/embeddings", json={"model": "e", "input": text}, headers=headers)
        assert fate(told) == "fwd=uri-miss"
    assert upstream.calls == 2
    assert not embedding.calls  # nor is it paid for


def test_older_completions_go_on_from_the_very_text(caller: Caller, upstream: Upstream, faq: dict[str, Any]) -> None:
    kind = next(kind for kind in KINDS if kind.name == "openai_completions")
    for text in (RESET, RESET_TOO):
        assert fate(caller.ask(text, kind=kind, **faq)) == "fwd=uri-miss"
    assert upstream.calls == 2


def test_a_talk_is_compared_with_its_earlier_turns(caller: Caller, faq: dict[str, Any]) -> None:
    def ask(earlier: str, question: str) -> str:
        said = [
            {"role": "user", "content": earlier},
            {"role": "assistant", "content": "Fine."},
            {"role": "user", "content": question},
        ]
        body = {"model": "gpt-4o-mini", "messages": said}
        headers = {name.replace("_", "-"): value for name, value in faq.items()} | {"Authorization": f"Bearer {KEY}"}
        return fate(caller.send("POST", CHAT.path, json=body, headers=headers))

    assert ask("I have a Mac.", RESET) == "fwd=uri-miss"
    assert ask("I have a PC.", RESET_TOO) == "fwd=uri-miss"
    assert ask("I have a Mac.", RESET_TOO) == "hit"
