"""All money that is spent goes through here: what answers cost, what verifying them does, and what embedding does."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from msgspec import Struct

from ..responses.usage import Usage
from ..savings.prices import PriceOverride, price
from ..savings.statistics import Dimensions, Statistics
from ..semantic.embedders.base import Embedded, Embedder
from ..semantic.verifier import Verified


class Payment(Struct, frozen=True, kw_only=True):
    """What was paid for one call, or for several of one kind; money in US dollars, durations in seconds."""

    dimensions: Dimensions
    caller: str = ""
    """The name of the token whose holder had the model asked."""
    usage: Usage = Usage()
    cost_usd: float | None = None
    """None where nobody knows the price."""
    prefix_saved_usd: float = 0.0
    """What it would have cost without the provider's own prefix cache, less what it cost."""
    seconds: float = 0.0
    calls: int = 1


class Spending:
    """Counts each payment, and tells those who watch over money. Never fails, and waits for nothing."""

    def __init__(self, statistics: Statistics, prices: Mapping[str, PriceOverride]) -> None:
        self._statistics = statistics
        self._prices = prices
        self.watchers: list[Callable[[Payment], None]] = []

    def priced(
        self,
        dimensions: Dimensions,
        models: Sequence[str | None],
        usage: Usage,
        seconds: float | None = None,
        *,
        cost_usd: float | None = None,
        calls: int = 1,
        caller: str = "",
    ) -> Payment:
        """What a call costs by the first of the `models` that has a price, unless `cost_usd` is known."""
        saved = 0.0
        if cost_usd is None:
            cost_usd, saved = self._price(models, usage, seconds, calls)
        return Payment(
            dimensions=dimensions,
            caller=caller,
            usage=usage,
            cost_usd=cost_usd,
            prefix_saved_usd=saved,
            seconds=seconds or 0.0,
            calls=calls,
        )

    def _price(
        self, models: Sequence[str | None], usage: Usage, seconds: float | None, calls: int
    ) -> tuple[float | None, float]:
        """With what the provider's prefix cache took off it."""
        for model in models:
            dollars = price(model, usage, self._prices, seconds=seconds, calls=calls)
            if dollars is None:
                continue
            if not (usage.cached_input_tokens or usage.cache_write_tokens):
                return dollars, 0.0
            plain = Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
            without = price(model, plain, self._prices, seconds=seconds, calls=calls)
            return dollars, 0.0 if without is None else without - dollars
        return None, 0.0

    def answer(self, payment: Payment) -> None:
        """A model was asked, and its answer paid for, whatever became of it."""
        usage = payment.usage
        self._count(
            payment,
            calls=payment.calls,
            spent_cost_usd=payment.cost_usd or 0.0,
            spent_input_tokens=usage.input_tokens or 0,
            spent_output_tokens=usage.output_tokens or 0,
            spent_cached_input_tokens=usage.cached_input_tokens or 0,
            spent_seconds=payment.seconds,
            unpriced_calls=payment.calls if payment.cost_usd is None else 0,
            estimated_calls=payment.calls if usage.estimated else 0,
            prefix_saved_usd=payment.prefix_saved_usd,
        )

    def verified(self, namespace: str, model: str, verified: Verified, seconds: float) -> None:
        """The model that verifies was asked."""
        usage = Usage(input_tokens=verified.input_tokens, output_tokens=verified.output_tokens)
        payment = self.priced(Dimensions(namespace, model, "", ""), [model], usage, seconds)
        self._count(
            payment,
            verifier_same=verified.same,
            verifier_different=not verified.same,
            verifier_cost_usd=payment.cost_usd or 0.0,
            verifier_unpriced=payment.cost_usd is None,
            verifier_input_tokens=usage.input_tokens or 0,
            verifier_output_tokens=usage.output_tokens or 0,
        )

    def embed(self, embedder: Embedder, texts: Sequence[tuple[str, str]]) -> Embedded:
        """Embed texts, each with the namespace for which that is; several that are embedded together share the cost.

        What was known, or is embedded on this machine, costs nothing. Raises EmbedderUnavailable.
        """
        began = monotonic()
        embedded = embedder.embed([text for _, text in texts])
        if embedded.calls or embedded.tokens:
            lengths: dict[str, int] = {}
            for namespace, text in texts:
                lengths[namespace] = lengths.get(namespace, 0) + len(text)
            model, seconds = embedder.model or embedder.name, monotonic() - began
            for namespace, part in embedded.shared(lengths).items():
                self._embedded(namespace, model, part, seconds if part.calls else 0.0)
        return embedded

    def _embedded(self, namespace: str, model: str, embedded: Embedded, seconds: float) -> None:
        usage = Usage(input_tokens=embedded.tokens or None, output_tokens=0)
        payment = self.priced(Dimensions(namespace, model, "", ""), [model], usage, seconds, calls=embedded.calls)
        self._count(
            payment,
            embedding_calls=embedded.calls,
            embedding_tokens=embedded.tokens,
            embedding_cost_usd=payment.cost_usd or 0.0,
            embedding_unpriced=embedded.calls if payment.cost_usd is None else 0,
        )

    def _count(self, payment: Payment, **sums: float) -> None:
        self._statistics.count(payment.dimensions, **{name: value for name, value in sums.items() if value})
        for watcher in self.watchers:
            watcher(payment)
