"""Sums in groups: each in exactly one, whatever they are grouped by."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.savings.grouping import DIMENSIONS, GROUPS, GroupBy, Grouping
from prompt_cache.savings.series import Dimensions
from prompt_cache.savings.totals import Group, Totals, add, filled

HIT = {"hits": 1, "cost_usd": 0.5, "input_tokens": 10, "output_tokens": 5, "seconds": 1.5}
SEMANTIC = {f"semantic_{name}": value for name, value in HIT.items()}
COUNTS = ("lookups", "hits", "misses", "stale", "stored", "refused")

events = st.sampled_from(
    [
        HIT,
        {"hits": 1, "unpriced_hits": 1},
        HIT | SEMANTIC,
        {"hits": 1, "unpriced_hits": 1, "semantic_hits": 1, "semantic_unpriced_hits": 1},
        {"misses": 1, "miss:not_found": 1},
        {"misses": 1, "miss:expired": 1},
        {"misses": 1, "guard:numbers": 1},
        {"stale": 1},
        {"stored": 1, "calls": 1, "spent_cost_usd": 0.25, "spent_input_tokens": 7},
        {"refused": 1, "refused:empty_response": 1, "calls": 1, "unpriced_calls": 1},
        {"refused": 1, "refused:version_changed": 1},
        {"misses": 1, "miss:version_changed": 1},
        {"verifier_same": 1, "verifier_cost_usd": 0.125},
        {"embedding_calls": 1, "embedding_cost_usd": 0.0625, "embedding_unpriced": 1},
        {"shadow_compared": 1},
        {"rejected": 1},
    ]
)
names = st.sampled_from(["", "a", "b"])
rows = st.tuples(
    st.sampled_from(["2026-11-26T01Z", "2026-11-26T02Z", "day:2026-11-25"]),
    st.builds(Dimensions, st.sampled_from(["ours", "theirs"]), names, names, names),
    st.lists(events, min_size=1, max_size=4),
)


def summed(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in rows:
        add(sums, row)
    return sums


@given(st.lists(rows, max_size=12), st.lists(st.sampled_from(DIMENSIONS), min_size=1, max_size=5))
def test_groups__are_the_whole_together(
    rows: Sequence[tuple[str, Dimensions, Sequence[Mapping[str, float]]]], group_by: list[GroupBy]
) -> None:
    grouping = Grouping(group_by)
    for bucket, series, some in rows:
        grouping.add(bucket, series, summed(some))
    groups = grouping.groups()
    total = filled(Totals(), summed([each for _, _, some in rows for each in some]))
    for name in COUNTS:
        assert sum(getattr(group, name) for group in groups) == getattr(total, name)
    for part in ("saved", "spent"):
        whole = getattr(total, part)
        for field in whole.__struct_fields__:
            assert sum(getattr(getattr(group, part), field) for group in groups) == pytest.approx(getattr(whole, field))
    for field in ("misses_by_reason", "refused_by_reason"):
        assert summed([getattr(group, field) for group in groups]) == getattr(total, field)
    assert all(group.by.keys() == set(group_by) for group in groups)
    assert len({tuple(group.by.values()) for group in groups}) == len(groups)


@given(st.lists(events, max_size=12))
def test_totals__are_whole_by_match_and_reason(some: Sequence[Mapping[str, float]]) -> None:
    total = filled(Totals(), summed(some))
    assert sum(served.hits for served in total.by_match.values()) == total.hits
    assert sum(served.saved.cost_usd for served in total.by_match.values()) == total.saved.cost_usd
    assert sum(total.misses_by_reason.values()) == total.misses
    assert sum(total.refused_by_reason.values()) == total.refused
    assert total.spent.cost_usd >= total.spent.verifier_usd + total.spent.embedding_usd


OURS = Dimensions("ours", "gpt-4o", "Flow", "Node")


def grouped(*group_by: GroupBy) -> dict[str, Group]:
    grouping = Grouping(group_by)
    sums: list[Mapping[str, float]] = [
        HIT,
        HIT | SEMANTIC,
        *2 * [{"misses": 1, "miss:expired": 1}],
        {"misses": 1, "guard:dates": 1},
    ]
    sums += [{"refused": 1, "refused:unfinished": 1}, {"stored": 1, "calls": 1, "spent_cost_usd": 0.25}]
    grouping.add("2026-11-26T01Z", OURS, summed(sums))
    return {group.group: group for group in grouping.groups()}


def test_by_match() -> None:
    groups = grouped("match")
    assert {name: (group.hits, group.saved.cost_usd, group.misses, group.stored) for name, group in groups.items()} == {
        "exact": (1, 0.5, 0, 0),
        "semantic": (1, 0.5, 0, 0),
        "": (0, 0, 3, 1),
    }
    assert (groups["semantic"].hit_rate, groups["semantic"].semantic.hits) == (1, 1)
    assert groups["exact"].semantic.hits == 0


def test_by_reason() -> None:
    groups = grouped("reason")
    assert {name: (group.misses, group.refused, group.hits) for name, group in groups.items()} == {
        "expired": (2, 0, 0),
        "guard:dates": (1, 0, 0),
        "unfinished": (0, 1, 0),
        "": (0, 0, 2),
    }
    assert groups[""].spent.calls == 1


def test_by_several() -> None:
    groups = grouped("match", "workflow", "reason")
    assert list(groups) == [
        " / Flow / ",
        " / Flow / expired",
        " / Flow / guard:dates",
        " / Flow / unfinished",
        "exact / Flow / ",
        "semantic / Flow / ",
    ]
    assert groups[" / Flow / expired"].by == {"match": "", "workflow": "Flow", "reason": "expired"}


def test_by_the_same_twice_is_by_it_once() -> None:
    assert list(grouped("node", "node")) == ["Node"]


def test_names__beyond_what_a_report_has_room_for_are_one() -> None:
    grouping = Grouping(("workflow", "node"))
    for at in range(GROUPS + 500):
        grouping.add("2026-11-26T01Z", OURS._replace(workflow=f"invented {at}"), {"misses": 1})
    grouping.add("2026-11-26T01Z", OURS, {"hits": 2})
    groups = {tuple(group.by.values()): group for group in grouping.groups()}
    assert len(groups) == GROUPS + 1
    assert (groups["Flow", "Node"].hits, groups["other", "other"].misses) == (2, 501)


def test_names__have_less_room_in_a_report_over_time() -> None:
    grouping = Grouping(("day", "workflow"))
    for day in range(10, 31):
        for at in range(GROUPS):
            grouping.add(f"day:2026-10-{day}", OURS._replace(workflow=f"invented {at}"), {"misses": 1})
        grouping.add(f"day:2026-10-{day}", OURS, {"hits": 2})
    groups = grouping.groups()
    assert len(groups) <= 10_000 + 21
    assert sum(group.misses for group in groups) == 21 * GROUPS
    assert [group.by["day"] for group in groups if group.by["workflow"] == "Flow"] == [
        f"2026-10-{day}" for day in range(10, 31)
    ]


@pytest.mark.parametrize("pair", list(combinations(DIMENSIONS, 2)), ids="-".join)
def test_dimensions__stand_in_the_order_they_are_asked_for(pair: tuple[GroupBy, GroupBy]) -> None:
    for order in (pair, pair[::-1]):
        assert all(list(group.by) == list(order) for group in grouped(*order).values())


def test_by_match__leaves_no_noise_of_what_was_added_up() -> None:
    grouping = Grouping(("match",))
    sums: list[Mapping[str, float]] = [{"hits": 1, "unpriced_hits": 1}]
    sums += 10 * [{name: 0.1 if "usd" in name else 1 for name in (*HIT, *SEMANTIC)}]
    grouping.add("2026-11-26T01Z", OURS, summed(sums) | {"cost_usd": 10 * 0.1})
    assert {group.group: group.saved.cost_usd for group in grouping.groups()}["exact"] == 0
    total = filled(Totals(), summed(sums) | {"cost_usd": 10 * 0.1})
    assert (total.by_match["exact"].hits, total.by_match["exact"].saved.cost_usd) == (1, 0)


def test_dimensions__that_are_not_there_are_a_mistake() -> None:
    with pytest.raises(KeyError):
        Grouping("model")  # type: ignore[arg-type]
