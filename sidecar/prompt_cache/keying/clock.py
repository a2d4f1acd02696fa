"""Dates and times in texts: `mask:clock`.

As clocks write them, in English, German, French and Spanish. A number that may be something else stays: 3:16, v1.2.13.
"""

from collections.abc import Callable
from functools import lru_cache

from .masks import mask

NAME = "clock"

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    "|januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|mär|okt|dez"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|janv|févr|avr|juil|déc"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|ene|abr|ago|dic"
)
_DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thur?s?|fri|sat|sun"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim"
    "|lunes|martes|miércoles|jueves|viernes|sábado|domingo|mié|jue|vie|sáb|dom"
)
_YEAR = r"[12][0-9]{3}"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_ZONE = (
    r"(?:\s?(?:(?:UTC|GMT)?\s?[+\x{2212}-][0-9]{2}:?[0-9]{2}|Z|UTC|GMT|[ECMP][SD]T|CES?T|WES?T|BST)\b)?"
    r"(?:\s\([^()\n]{3,60}(?:time|zeit)\)"
    r"|\s(?:Coordinated Universal|Greenwich Mean|(?:Central European|Eastern|Central|Mountain|Pacific)"
    r"(?: Standard| Daylight| Summer)?) Time\b)?"
)
_HALF = r"\s?(?:am\b|pm\b|[ap]\.\s?m\.)"
_HOUR = r"(?:2[0-3]|[01]?[0-9])"
_MINUTES = r"[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_TIME = (
    rf"(?:{_HOUR}:[0-5][0-9]:[0-5][0-9]\b(?:[.,][0-9]{{1,9}}\b)?(?:{_HALF})?"
    rf"|(?:2[0-3]|[01][0-9]):[0-5][0-9]\b(?:{_HALF}|\sUhr\b)?"
    rf"|{_HOUR}(?:[:.][0-5][0-9])?\sUhr\b|(?:1[0-2]|0?[1-9])(?:[:.][0-5][0-9])?{_HALF}"
    rf"|{_HOUR}\s?h\s?[0-5][0-9]\b){_ZONE}"
)
_DATE = (
    rf"(?:{_YEAR}-{_MONTH}-{_DAY}(?:[T ]{_HOUR}:{_MINUTES}{_ZONE})?"
    rf"|{_YEAR}(?:/{_MONTH}/{_DAY}|\.{_MONTH}\.{_DAY})"
    rf"|{_DAY}\.\s?{_MONTH}\.\s?{_YEAR}|{_DAY}-{_MONTH}-{_YEAR}|{_DAY}/{_DAY}/(?:{_YEAR}|[0-9]{{2}})"
    rf"|{_DAY}(?:st|nd|rd|th|er|\.|º|°)?[ -](?:of |de |d')?(?:{_MONTHS})\b\.?(?:,?[ -](?:de |del )?{_YEAR})?"
    rf"|(?:{_MONTHS})\.? {_DAY}(?:st|nd|rd|th)?\b(?:,? {_YEAR})?)"
)
PATTERN = (
    rf"(?i)\b(?:(?:{_DAYS})\b\.?,?\s(?:the |den |der |le |el )?)?"
    rf"(?:{_DATE}\b(?:,?\s(?:at |um |à |a las )?{_TIME})?|{_TIME})"
)


def mask_clock(text: str, most: int = 0) -> str:
    """The step: a text, in which masks may be put, without its dates and times, or without the first so many."""
    return _step(most)(text)


@lru_cache(maxsize=8)
def _step(most: int) -> Callable[[str], str]:
    return mask(NAME, PATTERN, most)
