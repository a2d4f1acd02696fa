"""How often a lookup has to wait for a store that is a trip away."""

from collections.abc import Sequence
from typing import Any

from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker


class FarAway(MemoryStore):
    """Counts how often somebody had to wait for it."""

    remote = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.trips: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {"get", "get_with_versions", "versions", "put", "find", "sizes", "acquire"}:
            self.trips.append(name)
        return super().__getattribute__(name)

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        found = super().get_with_versions(keys, namespace)
        del self.trips[1:]
        return found


def test_trips__a_hit_is_one_and_a_miss_one_more_to_remember_it() -> None:
    asker = Asker(FarAway)
    asker.fill(depends_on=["kb"])
    asker.store.trips.clear()
    assert asker.ask().status == "hit"
    assert asker.store.trips == ["get_with_versions"]
    asker.store.trips.clear()
    assert asker.ask("another").status == "miss"
    assert asker.store.trips == ["get_with_versions", "put"]
