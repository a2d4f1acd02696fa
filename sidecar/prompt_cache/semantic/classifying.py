"""Words, numbers and dates as typed tokens."""

from collections.abc import Sequence

from . import quantities
from .languages.base import Language
from .tokens import PAST, TO_ME, Token
from .wording import Item

_HALVES = {"am": "a", "a.m": "a", "pm": "p", "p.m": "p"}
_SHORT = 3
"""A month or weekday of so few letters is one only beside a number, or with a capital."""


def classify(items: Sequence[Item], language: Language) -> list[Token]:
    """The tokens of these items, in their order."""
    return _Classifier(items, language).tokens()


class _Classifier:
    def __init__(self, items: Sequence[Item], language: Language) -> None:
        self._items = items
        self._language = language
        self._words = language.words
        self._at = 0
        self._first = False
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        while self._at < len(self._items):
            item = self._items[self._at]
            self._at += 1
            if item.kind == "word":
                self._word(item)
            elif item.kind in ("comma", "break"):
                self._first = True
                if self._tokens and not (item.kind == "comma" and self._tokens[-1].kind in ("comma", "break")):
                    self._tokens.append(Token(item.kind, item.text, item.text))
            elif item.kind in ("number", "suffixed", "money", "clock", "day"):
                self._numeric(item)
            elif item.kind == "question":
                self._add("question", item.word, item.text)
            elif item.kind == "quote":
                self._add("quote", '"' + " ".join(item.text.split()) + '"', item.text)
            elif item.kind == "link":
                self._add("address", item.text.rstrip("/"), item.text)
            else:
                self._add("identifier", self._identifier(item.text), item.text)
        while self._tokens and self._tokens[-1].kind in ("comma", "break"):
            self._tokens.pop()
        if any(token.base in self._words.spelled for token in self._tokens):
            return [self._to_the_letter(token) for token in self._tokens]
        return self._tokens

    def _to_the_letter(self, token: Token) -> Token:
        if token.kind not in ("word", "name") or token.base in self._words.spelled or " " in token.shown:
            return token
        written = token.plain if " " in token.shown else token.shown.lower()
        return Token(token.kind, written, token.shown, token.first, token.plain)

    def _add(self, kind: str, key: str, shown: str, plain: str = "") -> None:
        self._tokens.append(Token(kind, key, shown, self._first, plain))
        self._first = False

    def _word(self, item: Item) -> None:
        words, word = self._words, item.word
        if word in words.number_words and self._spoken():
            return
        if word in words.months and self._month(item):
            return
        day = words.weekdays.get(word) or words.weekdays.get(word.removesuffix("s"))
        if day and (len(word) > _SHORT or item.capital):
            self._add("date", f"day {day}", item.text)
        elif word in words.operators:
            kind, key = words.operators[word]
            self._add(kind, key, item.text, word)
        elif word in words.first_person:
            self._add("person", TO_ME if word in words.to_me else "i", item.text, word)
            self._first = word in words.own
        elif word in words.droppable:
            self._first = True
        elif word in words.ordinals:
            self._ordinal(words.ordinals[word], item.text)
        else:
            name = item.capital and self._language.names_by_capital
            key = words.key(words.units.get(word, word) if len(word) > 1 else word) + (
                PAST if self._language.past(word) else ""
            )
            self._add("name" if name else "word", key, item.text, word)

    def _spoken(self) -> bool:
        end = self._at
        while end < len(self._items) and self._items[end].word in self._words.number_words:
            end += 1
        run = [other.word for other in self._items[self._at - 1 : end]]
        value = quantities.spoken(run, self._language.code)
        if value is None:
            return False
        self._at = end
        self._bound(value, " ".join(other.text for other in self._items[end - len(run) : end]))
        return True

    def _numeric(self, item: Item) -> None:
        code = self._language.code
        if item.kind == "money":
            if self._at < len(self._items) and self._items[self._at].kind in ("number", "suffixed"):
                number = self._items[self._at]
                self._at += 1
                digits, suffix = _apart(number.text)
                value = quantities.scaled(quantities.number(digits, code), quantities.scale(suffix))
                self._add("number", f"{value} {self._unit(item.text) or item.text}", item.text + number.text)
        elif item.kind == "day":
            self._add("date", quantities.day(item.text, code), item.text)
        elif item.kind == "clock":
            half = self._half()
            self._add("date", quantities.clock(item.text, half), item.text)
        elif item.kind == "number":
            half = self._half()
            if half:
                self._add("date", quantities.clock(item.text, half), item.text)
            else:
                self._bound(quantities.number(item.text, code), item.text)
        else:
            self._suffixed(item)

    def _suffixed(self, item: Item) -> None:
        digits, suffix = _apart(item.text)
        value = quantities.number(digits, self._language.code)
        if suffix in _HALVES:
            self._add("date", quantities.clock(digits, _HALVES[suffix]), item.text)
        elif suffix in ("st", "nd", "rd", "th", "e", "er", "re", "ère", "ème", "º", "ª", "o", "a"):
            self._ordinal(value, item.text)
        elif unit := self._unit(suffix, item.text[len(digits) :].lstrip("-–")):
            self._add("number", f"{value} {unit}", item.text)
        elif quantities.scale(suffix):
            self._bound(quantities.scaled(value, quantities.scale(suffix)), item.text)
        elif "-" in item.text and (key := self._words.key(suffix)) in self._words.measures:
            self._add("number", value, item.text)
            self._add("word", key, item.text, suffix)
        else:
            self._add("identifier", self._identifier(item.text), item.text)

    def _bound(self, value: str, shown: str) -> None:
        """A number with the unit behind it, or the month."""
        word = self._next()
        if word in self._words.months and value.isdigit() and 0 < int(value) < 32:
            self._dated(int(value), shown)
        elif (unit := self._unit(word, self._items[self._at].text if word else "")) and not self._counts(value, word):
            self._add("number", f"{value} {unit}", f"{shown} {self._items[self._at].text}")
            self._at += 1
        else:
            self._add("number", value, shown)

    def _counts(self, value: str, unit: str) -> bool:
        """Whether it counts things of that unit: 3 day trips are no 3-day trip."""
        counted = self._next(1)
        singular = self._words.units.get(unit) == unit and not unit.endswith("s") and len(unit) > 2
        return singular and value != "1" and counted.endswith("s") and not counted.endswith("ss")

    def _ordinal(self, value: str, shown: str) -> None:
        ahead = self._next()
        if ahead in self._words.owners and self._next(1) in self._words.months:
            self._at += 1
            ahead = self._next()
        if ahead in self._words.months and value.isdigit():
            self._dated(int(value), shown)
        else:
            self._add("number", f"{value}.", shown)

    def _dated(self, day: int, shown: str) -> None:
        """A day whose month is next, and perhaps a year."""
        month = self._items[self._at]
        self._at += 1
        year = self._year()
        self._add(
            "date",
            quantities.date(year, self._words.months[month.word], day),
            f"{shown} {month.text} {year or ''}".strip(),
        )

    def _month(self, item: Item) -> bool:
        """A month that no number stood before: `March 5th, 2024`, `in March`."""
        ahead = self._items[self._at] if self._at < len(self._items) else None
        digits, suffix = _apart(ahead.text) if ahead and ahead.kind in ("number", "suffixed") else ("", "")
        day = int(digits) if digits.isdigit() and len(digits) < 3 and suffix in ("", "st", "nd", "rd", "th") else None
        doubtful = len(item.word) <= _SHORT or item.word in self._words.operators or item.word == "march"
        if doubtful and not (item.capital or day or (len(digits) == 4)):
            return False
        if day:
            self._at += 1
        year = self._year()
        shown = " ".join(str(part) for part in (item.text, day, year) if part)
        self._add("date", quantities.date(year, self._words.months[item.word], day), shown)
        return True

    def _year(self) -> int | None:
        at = self._at
        while at < len(self._items) and (self._items[at].kind == "comma" or self._items[at].word in self._words.owners):
            at += 1
        if at < len(self._items) and self._items[at].kind == "number" and len(self._items[at].text) == 4:
            text = self._items[at].text
            if text.isdigit():
                self._at = at + 1
                return int(text)
        return None

    def _identifier(self, written: str) -> str:
        """Letters alone are the same in capitals, but for small words; what has signs in it may not be."""
        lower = written.lower()
        return lower if written.isalnum() and lower not in self._words.function_words else written

    def _half(self) -> str:
        half = _HALVES.get(self._next(), "")
        self._at += bool(half)
        return half

    def _next(self, further: int = 0) -> str:
        at = self._at + further
        return self._items[at].word if at < len(self._items) else ""

    def _unit(self, word: str, written: str = "") -> str:
        """A unit; where capitals tell two apart, Mb from MB, the language names both."""
        units = self._words.units
        return units.get(written) or units.get(word) or units.get(word.lower(), "")


def _apart(written: str) -> tuple[str, str]:
    """`30mins` as `30` and `mins`."""
    digits = written.rstrip("%°€£$").rstrip()
    while digits and not digits[-1].isdigit():
        digits = digits[:-1]
    return digits, written[len(digits) :].lstrip("-–").lower()
