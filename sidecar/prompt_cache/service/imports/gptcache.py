"""GPTCache's SQLite database: the text of each question, and of its answers."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

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
        yield Found(kept.rows(namespace, model), kept.count())


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


class _Kept:
    """What is in the tables; none of them is indexed by question. Raises sqlite3.Error where they are others."""

    def __init__(self, database: sqlite3.Connection, prefix: str) -> None:
        self._database = database
        self._question, self._answer, parts, sessions = (quoted(f"{prefix}_{each}") for each in _TABLES)
        # Of several answers to one question GPTCache gives the first.
        self._answers = dict(
            database.execute(f"SELECT question_id, min(id) FROM {self._answer} GROUP BY question_id").fetchall()
        )
        self._with_parts = self._ids(parts)
        self._in_sessions = self._ids(sessions)
        # The newest goes first, since the first of equal questions is kept.
        self._questions = database.execute(
            f"SELECT id, create_on, {_bounded('question')} FROM {self._question} WHERE deleted = 0 ORDER BY id DESC"
        )

    def _ids(self, table: str) -> set[object]:
        return {each for (each,) in self._database.execute(f"SELECT question_id FROM {table}")}

    def count(self) -> int | None:
        try:
            found = self._database.execute(f"SELECT count(*) FROM {self._question} WHERE deleted = 0")
            return int(found.fetchone()[0])
        except sqlite3.DatabaseError:  # damaged; the rows before that can be read
            return None

    def rows(self, namespace: str, model: str | None) -> Iterator[Row | Left]:
        try:
            for number, created, question in self._questions:
                yield self._row(number, _time(created), question, namespace, model)
        except sqlite3.DatabaseError:
            yield Left("all after that", "damaged")

    def _row(
        self, number: object, created: float | None, question: object, namespace: str, model: str | None
    ) -> Row | Left:
        place = f"question {number}"
        if number not in self._answers:
            return Left(place, "without answer")
        kind, answer = self._database.execute(
            f"SELECT answer_type, {_bounded('answer')} FROM {self._answer} WHERE id = ?", (self._answers[number],)
        ).fetchone()
        if number in self._with_parts or kind != _TEXT:
            return Left(place, "not of text alone")
        if number in self._in_sessions:
            return Left(place, "of a conversation whose earlier turns were not kept")
        if question is None or answer is None:
            return Left(place, "too large")
        asked, answered = _text(question), _text(answer)
        if asked is None or answered is None:
            return Left(place, "unreadable")
        return Row(
            place=place,
            request=Request(prompt=asked or UNSET, model=model, namespace=namespace),
            response=msgspec.json.encode(answered),
            created=created,
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
