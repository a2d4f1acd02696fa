"""n8n's own AI nodes, with nothing changed but the Base URL in their credential, in a real n8n."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from stack.paths import REPOSITORY

from ..editor import KEEP_PICTURES, editor
from ..model.flows import Chat
from .conftest import HELD, TOKEN, Proxied, outputs
from .flows import OfficialFlow
from .providers import APP_NODES, CHAT_MODELS, OWN_KEY, PROVIDERS

EVERY_MODEL = pytest.mark.parametrize("model", CHAT_MODELS)
NODES = ("Chain", "Agent", "Old Agent")


def question() -> dict[str, Any]:
    """One that nobody has asked."""
    return {"question": f"What is {uuid4().hex}?"}


def agents(model: str, credential: str | None = None) -> OfficialFlow:
    """A chain and two agents; the old one takes no model of a community package."""
    flow = OfficialFlow().webhook().asks("Chain", "chainLlm", 1.7, "(chain)")
    flow.asks("Agent", "agent", 3, "(agent)").asks("Old Agent", "agent", 1.7, "(old agent)")
    flow.tool("Agent", "Old Agent").chat_model(model, *NODES, credential=credential)
    return flow.wire("Question", *NODES)


@pytest.mark.smoke
@EVERY_MODEL
def test_second_execution__asks_no_provider(proxied: Proxied, model: str) -> None:
    published = proxied.publish(agents(model, f"{CHAT_MODELS[model].provider.name} with tools"))
    asked = question()

    published.ask([asked])
    first = outputs(published, *NODES)
    assert proxied.upstream.calls == 5, "a chain asks once, an agent before and after its tool"
    assert "answer 1 to" in first["Chain"][0]["text"]
    assert all(b"It rains in Bonn" in proxied.upstream.bodies[after_tool] for after_tool in (2, 4))
    assert "answer 3 to" in first["Agent"][0]["output"]
    assert "answer 5 to" in first["Old Agent"][0]["output"]

    published.ask([asked])
    assert proxied.upstream.calls == 5
    assert outputs(published, *NODES) == first

    published.ask([question()])
    assert proxied.upstream.calls == 10


@EVERY_MODEL
def test_tool_calls__are_asked_for_again_where_the_namespace_does_not_cache_them(proxied: Proxied, model: str) -> None:
    published = proxied.publish(agents(model))
    asked = question()

    published.ask([asked])
    first = outputs(published, *NODES)
    assert proxied.upstream.calls == 5

    published.ask([asked])
    assert proxied.upstream.calls == 7, "the provider is asked for the tool's call only, not for what follows it"
    assert outputs(published, *NODES) == first


@EVERY_MODEL
def test_chat__streams_the_first_time_and_from_the_cache(proxied: Proxied, model: str) -> None:
    flow = OfficialFlow().node("AI", "@n8n/n8n-nodes-langchain.agent", 3, {"options": {}}).chat()
    published = proxied.publish(flow.chat_model(model, "AI"))
    asked = question()["question"]

    first = Chat(published).say(asked)
    assert len(first) > 1
    assert proxied.upstream.calls == 1
    streamed = b'"stream":true' in proxied.upstream.bodies[-1] or "stream" in proxied.upstream.seen[-1].path
    assert streamed, "n8n did not ask for a stream"

    again = Chat(published).say(asked)
    assert len(again) > 1
    assert "".join(again) == "".join(first)
    assert proxied.upstream.calls == 1


def test_app_nodes__ask_no_provider_the_second_time(proxied: Proxied) -> None:
    flow = OfficialFlow().webhook()
    for name in APP_NODES:
        flow.app_node(name)
    published = proxied.publish(flow.wire("Question", *APP_NODES))
    asked = question()

    published.ask([asked])
    first = outputs(published, *APP_NODES)
    assert proxied.upstream.calls == len(APP_NODES)
    for number, items in enumerate(first.values(), start=1):
        assert f"answer {number} to" in str(items)

    published.ask([asked])
    assert proxied.upstream.calls == len(APP_NODES)
    assert outputs(published, *APP_NODES) == first


@pytest.mark.parametrize("provider", PROVIDERS)
def test_credential__is_found_good_by_its_own_test(proxied: Proxied, provider: str) -> None:
    each = PROVIDERS[provider]
    assert proxied.test(provider, each.data(proxied.gate.url + each.mount)) == "OK"
    assert proxied.upstream.seen[-1].path == each.models
    assert proxied.upstream.calls == 0

    assert proxied.test(provider, each.data(f"{proxied.gate.url}/u/nobody")) == "Error"


def test_token__goes_in_a_header_or_where_the_server_holds_the_key_in_its_place(proxied: Proxied) -> None:
    header = {"header": True, "headerName": "X-Prompt-Cache-Token", "headerValue": TOKEN}
    flow = OfficialFlow().webhook()
    for name, each in PROVIDERS.items():
        base = proxied.closed.url + each.mount
        headed = name in ("openai", "anthropic")
        data = {**each.data(base), **header} if headed else each.data(base, TOKEN)
        assert proxied.test(name, data) == "OK"
        assert proxied.test(name, each.data(base, "not the token")) == "Error"
        credential = proxied.add(name, data, f"{name} with a token")
        flow.asks(name, "chainLlm", 1.7).chat_model(name, name, credential=credential, called=f"{name} model")
    published = proxied.publish(flow.wire("Question", *PROVIDERS))
    proxied.upstream.reset()
    asked = question()

    published.ask([asked])
    first = outputs(published, *PROVIDERS)
    published.ask([asked])
    assert outputs(published, *PROVIDERS) == first
    assert proxied.upstream.calls == 4
    for seen, key in zip(proxied.upstream.seen, [OWN_KEY, OWN_KEY, HELD, HELD], strict=True):
        sent = " ".join(f"{name}: {value}" for name, value in seen.headers.items())
        assert key in sent
        assert TOKEN not in sent + str(seen.url)


def test_refusal_of_the_proxy__is_readable_in_the_node(proxied: Proxied) -> None:
    each = PROVIDERS["openai"]
    credential = proxied.add("openai", each.data(proxied.closed.url + each.mount), "openai without a token")
    flow = OfficialFlow().webhook().asks("AI", "chainLlm", 1.7).chat_model("openai", "AI", credential=credential)
    error = proxied.publish(flow.wire("Question", "AI")).refused([question()])
    assert "X-Prompt-Cache-Token" in str(error)
    assert proxied.upstream.calls == 0


@EVERY_MODEL
def test_failure_of_the_provider__reaches_the_node_as_it_is_and_is_not_kept(proxied: Proxied, model: str) -> None:
    flow = OfficialFlow().webhook().asks("AI", "chainLlm", 1.7).chat_model(model, "AI")
    published = proxied.publish(flow.wire("Question", "AI"))
    asked = {"question": f"{question()['question']} (fail with 400)"}

    for times in (1, 2):
        assert "as told" in str(published.refused([asked]))
        assert proxied.upstream.calls == times


def test_credential__in_the_editor_needs_its_base_url_changed_and_nothing_else(
    proxied: Proxied, tmp_path: Path
) -> None:
    each = PROVIDERS["openai"]
    name = proxied.add("openai", each.data(proxied.gate.url + each.mount), "OpenAI (through the cache)")
    with editor(proxied.client.http.base_url, proxied.owner) as window:
        page = window.page
        page.goto(f"{window.url}/home/credentials/{proxied.credentials[name]}")
        shown = page.locator('[data-test-id="editCredential-modal"]')
        expect(shown.get_by_text("Connection tested successfully")).to_be_visible(timeout=60_000)
        base = shown.locator('[data-test-id="parameter-input-url"] input')
        expect(base).to_have_value(f"{proxied.gate.url}/openai/v1")
        # The address that readers have.
        base.evaluate("input => { input.value = 'http://localhost:8787/openai/v1'; }")
        page.mouse.move(5, 5)
        page.wait_for_timeout(700)
        folder = REPOSITORY / "docs" if KEEP_PICTURES else tmp_path
        shown.screenshot(path=folder / "proxy-credential.png", animations="disabled")
    assert proxied.upstream.calls == 0
