"""Statistics over HTTP: as JSON, as a table, and what a month will cost."""

import csv
import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from prompt_cache.config import Config
from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.savings.series import Dimensions
from prompt_cache.stores.base import CounterRow
from prompt_cache.stores.memory import MemoryStore

TOKENS = [
    TokenSettings(name="ours", role="reader", token="ours-token", namespaces=["ours"]),
    TokenSettings(name="all", role="reader", token="all-token"),
]


def client(cache: PromptCache) -> FlaskClient:
    return create_app(cache, Config(request_log=False, tokens=TOKENS)).test_client()


def get(caller: FlaskClient, path: str, whose: str = "all") -> Any:
    return caller.get(path, headers={"Authorization": f"Bearer {whose}-token"})


@pytest.fixture
def cache() -> PromptCache:
    cache = PromptCache(MemoryStore())
    count = cache.statistics.count
    count(Dimensions("ours", "gpt-4o", "Flow", "Ask"), hits=2, cost_usd=0.5, semantic_hits=1, semantic_cost_usd=0.25)
    count(Dimensions("ours", "gpt-4o", "Flow", "Ask"), misses=1, **{"miss:expired": 1}, stored=1, calls=1)
    count(Dimensions("ours", "gpt-4o", "", ""), misses=1, **{"guard:dates": 1}, spent_cost_usd=1.5)
    count(Dimensions("theirs", "claude", "Flow", "Ask"), hits=10, unpriced_hits=10, refused=1, **{"refused:flushed": 1})
    return cache


def test_stats__are_filtered_by_name(cache: PromptCache) -> None:
    caller = client(cache)
    for query, lookups in (
        ("", 14),
        ("workflow=Flow", 13),
        ("workflow=Flow&model=gpt-4o", 3),
        ("workflow=", 1),
        ("node=Ask&namespace=theirs", 10),
        ("model=nobody's", 0),
    ):
        assert get(caller, f"/v1/stats?{query}").get_json()["lookups"] == lookups, query
    assert get(caller, "/v1/stats?workflow=Flow", "ours").get_json()["lookups"] == 3
    assert get(caller, "/v1/stats?namespace=theirs", "ours").status_code == 403


def test_stats__by_several_and_time(cache: PromptCache) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    answer = get(client(cache), "/v1/stats?group_by=workflow,match&interval=day").get_json()
    assert {(group["group"], group["hits"], group["misses"]) for group in answer["groups"]} == {
        (f"{today} /  / ", 0, 1),
        (f"{today} / Flow / ", 0, 1),
        (f"{today} / Flow / exact", 11, 0),
        (f"{today} / Flow / semantic", 1, 0),
    }
    assert answer["groups"][0]["by"] == {"day": today, "workflow": "", "match": ""}
    only_time = get(client(cache), "/v1/stats?interval=hour").get_json()["groups"]
    assert [list(group["by"]) for group in only_time] == [["hour"]]


def test_stats__tell_what_was_spent_and_why(cache: PromptCache) -> None:
    answer = get(client(cache), "/v1/stats").get_json()
    assert (answer["spent"]["calls"], answer["spent"]["cost_usd"]) == (1, 1.5)
    assert answer["misses_by_reason"] == {"expired": 1, "guard:dates": 1}
    assert answer["refused_by_reason"] == {"flushed": 1}
    assert answer["by_match"]["semantic"] == {
        "hits": 1,
        "saved": {"cost_usd": 0.25, "input_tokens": 0, "output_tokens": 0, "seconds": 0.0, "unpriced_hits": 0},
    }


@pytest.mark.parametrize("group_by", ["color", "model,", ",model", "model;node", "", "Model", "model, node", "model\n"])
def test_stats__what_cannot_be_grouped_by_is_named(cache: PromptCache, group_by: str) -> None:
    for path in ("/v1/stats", "/v1/stats.csv"):
        refused = client(cache).get(
            path, query_string={"group_by": group_by}, headers={"Authorization": "Bearer all-token"}
        )
        (error,) = refused.get_json()["errors"]
        assert (refused.status_code, error["loc"]) == (400, ["group_by"])
        assert "use one, or several joined by commas" in error["msg"]


