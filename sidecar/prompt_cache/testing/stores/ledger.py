"""The statistics on the store: the same sums through hours and days, whoever counts, tidies up and forgets."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...core.cache import PromptCache
from ...core.entry import Source
from ...core.lookup import Lookup
from ...keying.request import Request
from ...stores.base import Store
from .harness import Harness

_DAY = 86400.0
_DAYS = 34


class Ledger(Harness):
    def test_reports_are_the_same_before_and_after_tidying(self, store: Store) -> None:
        begun, caches = _asked_for_days(store)
        total = caches[0].statistics.report(lambda _: True)[0]
        assert (total.misses, total.misses_by_reason) == (4 * _DAYS, {"not_found": 4 * _DAYS})
        before = _reports(caches[1], begun)
        assert [group.misses for group in before[0][1]] == [4] * _DAYS
        assert {group.group: group.misses for group in before[1][1]} == {
            f"not_found / {workflow}": 2 * _DAYS for workflow in ("one", "two")
        }
        assert before[2][0].misses == 4 * 10
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda cache: cache.statistics.tidy(), caches))
        assert len({row.bucket for row in store.counters("0", ":")}) < 2 * _DAYS
        assert _reports(caches[0], begun) == before

    def test_what_is_forgotten_is_forgotten_for_all(self, store: Store) -> None:
        _, (one, other) = _asked_for_days(store)
        one.statistics.forget(lambda namespace: namespace == "a")
        total, groups = other.statistics.report(lambda _: True, group_by=("namespace",))
        assert (total.misses, [group.group for group in groups]) == (2 * _DAYS, ["b"])


def _asked_for_days(store: Store) -> tuple[float, list[PromptCache]]:
    """Two caches, each asked twice a day until now, in two hours and two namespaces; with when the first day began."""
    begun = time.time() // _DAY * _DAY - (_DAYS - 1) * _DAY
    now = begun
    caches = [PromptCache(store, clock=lambda: now) for _ in range(2)]
    for day in range(_DAYS):
        for hour, namespace in enumerate("ab"):
            now = begun + day * _DAY + hour * 3600.0
            for cache, workflow in zip(caches, ("one", "two"), strict=True):
                request = Request(prompt=f"{day}, {workflow}", namespace=namespace)
                assert cache.lookup(Lookup(request=request, source=Source(workflow, ""))).status == "miss"
        for cache in caches:
            cache.statistics.flush()
    return begun, caches


def _reports(cache: PromptCache, begun: float) -> list[Any]:
    report, everywhere = cache.statistics.report, lambda _: True
    return [
        report(everywhere, group_by=("day",)),
        report(everywhere, group_by=("reason", "workflow")),
        report(everywhere, since=begun + 10 * _DAY, until=begun + 20 * _DAY),
        report(everywhere, since=begun + (_DAYS - 3) * _DAY + 3600, group_by=("hour",)),
        report(lambda namespace: namespace == "b", where={"workflow": "one"}, group_by=("namespace", "day")),
    ]
