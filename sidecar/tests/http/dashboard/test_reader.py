"""How numbers, money and times are shown to readers of different countries."""

import pytest

from prompt_cache.http.dashboard.reader import Reader
from prompt_cache.savings.currency import Currency

NBSP, THIN = "\xa0", "\u202f"


def reader(accepted: str | None, *, cookies: dict[str, str] | None = None, currency: Currency | None = None) -> Reader:
    return Reader.of(accepted, cookies or {}, currency or Currency())


@pytest.mark.parametrize(
    ("accepted", "language", "money"),
    [
        ("en-US,en;q=0.9", "en", "$1,234.50"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr", f"1{THIN}234,50{NBSP}$US"),
        ("de-DE,de;q=0.9", "en", f"1.234,50{NBSP}$"),
        ("en-GB", "en", "US$1,234.50"),
        (None, "en", "$1,234.50"),
        ("xx-nonsense,,;;", "en", "$1,234.50"),
        ("*", "en", "$1,234.50"),
    ],
)
def test_reader__is_known_by_what_the_browser_accepts(accepted: str | None, language: str, money: str) -> None:
    found = reader(accepted)
    assert (found.language, found.money(1234.5)) == (language, money)


def test_reader__may_choose_another_language() -> None:
    assert reader("en-US", cookies={"prompt_cache_language": "fr"}).text("Saved") == "Économisé"
    assert reader("fr-CA,fr", cookies={"prompt_cache_language": "en"}).text("Saved") == "Saved"
    assert reader("fr-CA,en;q=0.5", cookies={"prompt_cache_language": "fr"}).money(2).endswith("$\xa0US")
    assert reader("en-US", cookies={"prompt_cache_language": "../../etc"}).language == "en"


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (0, "$0.00"),
        (0.0042, "$0.0042"),
        (0.000122, "$0.000122"),
        (0.00001, "$0.000010"),
        (1e-7, "<\xa0$0.000001"),
        (0.01, "$0.01"),
        (-3.5, "-$3.50"),
        (1e6, "$1,000,000.00"),
    ],
)
def test_money__of_less_than_a_cent_is_not_nothing(usd: float, shown: str) -> None:
    assert reader("en-US").money(usd) == shown


def test_money__is_in_the_currency_of_the_settings() -> None:
    assert reader("en-US", currency=Currency("EUR", 0.5)).money(3) == "€1.50"
    assert reader("ja-JP", currency=Currency("JPY", 150.0)).money(2).endswith("300")
    assert reader("ja-JP", currency=Currency("JPY", 150.0)).money(0.002).endswith("0.3000")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 sec"), (0.85, "0.8 sec"), (59, "59 sec"), (61, "1 min 1 sec"), (3600, "1 hr"), (100_000, "1 day 3 hr")],
)
def test_duration__has_two_units_at_most(seconds: float, shown: str) -> None:
    assert reader("en-US").duration(seconds) == shown


def test_numbers__of_many_kinds() -> None:
    english = reader("en-US")
    assert english.compact(1_234) == "1,234"
    assert english.compact(5_300_000) == "5.3M"
    assert english.percent(None) == "–"
    assert english.percent(0.034) == "3.4%"
    assert english.percent(0.874) == "87%"
    assert english.change(112, 100) == "+12%"
    assert english.change(74, 100) == "-26%"
    assert english.bytes(211_400) == "211 kB"
    assert english.bytes(12) == "12 byte"
    assert english.moment(0).startswith("Jan 1, 1970")
