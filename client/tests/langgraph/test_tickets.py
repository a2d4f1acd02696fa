"""Each question gives back the ticket of its own lookup."""

from concurrent.futures import ThreadPoolExecutor

from prompt_cache_client.tickets import Tickets

NS = ("writes", "module.retrieve", "retrieve")


def task(text: str = "same") -> str:
    """The key of a new task: a string object of its own, as LangGraph makes them."""
    return "".join([*text])


def taken(tickets: Tickets, key: str, beside: tuple[str, ...] = NS) -> str | None:
    found = tickets.take(key, beside)
    return found and found.ticket


def test_a_ticket_is_taken_once() -> None:
    tickets, key = Tickets(10), task()
    tickets.miss(key, NS, "t1")
    assert (taken(tickets, key), taken(tickets, key)) == ("t1", None)


def test_tasks_with_equal_keys_have_tickets_of_their_own() -> None:
    tickets, first, second = Tickets(10), task(), task()
    assert first == second
    tickets.miss(first, NS, "t1")
    tickets.miss(second, NS, "t2")
    assert (taken(tickets, second), taken(tickets, first)) == ("t2", "t1")


def test_nobody_takes_the_ticket_of_an_equal_key() -> None:
    tickets = Tickets(10)
    tickets.miss(task(), NS, "t1")
    assert taken(tickets, task()) is None


def test_the_first_miss_counts_and_the_time_since_the_last() -> None:
    now = 0.0
    tickets, key = Tickets(10, clock=lambda: now), task()
    tickets.miss(key, NS, "before the bump")
    now = 5.0
    tickets.miss(key, NS, "after it")
    now = 7.0
    assert tickets.take(key, NS) == ("before the bump", 2.0)


def test_a_string_may_be_the_key_in_two_namespaces() -> None:
    tickets, text = Tickets(10), task()
    tickets.miss(text, ("a",), "t1")
    tickets.miss(text, ("b",), "t2")
    assert taken(tickets, text, ("b",)) == "t2"
    assert taken(tickets, text, ("a",)) == "t1"


def test_tasks_that_never_answer_are_forgotten_the_oldest_first() -> None:
    tickets, keys = Tickets(3), [task() for _ in range(5)]
    for at, key in enumerate(keys):
        tickets.miss(key, NS, f"t{at}")
    assert len(tickets) == 3
    assert [taken(tickets, key) for key in keys] == [None, None, "t2", "t3", "t4"]


def test_many_threads_at_once() -> None:
    tickets = Tickets(10_000)

    def run(turn: int) -> bool:
        key = task()
        tickets.miss(key, NS, f"t{turn}")
        return taken(tickets, key) == f"t{turn}"

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(run, range(2000)))
    assert len(tickets) == 0
