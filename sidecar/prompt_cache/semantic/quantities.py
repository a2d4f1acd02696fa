"""Numbers, clock times and dates, each written one way."""

import re

from text_to_num import text2num

_SCALES = {"k": 3, "m": 6, "bn": 9}


def number(written: str, code: str) -> str:
    """`1,000.50` or `1.000,50`, as the language has it: `1000.5`."""
    text = re.sub(r"[\u00a0\u202f ]", "", written)
    if "," in text and "." in text:
        decimal = max(",.", key=text.rindex)
        text = text.replace("," if decimal == "." else ".", "").replace(",", ".")
    elif "," in text:
        grouped = code == "en" and re.fullmatch(r"\d{1,3}(,\d{3})+", text)
        text = text.replace(",", "" if grouped or text.count(",") > 1 else ".")
    elif "." in text and code != "en" and re.fullmatch(r"\d{1,3}(\.\d{3})+", text):
        text = text.replace(".", "")
    return _plain(text)


def scaled(value: str, power: int) -> str:
    """The value times a power of ten."""
    whole, _, fraction = value.partition(".")
    return _plain(whole + fraction[:power].ljust(power, "0") + "." + fraction[power:])


def _plain(value: str) -> str:
    """Without zeros that say nothing; to the last digit, however many there are."""
    whole, _, fraction = value.partition(".")
    return f"{whole.lstrip('0') or '0'}.{fraction.rstrip('0')}".rstrip(".")


def spoken(words: list[str], code: str) -> str | None:
    """Number words as digits; None where they are no number."""
    try:
        return str(text2num(" ".join(words), code))
    except (ValueError, KeyError, IndexError):
        return None


def scale(suffix: str) -> int:
    """The power of ten that a letter behind a number stands for; 0 where it is none."""
    return _SCALES.get(suffix, 0)


def clock(written: str, half: str = "") -> str:
    """`5:30` and pm as `17:30`; without am or pm the hour stays as it is, and so does what is no hour: `25,000 am`."""
    hour, minute = [*re.split("[:h]", written), "0"][:2] if re.search("[:h]", written) else (written, "0")
    if not hour.isdecimal():
        return f"{written} {half}"
    value = int(hour)
    if half == "p" and value < 12:
        value += 12
    elif half == "a" and value == 12:
        value = 0
    return f"{value}:{int(minute or 0):02d}"


def day(written: str, code: str) -> str:
    """A date in digits as year-month-day; as written where it is not certain which is the month."""
    first, second, third = re.split("[-./]", written)
    if len(first) == 4:
        return date(int(first), int(second), int(third))
    year = int(third) + (2000 if len(third) == 2 else 0)
    if code != "en" or int(first) > 12:
        return date(year, int(second), int(first))
    return f"{int(first)}/{int(second)}/{year}"


def date(year: int | None, month: int, day: int | None) -> str:
    """A date, or what is known of it."""
    return f"{year or '*'}-{month}-{day or '*'}"
