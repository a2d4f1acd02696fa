"""Each task gives back the ticket of its own lookup."""

from concurrent.futures import ThreadPoolExecutor

from langgraph.cache.base import FullKey

from prompt_cache_client.langgraph.tickets import Tickets

NS = ("writes", "module.retrieve", "retrieve")


def task(text: str = "same") -> FullKey:
    """The key of a new task: a string object of its own, as LangGraph makes them."""
    return NS, "".join([*text])


def test_a_ticket_is_taken_once() -> None:
    tickets, key = Tickets(), task()
    tickets.miss(key, "t1")
    assert (tickets.take(key), tickets.take(key)) == ("t1", None)


def test_tasks_with_equal_keys_have_tickets_of_their_own() -> None:
    tickets, first, second = Tickets(), task(), task()
    assert first == second
    tickets.miss(first, "t1")
    tickets.miss(second, "t2")
    assert (tickets.take(second), tickets.take(first)) == ("t2", "t1")


def test_nobody_takes_the_ticket_of_an_equal_key() -> None:
    tickets = Tickets()
    tickets.miss(task(), "t1")
    assert tickets.take(task()) is None


def test_the_first_miss_of_a_task_counts() -> None:
    tickets, key = Tickets(), task()
    tickets.miss(key, "before the bump")
    tickets.miss(key, "after it")
    assert tickets.take(key) == "before the bump"


def test_a_string_may_be_the_key_in_two_namespaces() -> None:
    tickets, (_, text) = Tickets(), task()
    tickets.miss((("a",), text), "t1")
    tickets.miss((("b",), text), "t2")
    assert tickets.take((("b",), text)) == "t2"
    assert tickets.take((("a",), text)) == "t1"


def test_tasks_that_never_answer_are_forgotten_the_oldest_first() -> None:
    tickets, keys = Tickets(most=3), [task() for _ in range(5)]
    for at, key in enumerate(keys):
        tickets.miss(key, f"t{at}")
    assert len(tickets) == 3
    assert [tickets.take(key) for key in keys] == [None, None, "t2", "t3", "t4"]


def test_many_threads_at_once() -> None:
    tickets = Tickets()

    def run(turn: int) -> bool:
        key = task()
        tickets.miss(key, f"t{turn}")
        return tickets.take(key) == f"t{turn}"

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(run, range(2000)))
    assert len(tickets) == 0
