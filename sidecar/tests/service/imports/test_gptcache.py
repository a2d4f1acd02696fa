"""GPTCache's database, made by hand: what tests/importing/ lets GPTCache write itself, and what it never would."""

import pickle
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from prompt_cache.keying.request import Request
from prompt_cache.service.imports import gptcache
from prompt_cache.service.imports.source import LARGEST, Left, Row

_SCHEMA = """
CREATE TABLE {0}_question (id INTEGER PRIMARY KEY, question VARCHAR NOT NULL, create_on DATETIME, deleted INTEGER);
CREATE TABLE {0}_answer (id INTEGER PRIMARY KEY, question_id INTEGER, answer VARCHAR NOT NULL, answer_type INTEGER);
CREATE TABLE {0}_question_dep (id INTEGER PRIMARY KEY, question_id INTEGER NOT NULL);
CREATE TABLE {0}_session (id INTEGER PRIMARY KEY, question_id INTEGER NOT NULL);
"""


class _Database:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.sql = sqlite3.connect(file)
        self.sql.executescript(_SCHEMA.format("gptcache"))

    def add(self, question: object, *answers: object, kind: int = 0, deleted: int = 0, created: str = "") -> int:
        row = self.sql.execute("INSERT INTO gptcache_question VALUES (NULL, ?, ?, ?)", (question, created, deleted))
        for answer in answers:
            self.sql.execute("INSERT INTO gptcache_answer VALUES (NULL, ?, ?, ?)", (row.lastrowid, answer, kind))
        return int(row.lastrowid or 0)

    def read(self, model: str | None = None) -> list[Row | Left]:
        self.sql.commit()
        with gptcache.read(self.file, "faq", model) as found:
            return list(found.rows)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[_Database]:
    made = _Database(tmp_path / "sqlite.db")
    yield made
    made.sql.close()


def test_read__a_question_is_a_prompt_and_its_first_answer_a_text(database: _Database) -> None:
    database.add("Wie geht's? 🎉", "Gut.\n", "Schlecht.", created="2024-05-01 12:30:00.250000")
    assert database.read() == [
        Row(
            place="question 1",
            request=Request(prompt="Wie geht's? 🎉", namespace="faq"),
            response=b'"Gut.\\n"',
            created=datetime(2024, 5, 1, 12, 30, 0, 250000).timestamp(),
        )
    ]


def test_read__the_model_is_that_which_was_named(database: _Database) -> None:
    database.add("Hello", "Hi")
    (row,) = database.read("gpt-4o")
    assert isinstance(row, Row)
    assert row.request.model == "gpt-4o"


def test_read__the_newest_of_equal_questions_comes_first(database: _Database) -> None:
    database.add("Hello", "old")
    database.add("Hello", "new")
    assert [row.response for row in database.read() if isinstance(row, Row)] == [b'"new"', b'"old"']


def test_read__what_was_evicted_is_no_row(database: _Database) -> None:
    database.add("Hello", "Hi", deleted=-1)
    assert database.read() == []


def test_read__what_a_text_does_not_tell_stays(database: _Database) -> None:
    database.sql.execute("INSERT INTO gptcache_question_dep VALUES (1, ?)", (database.add("What is this?", "A cat"),))
    database.sql.execute("INSERT INTO gptcache_session VALUES (1, ?)", (database.add("And then?", "Nothing"),))
    database.add("A picture of a cat", "iVBORw0KGgo=", kind=1)
    database.add("Silence")
    assert [row.why for row in database.read() if isinstance(row, Left)] == [
        "without answer",
        "not of text alone",
        "of a conversation whose earlier turns were not kept",
        "not of text alone",
    ]


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        ("x" * (LARGEST + 1), "a", "too large"),
        ("q", "x" * (LARGEST + 1), "too large"),
        (b"\xff\xfe", "a", "unreadable"),
        ("q", b"\xc3", "unreadable"),
        ("q", 7, "unreadable"),
    ],
    ids=["large question", "large answer", "question no text", "answer no text", "answer a number"],
)
def test_read__a_broken_row_stays_and_the_others_come(
    database: _Database, question: object, answer: object, why: str
) -> None:
    database.sql.execute("DROP TABLE gptcache_answer")
    database.sql.execute("CREATE TABLE gptcache_answer (id INTEGER PRIMARY KEY, question_id, answer, answer_type)")
    database.add("before", "1")
    broken = database.add(question, answer)
    database.add("after", "2")
    after, left, before = database.read()
    assert left == Left(f"question {broken}", why)
    assert isinstance(after, Row)
    assert isinstance(before, Row)


