"""What a cache is made of, and how the parts know each other."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from random import random as _random

from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..observability.measures import Measures
from ..savings.budgets import Budget, Budgets, Charge, Signal
from ..savings.currency import Currency
from ..savings.prices import PriceOverride
from ..savings.statistics import Statistics
from ..semantic.embedders.base import Embedder
from ..semantic.verifier import Verifier
from ..stores.base import Store
from .alike import Alikes
from .entries import Entries
from .explaining import Explanations
from .flushing import Flushes
from .learning.learning import Learning
from .lookup import Lookups
from .matching.indexing import Indexing
from .matching.matcher import Matcher
from .missed.questions import MissedQuestions
from .misses import Misses
from .near import Neighbours
from .questions import Questions
from .recordings import Recordings
from .rules import Rules
from .spending import Payment, Spending
from .store import NewEntries


class Wired:
    """The parts of a cache around one store."""

    def __init__(
        self,
        store: Store,
        *,
        rules: Rules | None = None,
        keyer: Keyer | None = None,
        normalizers: Normalizers | None = None,
        prices: Mapping[str, PriceOverride] | None = None,
        currency: Currency | None = None,
        budgets: Sequence[Budget] = (),
        tell: Callable[[Signal], None] = lambda _: None,
        embedder: Embedder | None = None,
        verifier: Verifier | None = None,
        store_prompts: bool = True,
        never_expires: bool = False,
        stats_retention: float | None = None,
        measures: Measures | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        report: Callable[[str, str], None] = lambda _event, _key: None,
    ) -> None:
        rules, keyer, normalizers = rules or Rules(), keyer or Keyer(), normalizers or Normalizers()
        self._store = store
        self._clock = clock
        self._rules = rules
        self.prices = prices or {}
        self.currency = currency or Currency()
        self.keeps_prompts = store_prompts
        self.measures = measures or Measures()
        """How this process does, for whoever watches it."""
        self.statistics = Statistics(store, clock, stats_retention)
        self.spending = Spending(self.statistics, self.prices)
        self.budgets = Budgets(store, clock, budgets, prices=self.prices, tell=tell)
        if budgets:
            self.spending.watchers.append(self._note_payment)
        self._keyer = keyer
        self._token = token
        self._questions = Questions(rules, keyer, normalizers)
        self._recordings = Recordings(rules, normalizers, report)
        self._entries = Entries(store, clock, report, lambda keys: self.missed.forget(keys))
        misses = Misses(store, keyer, store_prompts=store_prompts, report=report)
        self._embedder, self._verifier = embedder, verifier
        self._learning = Learning(
            store,
            self._entries,
            keyer,
            self.statistics,
            rules,
            store_prompts=store_prompts,
            embedder=embedder,
            verifier=verifier,
            spending=self.spending,
            clock=clock,
            token=token,
            report=report,
        )
        self._matcher = Matcher(
            store,
            self._entries,
            rules,
            keyer,
            embedder,
            self._learning,
            self.spending,
            store_prompts=store_prompts,
            clock=clock,
            report=report,
        )
        self._indexing = Indexing(store, self._entries, rules, self._matcher, clock=clock, token=token)
        explanations = Explanations(self._entries, keyer)
        self.missed = MissedQuestions(
            store,
            self._entries,
            misses,
            explanations,
            self._matcher,
            self._recordings,
            rules,
            keyer,
            normalizers,
            clock=clock,
            report=report,
        )
        self._flushes = Flushes(store, self._entries, misses, self.missed)
        self._lookups = Lookups(
            store,
            self._entries,
            misses,
            Neighbours(store, keyer),
            self._matcher,
            explanations,
            self.statistics,
            self._recordings,
            self.missed,
            currency=self.currency,
            clock=clock,
            token=token,
        )
        self._alikes = Alikes(
            store,
            self._entries,
            self._questions,
            keyer,
            self._matcher,
            self.statistics,
            self._recordings,
            misses,
            self.missed,
            clock=clock,
        )
        self._new_entries = NewEntries(
            store,
            self._entries,
            misses,
            self._questions,
            self.statistics,
            rules,
            self._recordings,
            self._matcher,
            self._learning,
            self.missed,
            spending=self.spending,
            currency=self.currency,
            never_expires=never_expires,
            clock=clock,
            random=random,
        )

    def _note_payment(self, payment: Payment) -> None:
        spent = payment.dimensions
        self.budgets.spend(Charge(spent.namespace, spent.model, spent.workflow, payment.caller), payment.cost_usd)
        if payment.usage.output_tokens:
            self.budgets.note_answer(spent.model, payment.usage.output_tokens, payment.seconds)
