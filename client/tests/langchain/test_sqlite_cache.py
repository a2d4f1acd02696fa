"""Databases of LangChain's SQLiteCache, as it writes them and as it never would."""

import json
import pickle
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.load import dumps
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.prompts import PromptTemplate

from prompt_cache_client import PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache
from prompt_cache_client.langchain import __main__ as command
from prompt_cache_client.langchain.sqlite_cache import _LARGEST, Left, lines

_TABLE = "(prompt VARCHAR NOT NULL, llm VARCHAR NOT NULL, idx INTEGER NOT NULL, response VARCHAR, {})"
_KEY = "PRIMARY KEY (prompt, llm, idx)"
_UNREADABLE = Left("unreadable, or of a version of LangChain that kept text alone")
PROMPT = dumps([HumanMessage("What is a cache? 🎉")])
MODEL = "[('_type', 'openai-chat'), ('model', 'gpt-4o-mini'), ('stop', None)]"
ANSWER = ChatGeneration(
    message=AIMessage(
        "A place\nto keep things.",
        usage_metadata={"input_tokens": 5, "output_tokens": 7, "total_tokens": 12},
        response_metadata={"model_name": "gpt-4o-mini", "finish_reason": "stop"},
    )
)


class _Database:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.sql = sqlite3.connect(file)
        self.sql.execute(f"CREATE TABLE full_llm_cache {_TABLE.format(_KEY)}")

    def add(self, response: object, prompt: object = PROMPT, llm: object = MODEL, idx: int = 0) -> None:
        self.sql.execute("INSERT INTO full_llm_cache VALUES (?, ?, ?, ?)", (prompt, llm, idx, response))
        self.sql.commit()

    def read(self) -> list[Any]:
        return [each if isinstance(each, Left) else json.loads(each) for each in lines(self.file)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[_Database]:
    made = _Database(tmp_path / ".langchain.db")
    yield made
    made.sql.close()


@pytest.mark.filterwarnings("error")
def test_lines__what_is_stored_of_one_is_a_hit_for_langchain(database: _Database) -> None:
    database.add(dumps(ANSWER))
    (line,) = database.read()
    assert line["tags"] == ["langchain", "imported:langchain-sqlite"]
    with PromptCache("memory://") as client:
        client.store(line["response"], request=line["request"], tags=line["tags"])
        cache = PromptCacheLLMCache(client)
        assert cache.lookup(PROMPT, MODEL) == [ANSWER]
        assert cache.lookup(PROMPT, MODEL.replace("mini", "nano")) is None
        cache.clear()
        assert cache.lookup(PROMPT, MODEL) is None


def test_lines__several_generations_are_one_answer_in_their_order(database: _Database) -> None:
    for idx in (2, 0, 1):
        database.add(dumps(Generation(text=str(idx))), prompt="n", idx=idx)
    (line,) = database.read()
    assert [each["text"] for each in line["response"]["generations"]] == ["0", "1", "2"]


def test_lines__the_table_of_digests_has_the_prompt_as_well(database: _Database) -> None:
    database.sql.execute(f"CREATE TABLE full_md5_llm_cache {_TABLE.format('id VARCHAR, prompt_md5 VARCHAR')}")
    database.sql.execute(
        "INSERT INTO full_md5_llm_cache VALUES (?, ?, 0, ?, 'id', 'md5')", ("p", MODEL, dumps(Generation(text="a")))
    )
    database.sql.commit()
    (line,) = database.read()
    assert line["request"]["prompt"] == "p"


@pytest.mark.parametrize(
    "response",
    [
        "A place to keep things.",  # as LangChain kept it once
        "",
        "{",
        "null",
        '{"text": "a"}',
        b"\xff\xfe",
        pickle.dumps(ANSWER),
        dumps(HumanMessage("no generation")),
        dumps(PromptTemplate.from_template("{what}")),
        '{"lc": 1, "type": "secret", "id": ["HOME"]}',
        '{"lc": 1, "type": "constructor", "id": ["subprocess", "Popen"], "kwargs": {"args": "true"}}',
        '{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "output", "Generation"], "kwargs": {"n": 1}}',
        "[" * 100_000,
    ],
)
def test_lines__what_is_no_answer_stays_and_the_others_come(database: _Database, response: object) -> None:
    database.add(dumps(Generation(text="1")), prompt="a")
    database.add(response, prompt="b")
    database.add(dumps(Generation(text="3")), prompt="c")
    first, left, last = database.read()
    assert left == _UNREADABLE
    assert [each["request"]["prompt"] for each in (first, last)] == ["a", "c"]


def test_lines__one_broken_generation_spoils_its_answer(database: _Database) -> None:
    database.add(dumps(Generation(text="1")), prompt="a", idx=0)
    database.add("{", prompt="a", idx=1)
    assert database.read() == [_UNREADABLE]


def test_lines__a_model_that_nobody_can_tell_from_others_stays(database: _Database) -> None:
    database.add(dumps(ANSWER), llm="[('_type', 'own'), ('client', <object object at 0x7f0000000000>)]")
    assert database.read() == [Left("of a model that cannot be told from others")]


@pytest.mark.parametrize(
    "odd", ["[" * 100_000, "(" * 100_000, '{"a":' * 100_000, "[('model', " + "-" * 100_000 + "1)]", b"\xff"]
)
@pytest.mark.parametrize("column", ["prompt", "llm"])
def test_lines__an_odd_question_ends_nothing(database: _Database, column: str, odd: str | bytes) -> None:
    database.add(dumps(ANSWER), **{column: odd})  # type: ignore[arg-type]
    database.add(dumps(Generation(text="a")), prompt="~")
    assert "~" in [each["request"].get("prompt") for each in database.read() if not isinstance(each, Left)]


def test_lines__what_is_large_stays(database: _Database) -> None:
    database.add("x" * (_LARGEST + 1))
    assert database.read() == [Left("too large")]


@pytest.mark.parametrize(
    "content",
    [b"", b"no database", pickle.dumps(1), b"SQLite format 3\0" + b"x" * 2000],
    ids=["empty", "text", "pickle", "broken"],
)
def test_lines__what_is_no_such_cache_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it.db").write_bytes(content)
    with pytest.raises(ValueError, match=r"it\.db: (does not have|cannot be read)"):
        list(lines(tmp_path / "it.db"))


def test_lines__a_view_is_no_table(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "it.db") as sql:
        sql.execute("CREATE VIEW full_llm_cache AS SELECT 'p' AS prompt, 'l' AS llm, 0 AS idx, 'r' AS response")
    with pytest.raises(ValueError, match="does not have the table"):
        list(lines(tmp_path / "it.db"))


def test_lines__keep_no_writer_waiting(database: _Database) -> None:
    for prompt in "abc":
        database.add(dumps(Generation(text=prompt)), prompt=prompt)
    reading = lines(database.file)
    next(reading)
    database.add(dumps(Generation(text="d")), prompt="d")
    assert len(list(reading)) == 2


def test_command__writes_lines_and_says_what_stays(
    database: _Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.add(dumps(ANSWER))
    database.add("{", prompt="b")
    monkeypatch.setattr(sys, "argv", ["it", str(database.file)])
    assert command.main() == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["response"]["generations"]
    assert err == f"1 answers, 1 left out: {_UNREADABLE.why}\n"


def test_command__names_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["it", str(tmp_path / "nowhere.db")])
    assert command.main() == 2
    assert "nowhere.db" in capsys.readouterr().err
