"""What the tests ask, and what the demo model answers to it."""

from collections.abc import Mapping, Sequence
from typing import Any


def questions(count: int, distinct: int | None = None) -> list[dict[str, Any]]:
    """`count` items with ids, whose questions repeat after `distinct`."""
    return [{"id": at, "question": f"question {at % (distinct or count)}"} for at in range(count)]


def assert_answers(items: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> None:
    """Each item is the model's answer to the question in its place; the model repeats what it was asked."""
    assert len(items) == len(asked)
    for item, question in zip(items, asked, strict=True):
        text = str(item.get("text") or item.get("output"))
        assert f'You asked: "{question["question"]}"' in text


def statuses(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the receipts say became of each item."""
    return [str(item["_cache"]["status"]) for item in items]
