"""`prompt-cache report`: what people read of the money."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from time import time

import pytest

from prompt_cache.cli.main import main
from prompt_cache.cli.report.text import printable
from prompt_cache.core.cache import PromptCache
from prompt_cache.savings.series import Dimensions
from prompt_cache.stores import open_store

HOSTILE = "<script>alert(1)</script> \x1b[31m=cmd() \u202e"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with four days of two workflows."""
    url = f"sqlite:///{tmp_path}/cache.db"
    monkeypatch.setenv("PROMPT_CACHE_STORE", url)
    monkeypatch.setenv("PROMPT_CACHE_CURRENCY", "{code: EUR, rate: 0.5}")
    times = [time()]
    cache = PromptCache(open_store(url), clock=lambda: times[0])
    for _ in range(5):
        for workflow, namespace in (("Support", "default"), (HOSTILE, "other")):
            cache.statistics.count(
                Dimensions(namespace, "gpt-4o-mini", workflow, "Chat"),
                hits=30,
                misses=10,
                cost_usd=3.0,
                seconds=60.0,
                calls=10,
                spent_cost_usd=1.0,
            )
        cache.statistics.count(
            Dimensions("default", "house-model", "Support", "Chat"), hits=1, unpriced_hits=1, calls=2, unpriced_calls=2
        )
        cache.statistics.flush()
        times[0] -= 86400
    return tmp_path


def report(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["report", *options]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_report__money_and_hits_in_the_configured_currency(capsys: pytest.CaptureFixture[str]) -> None:
    said = report(capsys)
    assert "saved  €15.00   305 hits of 405 lookups (75%), 10 min of waiting" in said
    assert "spent   €5.00   110 calls" in said
    assert "Without the cache it would have been €20.00: 75% of that was saved." in said
    assert re.search(r"Support +€7\.50 +€2\.50 +155 +76% +5 min", said)
    assert re.search(r"house-model +unknown +unknown", said)
    assert "price is unknown: house-model (10 calls, 5 hits)." in said
    assert re.search(r"Forecast for \d{4}-\d\d: €\S+ \(€\S+ to €\S+\) with the cache, €\S+ .* without it", said)


@pytest.mark.usefixtures("home")
def test_report__names_cannot_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = report(capsys)
    assert "alert(1)" in said
    assert {letter for letter in said if not letter.isprintable()} == {"\n"}


@pytest.mark.usefixtures("home")
def test_report__of_a_namespace_and_by_other_names(capsys: pytest.CaptureFixture[str]) -> None:
    said = report(capsys, "--namespace", "other", "--group-by", "namespace,model", "--group-by", "day", "--since", "2d")
    assert "in other" in said
    assert re.search(r"By namespace and model .*\n +other / gpt-4o-mini", said)
    days = re.findall(r"^  (\d{4}-\d\d-\d\d)", said, re.MULTILINE)
    assert len(days) == 3
    assert days == sorted(days)


def test_report__has_no_line_for_what_was_neither_asked_nor_paid(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = PromptCache(open_store(f"sqlite:///{home}/cache.db"))
    cache.statistics.count(Dimensions("default", "", "", "Judge"), rejected=1)
    cache.statistics.flush()
    assert "Judge" not in report(capsys, "--group-by", "node")


@pytest.mark.usefixtures("home")
def test_report__for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(report(capsys, "--json"))
    assert told["totals"]["saved"]["cost_usd"] == pytest.approx(30.0)
    assert told["totals"]["spent"]["calls"] == 110
    assert told["currency"] == {"code": "EUR", "rate": 0.5}
    assert [table["dimensions"] for table in told["tables"]] == [["workflow"], ["model"]]
    assert [each["model"] for each in told["unpriced"]] == ["house-model"]
    assert told["forecast"]["days_measured"] >= 3


@pytest.mark.usefixtures("home")
def test_report__for_spreadsheets(capsys: pytest.CaptureFixture[str]) -> None:
    head, *rows = report(capsys, "--csv", "--group-by", "model").splitlines()
    assert head.startswith("model,lookups,hits")
    assert [row.partition(",")[0] for row in rows] == ["gpt-4o-mini", "house-model"]


class _Tags(HTMLParser):
    """Which elements and attributes a page has, and what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.said += data


def test_page__is_one_file_that_nothing_is_loaded_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "--html", str(home / "report.html"))
    page = (home / "report.html").read_text(encoding="utf-8")
    read = _Tags()
    read.feed(page)
    assert not read.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "a", "svg"}
    assert not {name for name, _ in read.attributes if name.startswith("on") or name in ("href", "src", "srcset")}
    assert not re.search(r"https?:|//\w|url\(|@import", page)
    assert printable(HOSTILE) in read.said
    assert "\u202e" not in page
    assert {"€15.00", "€5.00", "75%", "10 min"} <= set(read.said.split("\n"))
    assert "house-model (10 calls, 5 hits)" in read.said


def test_page__has_a_bar_for_each_day_of_the_span(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "--since", "9d", "--html", str(home / "report.html"))
    read = _Tags()
    read.feed((home / "report.html").read_text(encoding="utf-8"))
    said = [value for name, value in read.attributes if name == "title"]
    assert len(said) == 10
    assert sum("€3.00 saved, €1.00 spent" in each for each in said) == 5
    assert sum("€0.00 saved" in each for each in said) == 5


def test_report__of_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_STORE", f"sqlite:///{tmp_path}/empty.db")
    open_store(f"sqlite:///{tmp_path}/empty.db").close()
    said = report(capsys, "--html", str(tmp_path / "report.html"))
    assert "0 hits of 0 lookups (–)" in said
    assert "needs three whole days" in said
    assert "Nothing was asked" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "soon"], "--since 'soon': not a time such as"),
        (["--since", "1h", "--until", "2h"], "--since: must be before --until"),
        (["--group-by", "colour"], "--group-by: `colour` is none of hour, day"),
        (["--csv", "--group-by", "model", "--group-by", "node"], "--csv: is one table; give one --group-by"),
        (["--namespace", "a b"], "--namespace 'a b': a namespace is"),
        (["--html", "/nowhere/report.html"], "/nowhere/report.html"),
    ],
)
@pytest.mark.usefixtures("home")
def test_report__refuses_with_a_sentence(capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert main(["report", *options]) == 2
    assert said in capsys.readouterr().err


def test_report__says_that_the_store_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_STORE", "redis://127.0.0.1:1")
    assert main(["report"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("prompt-cache: Redis: ")


@pytest.mark.usefixtures("home")
def test_report__those_that_saved_most_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    said = report(capsys, "--group-by", "model")
    assert said.index("gpt-4o-mini") < said.index("house-model")
