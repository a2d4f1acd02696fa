"""What is told of an evaluation, against counts made by hand."""

import xml.etree.ElementTree as ET

import msgspec
import pytest

from prompt_cache.semantic.evaluation.chart import chart
from prompt_cache.semantic.evaluation.pairs import Pair
from prompt_cache.semantic.evaluation.report import Counts, Report, plain, report
from prompt_cache.semantic.evaluation.table import table

from .made import judged, pair

PAIRS = (
    pair(0.95, True, kind="typo", line=1),
    pair(0.70, True, kind="typo", line=2),
    pair(0.55, True, kind="far", line=3),
    pair(0.90, True, numbers=False, kind="far", line=4),  # the guard is too strict
    pair(0.97, False, numbers=False, kind="number", line=5),
    pair(0.80, False, kind="role", line=6),  # the guard sees nothing
    pair(0.40, False, kind="role", line=7),
)


@pytest.fixture
def found() -> Report:
    return report(judged(*PAIRS), embedder="angles", threshold=0.6, guards=("numbers",))


def test_counts__at_the_threshold_with_and_without_guards(found: Report) -> None:
    assert found.guarded == Counts(4, 3, 2, 1)
    assert found.cosine == Counts(4, 3, 3, 2)


def test_cosine_alone__as_rarely_wrong_serves_less(found: Report) -> None:
    assert found.as_rare.threshold == pytest.approx(0.8, abs=1e-3)
    assert found.as_rare.cosine == Counts(4, 3, 2, 1)


def test_kinds__are_counted_apart_positives_first(found: Report) -> None:
    assert [(each.name, each.guarded) for each in found.kinds] == [
        ("far", Counts(2, 0, 0, 0)),
        ("typo", Counts(2, 0, 2, 0)),
        ("number", Counts(0, 1, 0, 0)),
        ("role", Counts(0, 2, 0, 1)),
    ]


def test_refusals__say_which_guard_cost_what(found: Report) -> None:
    assert [msgspec.to_builtins(each) for each in found.refusals] == [
        {"guard": "numbers", "positives": 1, "negatives": 1}
    ]


def test_thresholds__show_the_trade(found: Report) -> None:
    at = {each.threshold: each for each in found.thresholds}
    assert at[0.5].guarded == Counts(4, 3, 3, 1)
    assert (at[0.85].guarded, at[0.85].cosine) == (Counts(4, 3, 1, 0), Counts(4, 3, 2, 1))


def test_json__begins_with_the_counts(found: Report) -> None:
    told = msgspec.json.decode(msgspec.json.encode(plain(found)))
    assert list(told.items())[:4] == [
        ("positives", 4),
        ("negatives", 3),
        ("served_positives", 2),
        ("served_negatives", 1),
    ]
    assert told["hit_rate"]["share"] == 0.5
    assert told["wrong_rate"]["low"] == pytest.approx(0.0615, abs=1e-3)
    assert (told["cosine"]["served_positives"], told["threshold"], told["embedder"]) == (3, 0.6, "angles")
    assert [each["line"] for each in told["wrong"]] == [6]
    assert [(each["line"], each["guard"]) for each in told["missed"]] == [(3, None), (4, "numbers")]


def test_table__tells_it_in_plain_text(found: Report) -> None:
    lines = table(found).splitlines()
    assert lines[0].startswith("4 pairs that one answer serves, 3 that need different answers; embedder angles")
    (guarded,) = (line for line in lines if line.startswith("with guards"))
    assert {"2 of 4", "50%", "1 of 3"} == {text for text in ("2 of 4", "50%", "1 of 3") if text in guarded}
    assert any(line.startswith("  typo") and "2 of 2" in line for line in lines)
    assert lines[-1] == "served wrongly: line 6"


def test_chart__is_well_formed_and_shows_each_line_by_name(found: Report) -> None:
    drawn = ET.fromstring(chart(found))  # noqa: S314 - our own
    texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"rightly, with guards", "wrongly, with guards", "rightly, cosine alone", "wrongly, cosine alone"} <= set(
        texts
    )
    assert "prefers-color-scheme: dark" in chart(found)


def test_pairs_of_one_sort_alone__can_be_told() -> None:
    found = report(judged(Pair(1, "x", "x", True)), embedder="angles", threshold=0.6, guards=())
    assert found.guarded == Counts(1, 0, 1, 0)
    assert "1 of 1" in table(found)
    ET.fromstring(chart(found))  # noqa: S314
