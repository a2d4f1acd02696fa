"""What is counted of the service itself, in memory that workers share."""

import os
import threading

import pytest

from prompt_cache.observability.families import OTHER, UPSTREAM_FAILURES, families
from prompt_cache.observability.measures import LEFT, Board, Measures


def numbers(board: Board, name: str) -> dict[tuple[str, ...], list[float]]:
    """By labels, of the series that are shown."""
    family = next(each for each in board.families if each.name == name)
    return {labels: list(found) for labels, found in board.sums(family)}


def counts(board: Board, name: str) -> dict[tuple[str, ...], float]:
    """The counters that have counted."""
    return {labels: found[0] for labels, found in numbers(board, name).items() if any(found)}


SECONDS = "prompt_cache_request_duration_seconds"


def test_request__is_counted_in_its_bucket_with_its_sum_and_its_status() -> None:
    board = Board()
    measures = Measures(board)
    for status, seconds in ((200, 0.0005), (200, 0.0006), (503, 1000.0), (LEFT, 0.1)):
        measures.request("lookup", status, seconds)
    *buckets, total = numbers(board, SECONDS)["lookup",]
    assert buckets[:2] == [1, 1]  # what is just at a bound is within it
    assert buckets[-1] == 1
    assert sum(buckets) == 4
    assert total == pytest.approx(1000.1011)
    assert counts(board, "prompt_cache_requests") == {
        ("lookup", "2xx"): 2,
        ("lookup", "5xx"): 1,
        ("lookup", "left"): 1,
    }


def test_status__that_nobody_has_thought_of_is_an_error() -> None:
    board = Board()
    Measures(board).request("other", 999, 0.1)
    assert counts(board, "prompt_cache_requests") == {("other", "5xx"): 1}


def test_name__that_is_no_upstreams_makes_no_series() -> None:
    board = Board(["openai"])
    measures = Measures(board)
    for name in ("openai", "made-up", "made-up-too"):
        measures.first_byte.observe(name, 0.1)
        measures.upstream_failures.add(name, "timeout")
    assert set(numbers(board, "prompt_cache_upstream_first_byte_seconds")) == {("openai",), (OTHER,)}
    assert counts(board, "prompt_cache_upstream_failures") == {("openai", "timeout"): 1, (OTHER, "timeout"): 2}


def test_upstream__is_not_shown_before_it_is_called() -> None:
    board = Board(["openai", "anthropic"])
    measures = Measures(board)
    assert numbers(board, "prompt_cache_upstream_duration_seconds") == {}
    measures.upstream_seconds.observe("anthropic", 3.0)
    assert set(numbers(board, "prompt_cache_upstream_duration_seconds")) == {("anthropic",)}
    failures = numbers(board, "prompt_cache_upstream_failures")
    assert {labels[0] for labels in failures} == {"anthropic"}
    assert len(failures) == len(UPSTREAM_FAILURES), "a first failure is to be seen as a rise"


def test_rows__add_up_and_a_worker_that_ended_is_not_forgotten() -> None:
    board = Board(rows=3)
    rows = [board.take() for _ in range(2)]
    for row in rows:
        Measures(board, row).request("store", 201, 0.01)
    assert board.workers == 2
    board.give_back(rows[0])
    assert board.workers == 1
    assert counts(board, "prompt_cache_requests") == {("store", "2xx"): 2}
    assert board.take() == rows[0]
    Measures(board, rows[0]).request("store", 201, 0.01)
    assert counts(board, "prompt_cache_requests") == {("store", "2xx"): 3}


def test_one_worker__is_the_first_whoever_came_and_went() -> None:
    board = Board(rows=4)
    old = [Measures(board) for _ in range(2)]
    assert [each.is_first for each in old] == [True, False]
    new = [Measures(board) for _ in range(2)]  # as when the server reloads
    assert [each.is_first for each in new] == [False, False]
    for row in (0, 1):
        board.give_back(row)
    assert [each.is_first for each in new] == [True, False]


def test_rows__of_more_workers_than_there_are_rows_share_the_last() -> None:
    board = Board(rows=1)
    assert [board.take(), board.take()] == [0, 0]


def test_board__is_seen_by_all_processes() -> None:
    board = Board(rows=2)
    row = board.take()
    child = os.fork()
    if not child:
        Measures(board, row).request("lookup", 200, 0.001)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert counts(board, "prompt_cache_requests") == {("lookup", "2xx"): 1}


def test_threads__lose_nothing() -> None:
    board = Board()
    measures = Measures(board)

    def count() -> None:
        for _ in range(2000):
            measures.store_seconds.observe("read", 0.25)
            measures.store_errors.add("busy")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    *buckets, total = numbers(board, "prompt_cache_store_duration_seconds")["read",]
    assert (sum(buckets), total) == (16_000, 4000.0)
    assert counts(board, "prompt_cache_store_errors") == {("busy",): 16_000}


def test_families__have_bounds_in_order_and_no_series_twice() -> None:
    for family in families(["openai", "openai", OTHER]):
        assert list(family.bounds) == sorted(set(family.bounds))
        assert len(set(family.series)) == len(family.series)
        assert all(len(series) == len(family.labels) for series in family.series)
