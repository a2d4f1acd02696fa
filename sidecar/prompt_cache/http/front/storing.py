"""The shortest way of an answer into the store."""

import asyncio
from collections.abc import Sequence

from ...core.cache import PromptCache
from ...core.entries import Scope
from ...core.errors import InvalidRequest, UnknownKey
from ...core.outcome import Stored
from ...core.policy import NotStored
from ...core.store import NewEntry
from ...stores.base import StoreFull
from .lanes import Lanes


class NewEntries:
    """Stores answers on a thread. Those that wait at the same moment go into the store together, in one transaction.

    What may wait for an embedder keeps no others waiting.
    """

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._lanes: Lanes[tuple[NewEntry, Scope], Stored] = Lanes("stores", self._together, lanes=1, together=64)
        self._semantic: Lanes[tuple[NewEntry, Scope], Stored] = Lanes(
            "semantic-stores", self._together, lanes=1, together=64
        )

    async def store(self, new_entry: NewEntry, scope: Scope) -> Stored:
        """What became of it. Raises what the cache raises, and an HttpError of 503."""
        lanes = self._semantic if self._cache.may_embed(new_entry) else self._lanes
        return await lanes.answer((new_entry, scope))

    async def many(self, new_entries: Sequence[NewEntry], scope: Scope) -> list[Stored]:
        """What became of each. Raises what the cache raises."""
        return await asyncio.get_running_loop().run_in_executor(None, self._cache.store_many, new_entries, scope)

    def close(self) -> None:
        self._lanes.close()
        self._semantic.close()

    def _together(self, new_entries: Sequence[tuple[NewEntry, Scope]]) -> list[Stored | Exception]:
        if len(new_entries) == 1:
            return [self._alone(*new_entries[0])]
        try:
            stored = self._cache.store_each(new_entries)
        except (InvalidRequest, StoreFull):  # because of one; the others shall not hear of it
            return [self._alone(*each) for each in new_entries]
        except Exception as error:
            return [error] * len(new_entries)
        return [UnknownKey(each.key) if each.reason is NotStored.UNKNOWN_KEY else each for each in stored]

    def _alone(self, new_entry: NewEntry, scope: Scope) -> Stored | Exception:
        try:
            return self._cache.store(new_entry, scope)
        except Exception as error:
            return error
