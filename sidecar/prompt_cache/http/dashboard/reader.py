"""Who reads a page: in which language, with which numbers, in which light."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from babel.support import NullTranslations, Translations
from babel.units import format_unit
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from ...savings.currency import Currency

LANGUAGES = {"en": "English", "fr": "Français"}
THEMES = ("light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "prompt_cache_language", "prompt_cache_theme"
_CATALOGS = Path(__file__).parent / "translations"
_LEAST = 0.000001
"""Of money, what is written out."""
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def N_(text: str) -> str:  # noqa: N802
    """Marks a text to be translated where it is shown."""
    return text


class Reader:
    """Shows texts, numbers, money and times as this reader is used to."""

    def __init__(self, locale: Locale, language: str, theme: str | None, currency: Currency) -> None:
        self.locale = locale
        self.language = language
        self.theme = theme
        """None where the reader's system says."""
        self.currency = currency
        self._texts = translations(language)

    @classmethod
    def of(cls, accepted: str | None, cookies: Mapping[str, str], currency: Currency) -> "Reader":
        """By the header `Accept-Language`, and what was chosen before."""
        wanted = [tag for tag, _ in parse_accept_header(accepted, LanguageAccept)]
        chosen = cookies.get(LANGUAGE_COOKIE)
        if chosen in LANGUAGES:
            wanted = [*(tag for tag in wanted if tag.partition("-")[0].lower() == chosen), chosen]
        locale = next((found for tag in wanted[:8] if (found := _locale(tag))), Locale("en", "US"))
        theme = cookies.get(THEME_COOKIE)
        language = locale.language if locale.language in LANGUAGES else "en"
        return cls(locale, language, theme if theme in THEMES else None, currency)

    def text(self, text: str, /, **values: object) -> str:
        """A text of the catalog, with `%(name)s` filled in."""
        found: str = self._texts.gettext(text)
        return found % values if values else found

    def texts(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The same for a number of things, which is `%(num)s`."""
        return self.either(one, many, count) % values

    def either(self, one: str, many: str, count: int) -> str:
        """The text for a number of things, with that number in it, and what else it names still to be filled in."""
        found: str = self._texts.ngettext(one, many, count)
        return found.replace("%(num)s", self.number(count).replace("%", "%%"))

    def number(self, value: float, digits: int = 0) -> str:
        return format_decimal(round(value, digits), locale=self.locale)

    def money(self, usd: float) -> str:
        """Of US dollars, in the currency that is configured; what is less than its coins with more digits."""
        amount, code = self.amount(usd), self.currency.code
        if not 0 < abs(amount) < 10 ** -get_currency_precision(code):
            return format_currency(amount, code, locale=self.locale)
        shown = amount if abs(amount) >= _LEAST else _LEAST
        digits = "0.0000" if abs(amount) >= 1000 * _LEAST else "0.000000"
        pattern = self.locale.currency_formats["standard"].pattern.replace("0.00", digits)
        told = format_currency(shown, code, pattern, locale=self.locale, currency_digits=False)
        return told if shown is amount else f"<\xa0{told}"

    def compact(self, value: float) -> str:
        """A large number in short, as `1.2M`."""
        if value < 10_000:
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def amount(self, usd: float) -> float:
        """US dollars in the currency that is configured."""
        return usd * self.currency.rate

    def change(self, now: float, before: float) -> str:
        """By how much something grew or fell, as `+12 %`."""
        share = round(now / before - 1, 2)
        return ("+" if share > 0 else "") + format_percent(share, locale=self.locale)

    def percent(self, share: float | None) -> str:
        return "–" if share is None else format_percent(share, "#,##0.0%" if 0 < share < 0.1 else None, self.locale)

    def duration(self, seconds: float) -> str:
        """The two largest units, as `3 h 12 min`."""
        if 0 < seconds < 10:
            return self._unit(round(seconds, 1), "second")
        rest, parts = round(seconds), list[str]()
        for size, unit in _UNITS:
            count, rest = divmod(rest, size)
            if count or (unit == "second" and not parts):
                parts.append(self._unit(count, unit))
            elif parts:
                break
        return " ".join(parts[:2])

    def bytes(self, size: float) -> str:
        for unit in ("byte", "kilobyte", "megabyte", "gigabyte"):
            if size < 1000 or unit == "gigabyte":
                return self._unit(round(size, 1 if size < 10 and unit != "byte" else 0), unit)
            size /= 1000
        raise AssertionError

    def date(self, moment: float | datetime) -> str:
        return format_date(_utc(moment), "medium", self.locale)

    def time(self, moment: float | datetime) -> str:
        return format_time(_utc(moment), "short", locale=self.locale)

    def moment(self, moment: float | datetime) -> str:
        """Date and time, in UTC like all hours here."""
        return format_datetime(_utc(moment), "medium", locale=self.locale)

    def _unit(self, value: float, unit: str) -> str:
        name = {"byte": "digital-byte"}.get(unit, f"digital-{unit}" if unit.endswith("byte") else f"duration-{unit}")
        return format_unit(int(value) if value == int(value) else value, name, "short", locale=self.locale)


@cache
def translations(language: str) -> NullTranslations:
    """The catalog of a language; English is what the texts are written in."""
    file = _CATALOGS / language / "LC_MESSAGES/messages.po"
    if not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def _utc(moment: float | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
