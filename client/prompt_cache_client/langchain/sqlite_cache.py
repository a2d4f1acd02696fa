"""What LangChain's SQLiteCache kept, as lines of requests and answers that `prompt-cache import --from pairs` takes.

The request of each is that of `PromptCacheLLMCache`, so that the same call of the same model is a hit. The file is
trusted in nothing: it is opened to be read, and of the classes that it names LangChain builds messages and generations
alone.
"""

import json
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.load import Serializable, loads
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk

from ..answers import NotCacheable
from .llm_cache import PromptCacheLLMCache

TAG = "imported:langchain-sqlite"

_TABLES = ("full_llm_cache", "full_md5_llm_cache")
_LARGEST = 10 * 1024**2
"""Bytes of a field; what is larger is left out."""
_CLASSES: list[type[Serializable]] = [
    *(AIMessage, AIMessageChunk),
    *(ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk),
]


class Left(NamedTuple):
    """An answer that stays where it is, and why, in a word or two that can be counted."""

    why: str


def lines(file: Path) -> Iterator[str | Left]:
    """A line of JSON for each answer. Raises OSError, and ValueError where the file is no such cache."""
    with file.open("rb"):  # SQLite would not say why it cannot be read
        pass
    # Nothing is sent anywhere: this makes requests and answers as the cache itself does.
    cache = PromptCacheLLMCache("http://127.0.0.1:8787", tags=[TAG])
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.text_factory = bytes
            database.execute("PRAGMA trusted_schema = OFF")
            # A view or a virtual table is none: it may be made of anything.
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
            found = {name for (name,) in names}
            tables = [table for table in _TABLES if table.encode() in found]
            if not tables:
                raise ValueError(f"{file}: does not have the table of LangChain's SQLiteCache, {_TABLES[0]}")
            for table in tables:
                yield from _of_table(cache, database, table)
    except sqlite3.Error as error:
        raise ValueError(f"{file}: cannot be read ({error})") from None


def _of_table(cache: PromptCacheLLMCache, database: sqlite3.Connection, table: str) -> Iterator[str | Left]:
    columns = ", ".join(f"CASE WHEN length(CAST({name} AS BLOB)) <= {_LARGEST} THEN {name} END" for name in _COLUMNS)
    # Row by row, as a reader keeps writers waiting, which would fail calls of models.
    numbers = database.execute(f"SELECT rowid FROM {table} ORDER BY prompt, llm, idx").fetchall()
    wanted = f"SELECT {columns} FROM {table} WHERE rowid = ?"
    rows = filter(None, (database.execute(wanted, number).fetchone() for number in numbers))
    for (prompt, llm), generated in groupby(rows, lambda row: row[:2]):
        yield _line(cache, prompt, llm, [response for *_, response in generated])


_COLUMNS = ("prompt", "llm", "response")


def _line(cache: PromptCacheLLMCache, *found: Any) -> str | Left:
    prompt, llm, responses = found
    if None in (prompt, llm, *responses):
        return Left("too large")
    try:
        generations = [_generation(response.decode()) for response in responses]
        answer = cache._answer(prompt.decode(), llm.decode(), generations)
    except NotCacheable:
        return Left("would not come back as it was")
    except Exception:  # whatever a class of LangChain's has against what it is given
        return Left("unreadable, or of a version of LangChain that kept text alone")
    if answer is None:
        return Left("of a model that cannot be told from others")
    wanted = ("request", "response", "tags", "usage")
    return json.dumps({name: answer[name] for name in wanted if name in answer})


def _generation(text: str) -> Generation:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LangChain's, that `loads` may change
        loaded = loads(text, allowed_objects=_CLASSES, secrets_from_env=False)
    if not isinstance(loaded, Generation):
        raise TypeError(f"{type(loaded).__name__} is no generation")
    return loaded
