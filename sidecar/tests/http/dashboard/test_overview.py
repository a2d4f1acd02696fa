"""The first page: what it shows of what was counted."""

import time
from itertools import pairwise

import pytest

from prompt_cache.core.arriving import NewEntry
from prompt_cache.core.entry import Source
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.http.dashboard.selection import Selection
from prompt_cache.http.dashboard.series import columns, span
from prompt_cache.savings.currency import CurrencySettings
from prompt_cache.savings.statistics import Dimensions, Group, Saved, Spent
from sidecar.tests.support import NOW, Asker, request

from .pages import client_of, text_of

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)


@pytest.fixture
def asker() -> Asker:
    """Whose model's price is known: $0.0006 an answer."""
    asker = Asker()
    asker.fill(model="gpt-4o-mini", source=Source("Support", "Answer"))
    return asker


def hit(asker: Asker, workflow: str = "Support", node: str = "Answer", times: int = 1) -> None:
    for _ in range(times):
        assert asker.ask(model="gpt-4o-mini", source=Source(workflow, node)).status == "hit"


def page(asker: Asker, path: str = "/", **settings: object) -> str:
    response = client_of(asker.cache, **settings).get(path)
    assert response.status_code == 200
    return response.text


def test_overview__shows_what_was_saved_and_spent(asker: Asker) -> None:
    hit(asker, times=100)
    text = text_of(page(asker))
    total, _ = asker.cache.statistics.report(lambda _: True)
    assert f"Saved ${total.saved.cost_usd:.2f}" in text
    assert f"Spent ${total.spent.cost_usd:.6f} on 1 call" in text
    assert "Hit rate 99% 100 of 101 questions" in text


def test_overview__shows_money_in_the_currency_of_the_settings(asker: Asker) -> None:
    hit(asker, times=100)
    total, _ = asker.cache.statistics.report(lambda _: True)
    text = text_of(page(asker, currency=CurrencySettings(code="EUR", rate=10.0)))
    assert f"Saved €{total.saved.cost_usd * 10:.2f}" in text


def test_overview__says_why_there_was_no_hit_and_why_an_answer_was_not_kept(asker: Asker) -> None:
    asker.ask("Something else")
    asker.cache.store(NewEntry(request=request(prompt="Another"), response=b'""'))
    text = text_of(page(asker))
    assert "It was not asked before. 2" in text  # the one that was answered, too
    assert "the answer was empty 1" in text


@pytest.mark.parametrize("reason", [*MissReason, *NotStored])
def test_overview__has_words_for_each_reason(asker: Asker, reason: MissReason | NotStored) -> None:
    counted = {"misses": 5} if isinstance(reason, MissReason) else {"refused": 5}
    kind = "miss" if isinstance(reason, MissReason) else "refused"
    counted[reason if reason.startswith("guard:") else f"{kind}:{reason}"] = 5
    asker.cache.statistics.count(Dimensions("default", "m", "", ""), **counted)
    assert f" {reason} 5" not in text_of(page(asker))


def test_overview__of_a_filter_shows_nothing_else(asker: Asker) -> None:
    hit(asker, "Support", times=2)
    hit(asker, "Billing", times=3)
    text = text_of(page(asker, "/?workflow=Billing"))
    assert "3 of 3 questions" in text
    assert "Workflow Billing" in text
    assert "Support" not in text


def test_overview__of_what_has_no_name(asker: Asker) -> None:
    hit(asker, "", "", times=4)
    html = page(asker)
    assert "without a name" in html
    assert "4 of 5 questions" in text_of(page(asker, "/?workflow="))  # and the miss of before


def test_overview__has_no_row_for_what_is_neither_asked_nor_paid(asker: Asker) -> None:
    asker.cache.statistics.count(Dimensions("default", "", "", "Judge"), rejected=1)
    assert "Judge" not in page(asker)


def test_status__says_how_long_statistics_are_kept_in_the_words_of_the_reader(asker: Asker) -> None:
    assert "are kept for 400 days" in text_of(page(asker, "/status"))
    assert "are kept for ever" in text_of(page(asker, "/status", stats_retention=None))


def test_overview__of_another_namespace_is_empty_and_says_so(asker: Asker) -> None:
    text = text_of(page(asker, "/?namespace=nowhere"))
    assert "0 of 0 questions" in text
    assert "Nothing in this period" in text
    assert "Nothing was asked yet" not in text


def test_overview__of_nothing_says_what_to_do() -> None:
    text = text_of(page(Asker()))
    assert "Nothing was asked yet" in text
    assert "OPENAI_BASE_URL=http://localhost/openai/v1" in text


def test_overview__escapes_names(asker: Asker) -> None:
    hit(asker, HOSTILE, HOSTILE)
    for path in ("/", f"/?workflow={HOSTILE}", f"/?sort={HOSTILE}&all={HOSTILE}&period={HOSTILE}"):
        assert "<script>alert" not in page(asker, path)


def test_table__shows_some_and_leads_to_all(asker: Asker) -> None:
    for number in range(20):
        hit(asker, f"Workflow {number:02}", times=number + 1)
    html = page(asker)
    assert "Workflow 19" in html
    assert "Workflow 03" not in html
    assert "14 more" in html  # with that of before, and what has no name
    assert "Workflow 03" in page(asker, "/?all=workflow")
    least = page(asker, "/?sort=saved")
    assert "Workflow 03" in least
    assert "Workflow 19" not in least


@pytest.mark.parametrize(("period", "unit", "count"), [("today", "hour", 24), ("7d", "day", 7), ("30d", "day", 30)])
def test_series__has_no_gaps(period: str, unit: str, count: int) -> None:
    shown = span(Selection.of({"period": period}), NOW)
    name = "2027-01-15T07Z" if unit == "hour" else "2027-01-15"
    group = Group(group=name, by={unit: name}, saved=Saved(cost_usd=2.0), spent=Spent(cost_usd=1.0), hits=3, lookups=5)
    made = columns(shown, [group])
    assert len(made) == count
    assert {after.time - before.time for before, after in pairwise(made)} == {shown.step}
    filled = [column for column in made if column.saved]
    assert [(each.saved, each.spent, each.hits, each.misses) for each in filled] == [(2.0, 1.0, 3, 2)]


def test_selection__links_keep_all_else_and_read_back() -> None:
    selection = Selection(period="30d", workflow="a&b=c", node="")
    link = selection.link("/", model="gpt 4")
    assert link == "/?period=30d&model=gpt+4&workflow=a%26b%3Dc&node="
    assert selection.without("/", "workflow") == "/?period=30d&node="
    assert selection.where == {"workflow": "a&b=c", "node": ""}
