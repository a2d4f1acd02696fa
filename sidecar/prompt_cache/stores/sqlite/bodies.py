"""Where the bodies of an SQLite store's records are: in their rows, or elsewhere."""

# ruff: noqa: ARG002 - for rows there is nothing to do

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..base import Record

Contents = Mapping[str, Any]
"""By key, what a row has of a body: itself, or the name of where it is."""


class Bodies(ABC):
    """A place for bodies. What it does is never part of a transaction, so that nothing is named before it is whole."""

    column: str
    """The column of a row's content: `body`, or `file` for a name."""

    @abstractmethod
    def write(self, records: Sequence[Record]) -> Sequence[str | None]:
        """Make bodies durable that do not go into rows; returns the name of each. Called before rows name them."""

    @abstractmethod
    def read(self, contents: Contents, again: Callable[[Sequence[str]], Contents]) -> Mapping[str, bytes | None]:
        """The bodies of what was found in rows; `again` looks some keys up anew, for what changed meanwhile."""

    @abstractmethod
    def remove(self, names: Iterable[str | None]) -> None:
        """Remove what no row names any more. Called when that is committed."""

    @abstractmethod
    def sweep(self, is_named: Callable[[str], bool]) -> None:
        """Remove some of what a crash left behind: what no row names."""


class InRows(Bodies):
    """Nothing to do: rows have them."""

    column = "body"

    def write(self, records: Sequence[Record]) -> Sequence[str | None]:
        return [None] * len(records)

    def read(self, contents: Contents, again: Callable[[Sequence[str]], Contents]) -> Mapping[str, bytes | None]:
        return contents

    def remove(self, names: Iterable[str | None]) -> None:
        return None

    def sweep(self, is_named: Callable[[str], bool]) -> None:
        return None
