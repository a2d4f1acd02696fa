"""GPTCache's SQLite database: the text of each question, and of its answers."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from ...keying.request import Request
from .databases import opened, quoted, tables
from .source import LARGEST, Found, Left, Row

KEPT = (
    "GPTCache kept the text of the last message and nothing else, so these answer the same text asked as a `prompt`"
    " (with that model alone, where you named one), and no call with a system prompt, parameters or tools."
)

_TEXT = 0
_TABLES = ("question", "answer", "question_dep", "session")


@contextmanager
def read(file: Path, namespace: str, model: str | None) -> Iterator[Found]:
    with opened(file) as database:
        kept = _Kept(database, _prefix(database, file))
        questions, all_of_them = kept.questions()
        rest = (
            [] if all_of_them else [Left(f"all before question {questions[-1][0]}" if questions else "all", "damaged")]
        )
        yield Found(chain(kept.rows(questions, namespace, model), rest), len(questions) + len(rest))


def _prefix(database: sqlite3.Connection, file: Path) -> str:
    names = set(tables(database))
    whole = [
        prefix
        for name in sorted(names)
        if (prefix := name.removesuffix("_question")) != name and all(f"{prefix}_{other}" in names for other in _TABLES)
    ]
    if len(whole) != 1:
        raise ValueError(f"{file}: does not have the tables of GPTCache, such as gptcache_question and gptcache_answer")
    return whole[0]


_Question = tuple[int, Any]
"""Its number, and when it was asked: SQLite gives the number of one that is deleted to the next."""


class _Kept:
    """What is in the tables; none of them is indexed by question. Raises sqlite3.Error where they are others."""

    def __init__(self, database: sqlite3.Connection, prefix: str) -> None:
        self._database = database
        question, answer, parts, sessions = (quoted(f"{prefix}_{each}") for each in _TABLES)
        # Of several answers to one question GPTCache gives the first.
        self._answers = dict(
            database.execute(f"SELECT question_id, min(id) FROM {answer} GROUP BY question_id").fetchall()
        )
        self._with_parts = self._ids(parts)
        self._in_sessions = self._ids(sessions)
        # The newest goes first, since the first of equal questions is kept.
        self._listed = f"SELECT id, create_on FROM {question} WHERE deleted = 0 ORDER BY id DESC"
        # One statement for both, as they may change meanwhile.
        self._pair = (
            f"SELECT {_bounded('q.question')}, a.answer_type, {_bounded('a.answer')} FROM {question} q "
            f"LEFT JOIN {answer} a ON a.id = ? AND a.question_id = q.id WHERE q.id = ? AND q.create_on IS ?"
        )
        database.execute(self._pair, (None, None, None))

    def _ids(self, table: str) -> set[object]:
        return {each for (each,) in self._database.execute(f"SELECT question_id FROM {table}")}

    def questions(self) -> tuple[list[_Question], bool]:
        """Those that can be found, and whether these are all. Read at once, as a reader keeps writers waiting."""
        found: list[_Question] = []
        rows = self._database.execute(self._listed)
        try:
            for row in rows:
                found.append(row)
        except sqlite3.DatabaseError:
            return found, False
        return found, True

    def rows(self, questions: Sequence[_Question], namespace: str, model: str | None) -> Iterator[Row | Left]:
        for question in questions:
            try:
                yield self._row(*question, namespace, model)
            except sqlite3.DatabaseError:
                yield Left(f"question {question[0]}", "damaged")

    def _row(self, number: int, created: Any, namespace: str, model: str | None) -> Row | Left:
        place = f"question {number}"
        # The driver binds bytes as a blob, which is no text.
        when = _text(created) if isinstance(created, bytes) else created
        pair = self._database.execute(self._pair, (self._answers.get(number), number, when)).fetchone()
        question, kind, answer = pair or (None, None, None)
        if kind is None:
            return Left(place, "without answer")
        if number in self._with_parts or kind != _TEXT:
            return Left(place, "not of text alone")
        if number in self._in_sessions:
            return Left(place, "of a conversation whose earlier turns were not kept")
        if question is None or answer is None:
            return Left(place, "too large")
        prompt, text = _text(question), _text(answer)
        if prompt is None or text is None:
            return Left(place, "unreadable")
        return Row(
            place=place,
            request=Request(prompt=prompt or UNSET, model=model, namespace=namespace),
            response=msgspec.json.encode(text),
            created=_time(created),
        )


def _bounded(column: str) -> str:
    return f"CASE WHEN length(CAST({column} AS BLOB)) <= {LARGEST} THEN {column} END"


def _text(value: object) -> str | None:
    try:
        return value.decode() if isinstance(value, bytes) else None
    except UnicodeDecodeError:
        return None


def _time(stated: object) -> float | None:
    """GPTCache writes local times."""
    try:
        return datetime.fromisoformat(_text(stated) or "").timestamp()
    except (ValueError, OverflowError, OSError):
        return None
