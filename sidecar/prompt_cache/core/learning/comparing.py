"""Whether two answers to a question say the same."""

from collections.abc import Callable

import msgspec

from ...responses.answer import read_answer
from ...semantic.embedders.base import cosine
from ...semantic.guards.names import FINAL

LEAST = 0.8
"""The similarity from which on two answers are taken for the same."""


def text_of(response: bytes) -> str:
    """What an answer says; an answer without text says its JSON."""
    value = msgspec.json.decode(response)
    text = read_answer(value).text.strip()
    return text or msgspec.json.encode(value, order="sorted").decode()


def alike(one: str, other: str) -> bool:
    """Whether two texts are the same but for blanks and case."""
    return one.casefold().split() == other.casefold().split()


def close(one: str, other: str, embed: Callable[[list[str]], list[bytes]]) -> bool:
    """Whether two answers are close, with the same numbers, dates, negations, names of files and the like.

    No more than an estimate, and a strict one: of two long answers that say the same in other words it often says that
    they differ. Raises EmbedderUnavailable.
    """
    from ...semantic.guards.comparing import compare  # what it needs is installed where there is an embedder

    if not all(verdict.agrees for verdict in compare(one, other, FINAL)):
        return False
    first, second = embed([one, other])
    return cosine(first, second) >= LEAST
