"""A believable month of a small company that uses the cache, told to the real core with a clock that is turned."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from prompt_cache.config import Config, budgets, rules
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores.sqlite.store import SqliteStore

DAYS = 30
_DAY = 86400.0


@dataclass(frozen=True)
class Habit:
    """A node that asks again and again; of its `questions` the first are asked most."""

    workflow: str
    node: str
    namespace: str
    model: str
    system: str
    questions: tuple[str, ...]
    a_day: float
    tokens: tuple[int, int]
    seconds: float


def _each(form: str, names: str) -> tuple[str, ...]:
    return tuple(form.format(" ".join(name.split())) for name in names.split(","))


SUPPORT = Habit(
    workflow="Support replies",
    node="Answer the customer",
    namespace="support",
    model="gpt-4o",
    system="You answer customers of a shop for bicycles.",
    questions=_each(
        "How do I {}?",
        """return an order, reset my password, change my address, pay by invoice, cancel my subscription,
        track my parcel, redeem a voucher, reach somebody by phone, get a receipt, exchange a size,
        claim the guarantee, unsubscribe from mails, order a spare part, change the delivery date""",
    ),
    a_day=34,
    tokens=(1850, 420),
    seconds=4.2,
)
HABITS = (
    SUPPORT,
    Habit(
        workflow="Support replies",
        node="Tell the mood",
        namespace="support",
        model="gpt-4o-mini",
        system="Say whether the mail is angry, neutral or glad.",
        questions=_each(
            "The mail says: {}.",
            """my parcel is late again, thank you for the quick help, this is the third time I ask,
            the colour is wrong, great service, I want my money back, all fine now, nobody answers the phone""",
        ),
        a_day=22,
        tokens=(640, 12),
        seconds=0.9,
    ),
    Habit(
        workflow="Invoice triage",
        node="Read the invoice",
        namespace="finance",
        model="claude-sonnet-4-5",
        system="Extract supplier, total and due date as JSON.",
        questions=_each(
            "Invoice of {} for March",
            "Kettler GmbH, Nordlicht AG, Papier Weiss, Velo Import, Stadtwerke, Hafen Logistik",
        ),
        a_day=9,
        tokens=(5200, 310),
        seconds=6.8,
    ),
    Habit(
        workflow="Docs assistant",
        node="Search the handbook",
        namespace="docs",
        model="gpt-4o-mini",
        system="Answer from the handbook alone.",
        questions=_each(
            "What does the handbook say of {}?",
            """holidays, expenses, remote work, sick leave, the train card, training, parental leave, the laptop,
            overtime, the canteen, bicycles, the works council""",
        ),
        a_day=26,
        tokens=(3100, 260),
        seconds=2.1,
    ),
    Habit(
        workflow="Weekly digest",
        node="Summarise the week",
        namespace="default",
        model="my-local-model",
        system="Summarise.",
        questions=_each("The news of week {}", "31, 32, 33, 34, 35, 36, 37, 38, 39, 40"),
        a_day=2,
        tokens=(8000, 700),
        seconds=11.0,
    ),
)


class Clock:
    """Stands where it was put."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


Seed = Callable[[PromptCache, Clock, float], None]
"""Fills a cache with what happened up to now, in seconds since the epoch."""


def month(cache: PromptCache, clock: Clock, now: float) -> None:
    """Lookups by day and hour, busy on weekdays; what is missed is asked of a model, and stored."""
    chance = random.Random(14)
    arrivals = [(moment, habit) for habit in HABITS for moment in _moments(habit, now, chance)]
    arrivals += [(now - back * (now % _DAY) / 20, SUPPORT) for back in range(20)]  # today, however early it is
    arrivals.sort(key=lambda arrival: arrival[0])
    for at, (moment, habit) in enumerate(arrivals):
        clock.now = moment
        if chance.random() < 0.12:  # what nobody asked before
            question = f"{habit.questions[0]} It is about order {4711 + at}."
        else:
            question = habit.questions[min(int(chance.expovariate(0.35)), len(habit.questions) - 1)]
        ask(cache, habit, question)
        if at % 40 == 0:
            cache.statistics.flush()


def ask(cache: PromptCache, habit: Habit, question: str) -> None:
    """Look up, and on a miss store what the model would say."""
    messages = [{"role": "system", "content": habit.system}, {"role": "user", "content": question}]
    fields = {"messages": messages, "model": habit.model, "namespace": habit.namespace}
    source = Source(habit.workflow, habit.node)
    outcome = cache.lookup(Lookup(request=msgspec.convert(fields, Request), source=source))
    if outcome.status != "miss":
        return
    told, said = habit.tokens
    answer = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": habit.model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": f"{question.rstrip('?.')}: here is what you do, step by step.",
                },
            }
        ],
        "usage": {"prompt_tokens": told, "completion_tokens": said, "total_tokens": told + said},
    }
    cache.store(
        NewEntry(
            response=msgspec.json.encode(answer),
            key=outcome.key,
            latency=habit.seconds,
            source=source,
            caller="n8n",
        )
    )


def _moments(habit: Habit, now: float, chance: random.Random) -> Iterator[float]:
    for day in range(DAYS):
        begin = now - (day + 1) * _DAY
        weekday = int(begin // _DAY + 4) % 7
        busy = habit.a_day * (0.35 if weekday in (0, 6) else 1.0) * (1 + 0.4 * math.sin(day / 4))
        for _ in range(max(1, round(chance.gauss(busy, busy / 6)))):
            yield begin + _DAY * min(0.999, max(0.0, chance.gauss(0.5, 0.2)))


SEEDS: tuple[Seed, ...] = (month,)
"""What the `filled` sidecar holds; a page whose tests need more adds a seed of its own."""


def fill(folder: Path, config: Config, now: float) -> None:
    """Make the database `cache.db` of a sidecar that is not started yet."""
    clock = Clock(now - DAYS * _DAY)
    store = SqliteStore(folder / "cache.db", clock=clock)
    cache = PromptCache(
        store,
        rules=rules(config),
        prices=config.prices,
        budgets=budgets(config),
        never_expires=config.never_expires,
        clock=clock,
    )
    for seed in SEEDS:
        seed(cache, clock, now)
    clock.now = now
    cache.close()
