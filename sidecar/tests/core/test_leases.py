"""Leases: of all that ask at once, one asks the model."""

from collections.abc import Callable, Sequence

import pytest
from msgspec import UNSET

from prompt_cache.core.errors import UnknownKey
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.policy import NotStored
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import ANSWER, Asker, decoded, request


def test_lease__goes_to_the_first_and_the_others_wait(asker: Asker) -> None:
    winner, other = asker.ask(lease=30), asker.ask(lease=30)
    assert (winner.status, winner.lease) == ("miss", "default:0:1")
    assert (other.status, other.key, other.retry_after) == ("pending", winner.key, 1.0)
    assert (other.reason, other.lease) == (UNSET, UNSET)


def test_lease__nobody_waits_longer_than_it_lasts(asker: Asker) -> None:
    asker.ask(lease=30)
    asker.clock.turn(29.75)
    assert asker.ask(lease=30).retry_after == 0.25


def test_lease__ends_by_itself(asker: Asker) -> None:
    asker.ask(lease=30)
    asker.clock.turn(30)
    assert asker.ask(lease=30).lease == "default:0:2"


def test_lease__of_one_key_says_nothing_of_another(asker: Asker) -> None:
    asker.ask("a", lease=30)
    assert asker.ask("b", lease=30).lease == "default:0:2"


def test_lease__who_does_not_ask_for_one_is_not_made_to_wait(asker: Asker) -> None:
    asker.ask(lease=30)
    assert asker.ask().status == "miss"


def test_lease__storing_gives_it_back(asker: Asker) -> None:
    winner = asker.ask(lease=30)
    assert asker.answer(winner.key, lease=winner.lease).stored
    assert asker.ask(lease=30).status == "hit"
    assert asker.ask(lease=30, max_age=-1).lease == "default:0:2"


def test_lease__a_refused_store_gives_it_back_too(asker: Asker) -> None:
    winner = asker.ask(lease=30)
    assert asker.answer(winner.key, "", lease=winner.lease).reason == NotStored.EMPTY_RESPONSE
    assert asker.ask(lease=30).lease == "default:0:2"


def test_lease__releasing_gives_it_back(asker: Asker) -> None:
    winner = asker.ask(lease=30)
    assert asker.cache.release(winner.key, "another") is False
    assert asker.ask(lease=30).status == "pending"
    assert asker.cache.release(winner.key, str(winner.lease)) is True
    assert asker.cache.release(winner.key, str(winner.lease)) is False
    assert asker.ask(lease=30).status == "miss"


def test_lease__somebody_elses_token_frees_nothing(asker: Asker) -> None:
    winner = asker.ask(lease=30)
    asker.answer(asker.ask("b").key, lease=winner.lease)
    asker.answer(winner.key, lease="made up")
    assert asker.ask(lease=30, max_age=-1).status == "pending"


def test_lease__out_of_scope_frees_nothing(asker: Asker) -> None:
    winner = asker.ask(lease=30)
    with pytest.raises(UnknownKey):
        asker.cache.store(NewEntry(key=winner.key, response=b"1", lease=str(winner.lease)), lambda _: False)
    assert asker.ask(lease=30).status == "pending"


def test_lease__of_a_stale_answer_goes_to_one_and_the_others_are_served(asker: Asker) -> None:
    asker.fill(ttl=60.0)
    asker.clock.turn(61)
    refreshing, served = asker.ask(lease=30, max_stale=600), asker.ask(lease=30, max_stale=600)
    assert (refreshing.status, refreshing.lease) == ("stale", refreshing.ticket)
    assert (served.status, served.lease) == ("stale", UNSET)
    assert decoded(refreshing) == decoded(served) == ANSWER


class Racing(MemoryStore):
    """Does something between a look and the lease that follows it."""

    meanwhile: Callable[[], object] | None = None

    def acquire(self, key: str, token: str, ttl: float) -> float:
        if self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        return super().acquire(key, token, ttl)


def test_lease__won_just_after_the_answer_came_is_a_hit_and_given_back() -> None:
    asker = Asker(Racing)
    key = asker.ask().key
    asker.store.meanwhile = lambda: asker.answer(key, latency=2.0)
    outcome = asker.ask(lease=30)
    assert (outcome.status, outcome.lease) == ("hit", UNSET)
    assert decoded(outcome) == ANSWER
    assert asker.store.acquire(key, "free again", 1) == 0
    total, _ = asker.cache.statistics.report(lambda _: True)
    assert (total.hits, total.misses, total.saved.seconds) == (1, 1, 2.0)


def test_lease__in_a_batch_goes_to_the_first_of_equals(asker: Asker) -> None:
    lookups = [Lookup(request=request(prompt=prompt), lease=30) for prompt in "aba"]
    first, second, repeat = asker.cache.lookup_many(lookups)
    assert (first.status, second.status, repeat.status) == ("miss", "miss", "miss")
    assert (first.lease, second.lease, repeat.lease) == ("default:0:1", "default:0:2", UNSET)
    assert repeat.duplicate_of == 0


def test_lease__in_a_batch_goes_to_who_asks_for_it(asker: Asker) -> None:
    lookups = [Lookup(request=request(prompt="a"), lease=lease) for lease in (None, 30, 30)]
    outcomes = asker.cache.lookup_many(lookups)
    assert [outcome.lease for outcome in outcomes] == [UNSET, "default:0:1", UNSET]
    assert [outcome.duplicate_of for outcome in outcomes] == [UNSET, 0, 0]
    assert asker.cache.release(outcomes[1].key, str(outcomes[1].lease))


def test_lease__in_a_batch_only_who_asks_for_one_waits(asker: Asker) -> None:
    held = asker.ask("a", lease=30)
    lookups = [Lookup(request=request(prompt="a"), lease=lease) for lease in (30, None, 30)]
    outcomes = asker.cache.lookup_many(lookups)
    assert [outcome.status for outcome in outcomes] == ["pending", "miss", "pending"]
    assert [outcome.duplicate_of for outcome in outcomes] == [UNSET, UNSET, 0]
    assert asker.cache.statistics.report(lambda _: True)[0].misses == 2
    assert asker.answer(held.key, ticket=outcomes[1].ticket).stored


@pytest.mark.parametrize("by", ["ticket", "key"])
def test_lease__storing_without_its_token_gives_it_back_as_well(asker: Asker, by: str) -> None:
    winner = asker.ask(lease=30)
    asker.ask()  # somebody who does not care for leases
    assert asker.answer(winner.key, ticket=str(winner.ticket) if by == "ticket" else None).stored
    asker.cache.delete(winner.key)
    assert asker.ask(lease=30).status == "miss"


def test_lease__in_a_batch_what_others_hold_is_pending(asker: Asker) -> None:
    asker.ask("a", lease=30)
    lookups = [Lookup(request=request(prompt=prompt), lease=30) for prompt in "aba"]
    assert [outcome.status for outcome in asker.cache.lookup_many(lookups)] == ["pending", "miss", "pending"]


def test_lease__pending_counts_as_no_lookup(asker: Asker) -> None:
    asker.ask(lease=30)
    for _ in range(5):
        asker.ask(lease=30)
    assert asker.cache.statistics.report(lambda _: True)[0].lookups == 1


class Counting(MemoryStore):
    writes = 0

    def put(self, records: Sequence[object]) -> None:
        self.writes += 1
        super().put(records)  # type: ignore[arg-type]


def test_lease__waiting_writes_nothing() -> None:
    asker = Asker(Counting)
    asker.ask(lease=30)
    before = asker.store.writes
    asker.ask(lease=30)
    assert asker.store.writes == before
