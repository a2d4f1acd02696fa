"""Aliases: further questions that an entry answers, as entries of their own."""

from collections.abc import Collection

import msgspec

from ...keying.keys import Keyer, canonical_json
from ...stores.base import Store
from ..entries import Entries
from ..entry import Entry
from ..questions import Question
from ..records import record_of
from ..rules import Rules


class Aliases:
    """Makes and takes out aliases. Raises StoreUnavailable.

    An alias has the answer, the life and all that its origin depends on, so time, tags, bumps and flushes hold for it
    by themselves. Whatever else takes the origin out takes it too: nobody reads an alias without looking at its origin.
    """

    def __init__(self, store: Store, entries: Entries, keyer: Keyer, rules: Rules, *, store_prompts: bool) -> None:
        self._store = store
        self._entries = entries
        self._keyer = keyer
        self._rules = rules
        self._store_prompts = store_prompts

    def accepted(self, question: Question, key: str, entry: Entry) -> None:
        """The question is an alias of an entry from now on, whatever was stored for it."""
        request = canonical_json(question.parts) if self._store_prompts else None
        self._put(question.key, key, entry, request, self._keyer.digests(question.parts))

    def add(self, asked: str, request: bytes, digests: dict[str, str], key: str, entry: Entry) -> None:
        """The same, unless the question has an answer of its own."""
        if self._entries.load([asked])[asked].entry is None:
            self._put(asked, key, entry, request, digests)

    def is_one(self, asked: str, keys: Collection[str]) -> bool:
        """Whether a question is an alias of one of these."""
        entry = self._entries.load([asked])[asked].entry
        return entry is not None and entry.alias_of in keys

    def remove(self, asked: str, keys: Collection[str]) -> int:
        """Take the alias of a question out, where it is one of these; returns how many that were."""
        return self._store.delete([asked]) if self.is_one(asked, keys) else 0

    def _put(self, asked: str, key: str, entry: Entry, request: bytes | None, digests: dict[str, str]) -> None:
        alias = msgspec.structs.replace(entry, request=request, digests=digests, alias_of=key)
        self._store.put([record_of(asked, alias, self._rules[entry.namespace].keep_stale)])
