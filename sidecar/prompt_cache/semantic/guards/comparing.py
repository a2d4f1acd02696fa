"""All guards on two texts."""

from collections.abc import Callable, Collection, Mapping

from ..aligning import Difference
from ..languages import LANGUAGES
from ..languages.base import Language
from ..reading import read
from . import (
    antonyms,
    dates,
    entities,
    form,
    identifiers,
    language,
    links,
    negation,
    numbers,
    operators,
    order,
    question,
    quotes,
    remainder,
)
from .names import GUARDS, Verdict

_SAW: Mapping[str, Callable[[Difference], str]] = {
    "language": language.saw,
    "quotes": quotes.saw,
    "links": links.saw,
    "identifiers": identifiers.saw,
    "numbers": numbers.saw,
    "dates": dates.saw,
    "negation": negation.saw,
    "antonyms": antonyms.saw,
    "entities": entities.saw,
    "question": question.saw,
    "form": form.saw,
    "operators": operators.saw,
    "order": order.saw,
    "remainder": remainder.saw,
}
"""In the order of GUARDS: what one takes for its concern, none behind it speaks of."""
_LANGUAGES = {known.code: known for known in LANGUAGES}
_NONE = Language(code="", stem=str)


def prepare() -> None:
    """Have all tables read that the first comparisons would wait for."""
    for known in LANGUAGES:
        known.words.stem("")
    compare("How do I pay an invoice?", "How do I pay an invioce?")


def compare(asked: str, stored: str, guards: Collection[str] = GUARDS) -> list[Verdict]:
    """The verdict of each of these guards, in the order of GUARDS; one answer serves both texts where all agree."""
    here, there = read(asked), read(stored)
    if here.text == there.text:
        return [Verdict(name, True) for name in GUARDS if name in guards]
    difference = Difference(here, there, _LANGUAGES.get(here.language or there.language or "", _NONE))
    said = {name: look(difference) for name, look in _SAW.items()}
    return [Verdict(name, not said[name], said[name]) for name in GUARDS if name in guards]
