"""Stores of other distributions: chosen by the scheme of their entry point, said by name when they break."""

import importlib.metadata
import traceback
from pathlib import Path
from typing import NoReturn

import pytest

from prompt_cache.stores import SCHEMES, StoreUnavailable, open_store
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.stores.null import NullStore
from sidecar.tests.distributions import lay_down

URL = "theirs://user:p%40ss@host/?token=abc123"

CODE = """
from prompt_cache.stores import Store, StoreUnavailable
from prompt_cache.stores.null import NullStore

class Works(NullStore):
    @classmethod
    def from_url(cls, url, *, timeout, prefix):
        return cls()

class Half(Store):
    def ping(self): ...

def no_store(): ...

def refusing(error):
    class Refuses(NullStore):
        @classmethod
        def from_url(cls, url, *, timeout, prefix):
            raise error(url)
    return Refuses

Picky = refusing(lambda url: ValueError("the host must have a port"))
Quoting = refusing(lambda url: ValueError(f"cannot read {url}"))
Decoding = refusing(lambda url: ValueError("the password p@ss is too short"))
Optional = refusing(lambda url: ValueError("there is no token abc123"))
Broken = refusing(lambda url: KeyError(url))
Away = refusing(lambda url: StoreUnavailable("not reachable"))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what lies is installed."""
    (tmp_path / "theirs_of_a_test.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def sentence(url: str) -> str:
    """With which a URL is refused; neither it nor what a log would show of it tells the URL's secrets."""
    with pytest.raises(ValueError) as refused:
        open_store(url)
    shown = "".join(traceback.format_exception(refused.value))
    assert not any(secret in shown for secret in ("p%40ss", "p@ss", "abc123"))
    return str(refused.value)


def test_it_is_opened_by_its_scheme(folder: Path) -> None:
    lay_down(folder, "their-stores", {"theirs": "theirs_of_a_test:Works", "others": "theirs_of_a_test:Broken"})
    assert type(open_store(URL)).__name__ == "Works"


def test_an_unknown_scheme_is_told_all_there_are(folder: Path) -> None:
    lay_down(folder, "their-stores", {"theirs": "theirs_of_a_test:Works", "memory": "theirs_of_a_test:Works"})
    told = sentence("unknown://user:p%40ss@host")
    assert told == f"the store URL must begin with one of {', '.join(f'{each}://' for each in (*SCHEMES, 'theirs'))}"
    assert sentence("theirs:p%40ss") == told


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_scheme_of_ours_is_taken_over(folder: Path, scheme: str) -> None:
    lay_down(folder, "thief", {scheme: "theirs_of_a_test:Works"})
    if scheme == "memory":
        assert type(open_store("memory://")) is MemoryStore
    else:
        assert "thief" not in sentence(f"{scheme}://[")


def test_for_ours_nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(**_: str) -> NoReturn:
        raise AssertionError("looking through all distributions takes time at every start")

    monkeypatch.setattr(importlib.metadata, "entry_points", never)
    monkeypatch.setattr("prompt_cache.plugins.entry_points", never)
    assert type(open_store("null://")) is NullStore


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("not_there:Works", "cannot be loaded: ModuleNotFoundError: No module named 'not_there'"),
        ("theirs_of_a_test:Nothing", "cannot be loaded: AttributeError"),
        ("theirs_of_a_test:no_store", "is not a Store: theirs_of_a_test:no_store must be a subclass of it"),
        ("pathlib:Path", "is not a Store: pathlib:Path must be a subclass of it"),
        ("theirs_of_a_test:Half", "is not a whole Store: theirs_of_a_test:Half lacks acquire, add_gains, bump,"),
        ("theirs_of_a_test:Picky", "cannot be opened: the host must have a port"),
        ("theirs_of_a_test:Quoting", "cannot be opened: it raised ValueError"),
        ("theirs_of_a_test:Decoding", "cannot be opened: it raised ValueError"),
        ("theirs_of_a_test:Optional", "cannot be opened: it raised ValueError"),
        ("theirs_of_a_test:Broken", "cannot be opened: it raised KeyError"),
    ],
)
def test_a_broken_one_is_said_with_its_distribution(folder: Path, value: str, says: str) -> None:
    lay_down(folder, "their-stores", {"theirs": value})
    assert sentence(URL).startswith(f"theirs of their-stores {says}")


def test_one_that_is_away_is_unavailable(folder: Path) -> None:
    lay_down(folder, "their-stores", {"theirs": "theirs_of_a_test:Away"})
    with pytest.raises(StoreUnavailable, match="not reachable"):
        open_store(URL)


def test_two_of_one_scheme_are_refused(folder: Path) -> None:
    lay_down(folder, "their-stores", {"theirs": "theirs_of_a_test:Works"})
    lay_down(folder, "their-rivals", {"theirs": "theirs_of_a_test:Picky"})
    assert "theirs is brought by several: " in (told := sentence(URL))
    assert {"their-stores", "their-rivals"} <= set(told.replace(",", "").replace(";", "").split())
