"""The pages of answers: what they find, who may act, and that a count comes before anything is deleted."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.entry import Source
from sidecar.tests.http.dashboard.pages import FROM_HERE, client_of, signed_in, text_of
from sidecar.tests.support import ANSWER, Asker, request

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\0\x1b]8;;x"
TOKENS: dict[str, Any] = {
    "token": "root-token",
    "tokens": [
        TokenSettings(name="reading", token="read-token", role="reader"),
        TokenSettings(name="writing", token="write-token", role="writer"),
        TokenSettings(name="ours", token="ours-token", role="admin", namespaces=["ours"]),
    ],
}


@pytest.fixture
def asker() -> Asker:
    return Asker()


@pytest.fixture
def client(asker: Asker) -> FlaskClient:
    return client_of(asker.cache)


def get(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response.text


def seen(client: FlaskClient, path: str) -> str:
    """What is read on a page."""
    return text_of(get(client, path))


def listed(client: FlaskClient, query: str = "") -> list[str]:
    """The keys of a list, in its order."""
    return re.findall(r'class="whole" href="/answers/([0-9a-f]{64})', get(client, f"/answers?namespace=default{query}"))


def send(client: FlaskClient, path: str, asked_on: str | None = None, **fields: str) -> Any:
    """Send the form of a page as a browser does, with other fields."""
    page = client.get(asked_on or path).text
    hidden = re.findall(
        r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.partition("<main")[2].partition("<footer")[0]
    )
    return client.post(path, data={**dict(hidden), **fields}, headers=FROM_HERE)


def answer(client: FlaskClient, response: Any) -> str:
    """What the list says on the page that a form leads to."""
    assert response.status_code == 303, response.text
    return seen(client, response.location)


# -- the list -----


def test_list__filters_and_searches(asker: Asker, client: FlaskClient) -> None:
    rome = asker.fill("What of ROME?", model="gpt-4o-mini", tags=["travel"])
    asker.clock.turn(8 * 86400)
    mine = asker.answer(
        asker.ask("And mine?").key, source=Source("Support", "Answer"), ttl="never" and 30 * 86400.0
    ).key
    alias, _ = asker.cache.accept(mine, request(prompt="Mine again?"))
    assert set(listed(client)) == {mine, alias}
    assert listed(client, "&q=again") == [alias]
    assert set(listed(client, "&workflow=Support")) == {mine, alias}
    assert listed(client, "&workflow=Other") == []
    assert listed(client, "&aliases=1") == [alias]
    assert listed(client, "&older=1d") == []
    asker.clock.turn(-8 * 86400)
    assert rome in listed(client)
    assert listed(client, "&tag=travel&q=rome&model=gpt-4o-mini") == [rome]
    assert listed(client, "&tag=else&q=rome") == []
    assert "No answer fits these filters." in seen(client, "/answers?namespace=default&tag=else")


def test_list__tells_what_was_served_and_saved(asker: Asker, client: FlaskClient) -> None:
    dear, cheap, never = (asker.fill(f"{name}?", cost_usd=cost) for name, cost in (("A", 2.5), ("B", 0.5), ("C", 9.0)))
    for name in ("A", "A", "B", "B", "B"):
        asker.ask(f"{name}?")
    asker.cache.statistics.flush()
    assert listed(client, "&sort=saved") == [dear, cheap]
    assert listed(client, "&sort=never") == [never]
    assert "2 $5.00" in seen(client, "/answers?namespace=default&sort=saved")


def test_list__goes_on_page_by_page(asker: Asker, client: FlaskClient) -> None:
    keys = []
    for at in range(60):
        asker.clock.turn(1)
        keys.append(asker.fill(f"{at}?"))
    found, path = [], "/answers?namespace=default"
    while path:
        page = get(client, path)
        found += re.findall(r'class="whole" href="/answers/([0-9a-f]{64})', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert found == keys[::-1]
    assert client.get("/answers?namespace=default&cursor=nonsense").status_code == 303


def test_list__begins_with_the_namespace_that_holds_most(asker: Asker, client: FlaskClient) -> None:
    asker.fill("A?", namespace="small")
    for at in range(3):
        asker.fill(f"{at}?", namespace="large")
    assert "Answers of the namespace large" in seen(client, "/answers")


def test_list__forgets_the_fields_that_were_left_empty(client: FlaskClient) -> None:
    response = client.get("/answers?namespace=default&q=&model=&tag=x&sort=saved&older=")
    assert (response.status_code, response.location) == (303, "/answers?namespace=default&sort=saved&tag=x")


def test_list__has_nothing_to_search_where_prompts_are_not_kept() -> None:
    asker = Asker(store_prompts=False)
    asker.fill("A secret?")
    client = client_of(asker.cache)
    assert "Prompt not kept" in seen(client, "/answers?namespace=default")
    assert "store_prompts" in seen(client, "/answers?namespace=default&q=secret")


# -- one answer -----


def test_answer__is_told_with_all_that_is_known_of_it(asker: Asker, client: FlaskClient) -> None:
    asked: dict[str, Any] = {
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "The capital?"}],
        "params": {"temperature": 0.7},
        "attributes": {"tenant": "north"},
        "model": "gpt-4o-mini",
    }
    outcome = asker.ask(**asked)
    key = asker.answer(
        outcome.key, cost_usd=0.25, latency=3.0, tags=["geo"], depends_on=["kb"], source=Source("Support", "Answer")
    ).key
    for _ in range(4):
        asker.ask(**asked)
    asker.cache.statistics.flush()
    page = seen(client, f"/answers/{key}")
    for told in (
        "Saved so far $1.00", "Served 4 times", "Each hit saves $0.25", "System Be brief.", "User The capital?",
        "Model Paris is the capital.", "Asked by Support Answer", "temperature 0.7", "tenant north", "geo", "kb",
        "1,000 in, 500 out", "It took 3 sec", "answered by gpt-4o-mini-2024-07-18", key,
    ):  # fmt: skip
        assert told in page
    asker.cache.bump("default", ["kb"])
    assert "Outdated" in seen(client, f"/answers/{key}")


def test_answer__of_an_alias_leads_to_its_original(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill("Rome?")
    alias, _ = asker.cache.accept(key, request(prompt="What of Rome?"))
    assert f"/answers/{alias}" in get(client, f"/answers/{key}")
    assert f"/answers/{key}" in get(client, f"/answers/{alias}")


def test_answer__can_be_downloaded_as_it_was_stored(asker: Asker, client: FlaskClient) -> None:
    response = client.get(f"/answers/{asker.fill()}/response.json")
    assert response.json == ANSWER
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", ["", "/response.json", "/delete", "/reject"])
def test_answer__of_nobody_and_of_others_is_a_404(asker: Asker, path: str) -> None:
    key = asker.fill(namespace="theirs")
    client = signed_in(client_of(asker.cache, **TOKENS), "ours-token")
    assert client.get(f"/answers/{key}{path}").status_code == 404
    assert client.get(f"/answers/{'0' * 64}{path}").status_code == 404


def test_answer__without_its_prompt_says_so() -> None:
    asker = Asker(store_prompts=False)
    key = asker.fill("A secret?")
    page = seen(client_of(asker.cache), f"/answers/{key}")
    assert "Prompts are not kept here" in page
    assert "Paris is the capital." in page


def test_answer__of_megabytes_is_shown_in_part(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill("Long?", {"text": "word " * 500_000})
    part = get(client, f"/answers/{key}")
    assert len(part) < 300_000
    assert "Show all" in part
    assert len(get(client, f"/answers/{key}?all=1")) > 2_500_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_hostile_stays_text(asker: Asker, client: FlaskClient, language: str) -> None:
    key = asker.answer(
        asker.ask(HOSTILE, attributes={"<i>": HOSTILE[:60].replace("\0", "").replace("\x1b", "")}).key,
        {"text": HOSTILE, "<b>": {"deep": [[[["<u>"]]]]}},
        source=Source(HOSTILE, HOSTILE),
    ).key
    for path in (f"/answers/{key}", f"/answers/{key}/delete", f"/answers/{key}/reject", "/answers?namespace=default"):
        page = client.get(path, headers={"Accept-Language": language}).text
        assert "&lt;script&gt;" in page
        for broken in ("<script>alert", "<img src=x", "<b>", "<u>", "<i>", "\u202e", "\0", "\x1b"):
            assert broken not in page, path


# -- acts -----


def test_delete__asks_first_and_takes_the_aliases_along(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill("Rome?", cost_usd=0.5)
    asker.cache.accept(key, request(prompt="What of Rome?"))
    asker.ask("Rome?")
    asker.cache.statistics.flush()
    page = seen(client, f"/answers/{key}/delete")
    assert "It was served 1 time and saved $0.50 so far." in page
    assert "1 alias goes with it." in page
    assert len(listed(client)) == 2
    assert "The answer is deleted." in answer(client, send(client, f"/answers/{key}/delete"))
    assert listed(client) == []
    assert client.post(f"/answers/{key}/delete", headers=FROM_HERE).status_code in (403, 404)


def test_delete__of_what_is_chosen_counts_first(asker: Asker, client: FlaskClient) -> None:
    for at in range(8):
        asker.fill(f"{at}?", tags=["x" if at % 2 else "y"], cost_usd=1.5)
        asker.ask(f"{at}?")
    asker.cache.statistics.flush()
    page = seen(client, "/answers/delete?namespace=default&tag=x")
    assert "This deletes 4 answers of the namespace default." in page
    assert "So far that was served 4 times and saved $6.00." in page
    assert len(listed(client)) == 8
    done = send(client, "/answers/delete", "/answers/delete?namespace=default&tag=x")
    assert "4 answers are deleted." in answer(client, done)
    assert len(listed(client)) == 4
    assert listed(client, "&tag=x") == []


def test_delete__of_what_was_never_served(asker: Asker, client: FlaskClient) -> None:
    served, _ = asker.fill("A?"), asker.fill("B?")
    asker.ask("A?")
    asker.cache.statistics.flush()
    done = send(client, "/answers/delete", "/answers/delete?namespace=default&sort=never")
    assert "1 answer is deleted." in answer(client, done)
    assert listed(client) == [served]


def test_delete__without_a_filter_deletes_nothing(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill()
    assert client.get("/answers/delete?namespace=default").status_code == 303
    assert send(client, "/answers/delete", "/answers/flush?namespace=default", period="7d").status_code == 400
    assert listed(client) == [key]


def test_flush__empties_one_namespace_after_a_count(asker: Asker, client: FlaskClient) -> None:
    asker.fill("A?")
    kept = asker.fill("B?", namespace="other")
    page = seen(client, "/answers/flush?namespace=default")
    assert "This deletes 1 answer of the namespace default." in page
    assert "Nothing of that was served so far." in page
    assert "1 answer is deleted." in answer(client, send(client, "/answers/flush", "/answers/flush?namespace=default"))
    assert listed(client) == []
    assert asker.cache.entry(kept)


def test_reject__takes_an_answer_out_and_counts(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill()
    assert "rejected and gone" in answer(client, send(client, f"/answers/{key}/reject"))
    assert listed(client) == []
    assert asker.cache.statistics.report(lambda _: True)[0].semantic.rejected == 1


def test_reject__of_other_words_leaves_the_answer(asker: Asker, client: FlaskClient) -> None:
    key = asker.fill("Rome?")
    alias, _ = asker.cache.accept(key, request(prompt="What of Rome?"))
    assert "never served to that question" in answer(
        client, send(client, f"/answers/{key}/reject", wording="What of Rome?")
    )
    assert listed(client) == [key]
    refused = send(client, f"/answers/{key}/reject", wording="Something <b>else?")
    assert refused.status_code == 200
    assert "their keys differ" in refused.text
    assert listed(client) == [key]
    assert alias not in listed(client)


@pytest.mark.parametrize(
    ("token", "allowed"),
    [
        ("read-token", set()),
        ("write-token", {"delete", "reject", "delete many"}),
        ("root-token", {"delete", "reject", "delete many", "flush"}),
    ],
)
def test_acts__are_those_of_the_role(asker: Asker, token: str, allowed: set[str]) -> None:
    key = asker.fill(tags=["x"])
    client = signed_in(client_of(asker.cache, **TOKENS), token)
    asking = {
        "delete": f"/answers/{key}/delete",
        "reject": f"/answers/{key}/reject",
        "delete many": "/answers/delete?namespace=default&tag=x",
        "flush": "/answers/flush?namespace=default",
    }
    assert {name for name, path in asking.items() if client.get(path).status_code == 200} == allowed
    offered = get(client, f"/answers/{key}") + get(client, "/answers?namespace=default&tag=x")
    assert {name for name, path in asking.items() if f'href="{path.partition("?")[0]}' in offered} == allowed
    for name, path in asking.items():
        if name not in allowed:
            assert client.post(path.partition("?")[0], headers=FROM_HERE).status_code == 403
    assert asker.cache.entry(key)


def test_acts__keep_to_the_namespaces_of_the_token(asker: Asker) -> None:
    theirs, ours = asker.fill(namespace="theirs"), asker.fill(namespace="ours")
    client = signed_in(client_of(asker.cache, **TOKENS), "ours-token")
    assert re.findall(r'href="/answers/([0-9a-f]{64})', get(client, "/answers")) == [ours]
    assert "theirs" not in get(client, "/answers")
    assert client.get("/answers?namespace=theirs").status_code == 403
    for path in ("/answers/flush", "/answers/delete"):
        assert client.get(f"{path}?namespace=theirs&tag=x").status_code == 403
        asked_on = f"{path}?namespace=ours&sort=never"
        assert send(client, path, asked_on, namespace="theirs", tag="x").status_code == 403
    assert asker.cache.entry(theirs)


@pytest.mark.parametrize("name", ["!misses", "a b", "x" * 65, "../x", "\x1f", "default\n"])
def test_acts__never_reach_what_the_cache_keeps_for_itself(asker: Asker, client: FlaskClient, name: str) -> None:
    asker.fill()
    asker.ask("Something else?")  # which is remembered in a namespace of its own
    held = asker.store.sizes()
    for path in ("/answers", "/answers/delete", "/answers/flush"):
        assert client.get(path, query_string={"namespace": name, "tag": "x"}).status_code == 404
    for path in ("/answers/flush", "/answers/delete"):
        asked_on = f"{path}?namespace=default&sort=never"
        assert send(client, path, asked_on, namespace=name).status_code == 404
    assert asker.store.sizes() == held


@pytest.mark.parametrize(
    "path", ["/answers/delete", "/answers/flush", "/answers/{key}/delete", "/answers/{key}/reject"]
)
def test_acts__need_the_form_of_this_site(asker: Asker, client: FlaskClient, path: str) -> None:
    key = asker.fill(tags=["x"])
    fields = {"namespace": "default", "tag": "x"}
    client.get("/answers?namespace=default")
    assert client.post(path.format(key=key), data=fields, headers=FROM_HERE).status_code == 403
    stolen = re.search(r'name="form_token" value="([^"]+)"', get(client, f"/answers/{key}/delete"))
    assert stolen
    foreign = client.post(
        path.format(key=key), data={**fields, "form_token": stolen[1]}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert asker.cache.entry(key)