# -- the table -----


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    text = answer.get_data(as_text=True)
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv__has_a_row_for_each_group(cache: PromptCache) -> None:
    rows = table(get(client(cache), "/v1/stats.csv?group_by=namespace,workflow"))
    assert [(row["namespace"], row["workflow"], row["lookups"]) for row in rows] == [
        ("ours", "", "1"),
        ("ours", "Flow", "3"),
        ("theirs", "Flow", "10"),
    ]
    assert (rows[1]["saved_cost_usd"], rows[1]["spent_calls"], rows[1]["hit_rate"]) == ("0.5", "1", str(2 / 3))
    assert (rows[0]["spent_cost_usd"], rows[2]["saved_unpriced_hits"]) == ("1.5", "10")


def test_csv__of_no_groups_is_one_row(cache: PromptCache) -> None:
    (row,) = table(get(client(cache), "/v1/stats.csv", "ours"))
    assert (row["lookups"], row["hits"]) == ("4", "2")
    (row,) = table(get(client(cache), "/v1/stats.csv?model=none"))
    assert (row["lookups"], row["hit_rate"]) == ("0", "")


def test_csv__of_nothing_is_a_header(cache: PromptCache) -> None:
    assert table(get(client(cache), "/v1/stats.csv?model=none&group_by=model")) == []


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ('a "quoted", name', 'a "quoted", name'),
        ("of\nlines", "of\nlines"),
        ("Flow - daily = +1", "Flow - daily = +1"),
        ("M\u00fcller \u2603", "M\u00fcller \u2603"),
    ],
)
def test_csv__names_are_text_whatever_they_begin_with(name: str, cell: str) -> None:
    cache = PromptCache(MemoryStore())
    cache.statistics.count(Dimensions("ours", "m", name, "n"), hits=1)
    (row,) = table(get(client(cache), "/v1/stats.csv?group_by=workflow"))
    assert (row["workflow"], row["hits"]) == (cell, "1")


# -- what a month will cost -----


def spent(cache: PromptCache, days: int) -> None:
    """One dollar each whole day up to yesterday, and three saved."""
    now = datetime.fromtimestamp(time.time(), UTC)
    dates = [f"day:{now - timedelta(days=at):%Y-%m-%d}" for at in range(1, days + 1)]
    for namespace in ("ours", "theirs"):
        series = Dimensions(namespace, "m", "Flow", "n").series
        sums = {"calls": 1.0, "spent_cost_usd": 0.5, "cost_usd": 1.5, "hits": 3.0}
        cache._store.increment([CounterRow(date, series, sums) for date in dates])


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (0, "no whole day is measured yet: a forecast takes 3"),
        (1, "no whole day is measured yet: a forecast takes 3"),
        (2, "only 1 whole day is measured yet: a forecast takes 3"),
        (3, "only 2 whole days are measured yet: a forecast takes 3"),
    ],
)
def test_forecast__of_too_few_days_says_so(days: int, reason: str) -> None:
    cache = PromptCache(MemoryStore())
    spent(cache, days)
    answer = get(client(cache), "/v1/forecast").get_json()
    assert (answer["with_cache"], answer["without_cache"], answer["reason"]) == (None, None, reason)


def test_forecast__with_and_without() -> None:
    cache = PromptCache(MemoryStore())
    spent(cache, 20)
    answer = get(client(cache), "/v1/forecast").get_json()
    assert (answer["days_measured"], answer["confidence"], answer["reason"]) == (19, 0.9, None)
    assert answer["month"] == f"{datetime.now(UTC):%Y-%m}"
    assert answer["without_cache"]["expected"] == pytest.approx(4 * answer["with_cache"]["expected"])
    ours = get(client(cache), "/v1/forecast?workflow=Flow", "ours").get_json()
    assert ours["with_cache"]["expected"] == pytest.approx(answer["with_cache"]["expected"] / 2)
    assert get(client(cache), "/v1/forecast?namespace=theirs", "ours").status_code == 403
    assert get(client(cache), "/v1/forecast?since=7d").status_code == 400