@pytest.mark.parametrize("created", ["", "yesterday", "0000-00-00 00:00:00", "9999-12-31 23:59:59"])
def test_read__an_odd_time_spoils_nothing(database: _Database, created: str) -> None:
    database.add("Hello", "Hi", created=created)
    assert isinstance(database.read()[0], Row)


def test_read__a_table_may_have_another_prefix(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as sql:
        sql.executescript(_SCHEMA.format("own"))
        sql.execute("INSERT INTO own_question VALUES (1, 'Hello', NULL, 0)")
        sql.execute("INSERT INTO own_answer VALUES (1, 1, 'Hi', 0)")
    with gptcache.read(tmp_path / "own.db", "faq", None) as found:
        assert (found.total, len(list(found.rows))) == (1, 1)


def test_read__never_unpickles(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "sprung",)

    (tmp_path / "data_map.txt").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="is a pickle"), gptcache.read(tmp_path / "data_map.txt", "faq", None):
        pass
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + b"nonsense" * 200])
def test_read__what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(ValueError, match=r"it: (is no SQLite database|cannot be read)"):
        gptcache.read(tmp_path / "it", "faq", None).__enter__()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (x)",
        "CREATE TABLE gptcache_question (id)",
        _SCHEMA.format("one") + _SCHEMA.format("two"),
        _SCHEMA.format("gptcache").replace("create_on", "made_on"),
        # What is called a table and is none could be made of anything.
        _SCHEMA.format("gptcache") + "DROP TABLE gptcache_answer; CREATE VIEW gptcache_answer AS SELECT 1 AS id",
        _SCHEMA.format("gptcache") + "DROP TABLE gptcache_answer; CREATE VIRTUAL TABLE gptcache_answer USING fts5(a)",
    ],
    ids=["another program's", "a part", "two of them", "other columns", "a view", "a virtual table"],
)
def test_read__other_tables_are_told(tmp_path: Path, sql: str) -> None:
    with sqlite3.connect(tmp_path / "it.db") as connection:
        connection.executescript(sql)
    with (
        pytest.raises(ValueError, match=r"it\.db: (does not have the tables|cannot be read)"),
        gptcache.read(tmp_path / "it.db", "faq", None) as found,
    ):
        list(found.rows)


def test_read__a_damaged_page_keeps_what_can_be_read(database: _Database) -> None:
    for at in range(2000):
        database.add(f"question {at} " + "x" * 200, "a")
    database.sql.commit()
    database.sql.close()
    whole = bytearray(database.file.read_bytes())
    at = whole.index(b"question 1000 ") // 4096 * 4096
    whole[at : at + 4096] = b"\xff" * 4096
    database.file.write_bytes(whole)
    with gptcache.read(database.file, "faq", None) as found:
        rows = list(found.rows)
    *read, left = rows
    assert isinstance(left, Left)
    assert left.why == "damaged"
    assert left.place.startswith("all before question 10")
    assert len(read) > 500
    assert all(isinstance(row, Row) for row in read)


def test_read__keeps_no_writer_waiting(database: _Database) -> None:
    database.add("Hello", "Hi")
    database.sql.commit()
    with gptcache.read(database.file, "faq", None) as found:
        database.sql.execute("DELETE FROM gptcache_answer")
        database.sql.commit()
        database.add("Goodbye", "Bye")
        database.sql.commit()
        assert list(found.rows) == [Left("question 1", "without answer")]


def test_read__leaves_the_file_as_it_is(database: _Database) -> None:
    database.add("Hello", "Hi")
    database.sql.commit()
    before = database.file.read_bytes()
    database.read()
    assert database.file.read_bytes() == before
    assert [file.name for file in database.file.parent.iterdir()] == ["sqlite.db"]
