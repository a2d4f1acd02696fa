"""The pages of misses and of what would pay, as they come from the server."""

import re
from html import unescape
from typing import Any

import pytest

from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.entry import Source
from prompt_cache.core.missed.look_alikes import Kind
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, SemanticRules
from prompt_cache.http.dashboard.missed_words import _REASONS, _REFUSALS, KINDS
from prompt_cache.semantic.guards.names import GUARDS
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.core.test_matching import RESET, Words
from sidecar.tests.http.dashboard.pages import FROM_HERE, client_of, signed_in, text_of
from sidecar.tests.support import Asker, Clock, request


class Now(Clock):
    """A clock at the time that pages are looked at."""

    def __init__(self) -> None:
        import time

        super().__init__(time.time() - 7200)


def asker(monkeypatch: pytest.MonkeyPatch, **options: Any) -> Asker:
    monkeypatch.setattr("sidecar.tests.support.Clock", Now)
    return Asker(MemoryStore, **options)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asker:
    """A cache in which two look-alikes, and a question that nobody answers, were missed."""
    found = asker(monkeypatch, rules=Rules(NamespaceRules(lifetime=Lifetime(ttl=3600))))
    for at in (10, 11):
        found.fill(f"It is 16:{at}. What is <b>a cache</b>?", cost_usd=0.5, params={"temperature": 0})
        found.clock.turn(60)
    for _ in range(2):
        found.ask("What is a rabbit?", params={"temperature": 0}, namespace="zoo")
    found.cache.missed.flush()
    return found


def test_misses__the_latest_with_why(asked: Asker) -> None:
    page = client_of(asked.cache).get("/misses?period=30d").text
    told = unescape(text_of(page))
    assert told.index("What is a rabbit?") < told.index("It is 16:11") < told.index("It is 16:10")
    assert "2 times" in told
    assert "Only the question is new" in told
    assert "<b>a cache</b>" not in page
    assert "What is a rabbit?" not in client_of(asked.cache).get("/misses?period=30d&namespace=default").text


def test_misses__a_detail_marks_what_changes(asked: Asker) -> None:
    key = asked.cache.key_of(_request("It is 16:11. What is <b>a cache</b>?"))
    page = client_of(asked.cache).get(f"/misses/{key}").text
    assert "<mark>16:11</mark>" in page
    assert "&lt;b&gt;a cache&lt;/b&gt;" in page
    assert "normalize:" in page
    assert client_of(asked.cache).get("/misses/" + "0" * 64).status_code == 404


def test_misses__an_admin_has_a_question_forgotten(asked: Asker) -> None:
    caller = client_of(asked.cache)
    key = asked.cache.key_of(_request("It is 16:11. What is <b>a cache</b>?"))
    token = re.search(r'name="form_token" value="(\w+)"', caller.get(f"/misses/{key}").text)
    assert token
    assert caller.post(f"/misses/{key}/forget", headers=FROM_HERE).status_code == 403
    done = caller.post(f"/misses/{key}/forget", data={"form_token": token[1]}, headers=FROM_HERE)
    assert (done.status_code, done.headers["Location"]) == (303, "/misses")
    assert "The question is forgotten." in text_of(caller.get("/misses").text)
    assert caller.get(f"/misses/{key}").status_code == 404
    reader = [TokenSettings(name="r", role="reader", token="reader-token")]
    rabbit = (
        f"/misses/{asked.cache.key_of(request(prompt='What is a rabbit?', params={'temperature': 0}, namespace='zoo'))}"
    )
    assert "Forget" in caller.get(rabbit).text
    assert "Forget" not in signed_in(client_of(asked.cache, tokens=reader), "reader-token").get(rabbit).text


def _request(prompt: str) -> Any:
    return request(prompt=prompt, params={"temperature": 0})


def test_misses__tells_runs_in_the_editor_from_others_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asker(monkeypatch)
    for runs in ("editor", "production"):
        found.fill("What is a cache?", attributes={"n8n.runs": runs})
        found.clock.turn(60)
    found.cache.missed.flush()
    told = text_of(client_of(found.cache).get("/misses").text)
    assert "The same question was asked before, but with another value of: whether it ran in the editor." in told
    assert "n8n.runs" not in told


def test_opportunities__what_was_seen_on_one_day_says_it_once(asked: Asker) -> None:
    told = text_of(client_of(asked.cache).get("/opportunities").text)
    assert "seen on " in told or "seen from " in told
    days = re.findall(r"seen from (\w+ \d+, \d+) to (\w+ \d+, \d+)", told)
    assert all(first != last for first, last in days)


def test_opportunities__what_to_paste(asked: Asker) -> None:
    page = client_of(asked.cache).get("/opportunities").text
    told = text_of(page)
    assert "2 questions differ only in a date or time" in told
    assert "$0.50" in told
    assert "<mark>16:11</mark>" in page
    assert "no answer was ever stored" in told
    assert 'data-copy="mask-0"' in page


