"""Texts in parts that go into one call each."""

from collections.abc import Iterator, Sequence


def parts(texts: Sequence[str], *, most: int, characters: int) -> Iterator[list[str]]:
    """In their order: no more than `most`, nor `characters` in all unless one alone has more."""
    part: list[str] = []
    size = 0
    for text in texts:
        if part and (len(part) == most or size + len(text) > characters):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part