def test_opportunities__a_threshold_without_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asker(monkeypatch, rules=Rules(NamespaceRules(semantic=SemanticRules(match=True))), embedder=Words())
    found.fill(RESET, cost_usd=0.5)
    found.fill("how do I reset a door lock", cost_usd=0.25)
    found.cache.missed.flush()
    found.cache.missed.flush()
    caller = client_of(found.cache)
    at_first, lower = (text_of(caller.get(f"/opportunities{query}").text) for query in ("", "?threshold=0.4"))
    assert "Would be served 0 " in at_first
    assert "Would be served 1 " in lower or "Guards would still refuse 1" in lower
    assert "threshold: 0.4" in lower
    assert f"how do I reset a door lock close to: {RESET}" in at_first
    assert caller.get("/opportunities?threshold=nonsense").status_code == 200


@pytest.mark.parametrize("path", ["/misses", "/opportunities"])
def test_misses__namespaces_of_others_stay_theirs(asked: Asker, path: str) -> None:
    tokens = [TokenSettings(name="zoo", role="reader", token="zoo-token", namespaces=["zoo"])]
    caller = signed_in(client_of(asked.cache, tokens=tokens), "zoo-token")
    for query in ("", "?namespace=default", "?namespace=default&cursor=x"):
        page = caller.get(path + query)
        assert page.status_code == 200
        assert "a cache" not in page.text
    key = asked.cache.key_of(_request("It is 16:11. What is <b>a cache</b>?"))
    assert caller.get(f"/misses/{key}").status_code == 404
    assert client_of(asked.cache, tokens=tokens).get(path).status_code == 303


def test_misses__where_prompts_are_not_kept_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asker(monkeypatch, store_prompts=False)
    found.ask()
    found.cache.missed.flush()
    caller = client_of(found.cache, store_prompts=False)
    assert "Prompts are not kept here" in text_of(caller.get("/misses?period=30d").text)
    assert "Prompts are not kept here" in text_of(caller.get("/opportunities").text)
    key = found.cache.missed.page("default")[0][0].missed.key
    assert "The text is not kept" in text_of(caller.get(f"/misses/{key}").text)


def test_misses__page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asker(monkeypatch)
    for at in range(60):
        found.ask(f"question {at}")
        found.clock.turn(1)
    found.cache.missed.flush()
    caller = client_of(found.cache)
    first = caller.get("/misses?namespace=default&period=30d").text
    following = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert following
    second = text_of(caller.get(unescape(following[1])).text)
    assert "question 59" in first
    assert "question 0 " in second
    assert "Earlier ones" not in second
    assert "question 59" in caller.get("/misses?namespace=default&period=30d&cursor=made-up").text


def test_misses__of_many_namespaces_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asker(monkeypatch)
    for at in range(52):
        found.ask(namespace=f"n{at:02}")
    found.cache.missed.flush()
    caller = client_of(found.cache)
    for path, left_out in (("/misses", 2), ("/opportunities", 40)):
        page = caller.get(path).text
        assert f"{left_out} namespaces are not looked at" in page
        assert "<option>n51</option>" in page
        assert "not looked at" not in caller.get(f"{path}?namespace=n51").text


def test_misses__nothing_was_missed_yet() -> None:
    caller = client_of()
    assert "Nothing was missed in this period" in text_of(caller.get("/misses").text)
    assert "Nothing to propose yet" in text_of(caller.get("/opportunities").text)


def test_words__for_every_reason_and_kind() -> None:
    reasons = {str(each) for each in MissReason if not each.startswith("guard:")}
    assert reasons == set(_REASONS)
    assert {each.removeprefix("guard:") for each in MissReason if each.startswith("guard:")} == set(GUARDS)
    left_out = {"foreign_ticket", "replayed", "caching_off", "unknown_key"}  # of these there is no question
    assert {str(each) for each in NotStored} - left_out <= set(_REFUSALS)
    assert set(Kind.__args__) == set(KINDS)  # type: ignore[attr-defined]


def test_opportunities__what_takes_long_is_left_out(asked: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = client_of(asked.cache)
    assert "not looked at" not in caller.get("/opportunities").text
    monkeypatch.setattr("prompt_cache.http.dashboard.opportunities._SECONDS", -1.0)
    assert "1 namespace is not looked at" in text_of(caller.get("/opportunities").text)


def test_misses__marks_that_turn_what_follows_are_shown_as_what_they_are(asked: Asker) -> None:
    turned = "Is \u202egpj.exe good?"
    for _ in range(2):
        asked.ask(turned, model="m\u202e", source=Source("w\u202e", "n\u202e"))
    asked.cache.missed.flush()
    asked.cache.statistics.flush()
    key = asked.cache.key_of(request(prompt=turned, model="m\u202e"))
    for path in ("/misses", f"/misses/{key}", "/opportunities", "/?workflow=w%E2%80%AE", "/"):
        page = client_of(asked.cache).get(path)
        assert page.status_code == 200
        assert "⟨U+202E⟩" in page.text
        assert "\u202e" not in re.sub('data-value="[^"]*"', "", page.text)
