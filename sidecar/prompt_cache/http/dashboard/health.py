"""How the cache server fares: what is seen at once, without asking anybody but the store."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from ...config import guessable_tokens, without_secrets
from ...config import upstreams as upstreams_of
from ...savings.budgets import BudgetState
from ...savings.series import OTHER
from ...stores.base import NamespaceSize, StoreUnavailable
from ...values.durations import seconds
from . import html
from .pages import Site, Visit
from .reader import N_

_NAMESPACES = 50
"""So many are listed; the rest is in the sum."""
_LATELY = 30 * 86400.0
_MODELS = 5
_SCRIPT = "built/dashboard.js"


class Warned(NamedTuple):
    """What is wrong or could be better, and what to do."""

    kind: str
    """`bad` or `warn`."""
    says: str
    do: str


class StoreState(Struct, frozen=True):
    """`milliseconds` of an answer; None where there was none."""

    engine: str
    place: str
    milliseconds: float | None
    entries: int = 0
    bytes: int = 0
    namespaces: list[tuple[str, NamespaceSize]] = []


class Provider(NamedTuple):
    """An upstream, as far as the settings tell."""

    name: str
    protocol: str
    url: str
    has_key: bool


def routes(site: Site) -> None:
    config = site.config
    known = upstreams_of(config)
    providers = [
        Provider(name, known[name].protocol, known[name].url, known[name].key is not None)
        for name in sorted(config.upstreams)
    ]
    others = ", ".join(sorted(set(known) - set(config.upstreams)))

    @site.page("/status", nav=N_("Health"))
    def status(visit: Visit) -> str:
        state = _state(visit)
        return visit.render(
            "health.html",
            store=state,
            warnings=list(_warnings(visit, state)),
            providers=providers,
            known=others,
            budgets=_budgets(visit, state),
            config=config,
            retention=seconds(config.stats_retention) if config.stats_retention else None,
            embedder=config.embedder
            if isinstance(config.embedder, str) or not config.embedder
            else config.embedder.model,
            verifier=config.verifier.model if config.verifier else None,
            more=max(0, len(state.namespaces) - _NAMESPACES),
        )


def _state(visit: Visit) -> StoreState:
    config = visit.site.config
    engine = config.store.partition("://")[0]
    place = without_secrets(config.store) if visit.runs_it() else ""
    try:
        began = time.perf_counter()
        visit.cache.ping()
        took = (time.perf_counter() - began) * 1000
        held = visit.cache.sizes(visit.may_see)
    except StoreUnavailable:
        return StoreState(engine, place, None)
    ranked = sorted(held.items(), key=lambda each: (-each[1].bytes, each[0]))
    entries, size = (sum(getattr(each, name) for each in held.values()) for name in ("entries", "bytes"))
    return StoreState(engine, place, took, entries, size, ranked)


def _budgets(visit: Visit, state: StoreState) -> list[BudgetState]:
    return [] if state.milliseconds is None else visit.budgets()


def _warnings(visit: Visit, state: StoreState) -> Iterator[Warned]:
    config, text = visit.site.config, visit.text
    if state.milliseconds is None:
        yield Warned(
            "bad",
            text("The store cannot be reached. Calls go to the models as if there were no cache."),
            text("See that it runs, and that the setting store names it."),
        )
    if not visit.cache.keeps:
        yield Warned("warn", text("This store keeps nothing."), text("Set store to one that keeps."))
    elif not visit.cache.shared:
        yield Warned(
            "warn",
            text("Answers live in one process and end with it."),
            text("Keep them with the setting store: sqlite:///prompt-cache.db."),
        )
    if visit.runs_it() and (weak := guessable_tokens(config)):
        yield Warned(
            "bad" if config.is_reachable else "warn",
            text("A token is short or simple enough to be guessed: %(names)s.", names=", ".join(weak)),
            text("Make a long random one, and give it to the callers."),
        )
    if visit.address.startswith("http:") and config.is_reachable:
        yield Warned(
            "warn",
            text("Tokens and prompts cross the network in the clear."),
            text("Put a server that speaks HTTPS in front, or listen on this machine alone."),
        )
    if state.milliseconds is not None and (unpriced := _unpriced(visit)):
        yield Warned(
            "warn",
            text("No price is known of: %(models)s. What they saved and cost counts as nothing.", models=unpriced),
            text("Give them one with the setting prices."),
        )
    if config.embedder is not None and "semantic" not in visit.cache.matches:
        yield Warned(
            "warn",
            text("An embedder is configured, and this store keeps no vectors: only the very same question is found."),
            text("Set store to one that keeps vectors."),
        )
    if not html.static(_SCRIPT):
        yield Warned(
            "warn",
            text("The charts were not built: numbers are shown as tables."),
            text("Install the published package, or run python3 -m stack install dashboard."),
        )


def _unpriced(visit: Visit) -> str:
    _, groups = visit.cache.statistics.report(visit.may_see, since=time.time() - _LATELY, group_by=("model",))
    found = [
        each.group
        for each in sorted(groups, key=lambda group: -group.lookups)
        if each.group not in ("", OTHER) and (each.saved.unpriced_hits or each.spent.unpriced_calls)
    ]
    return ", ".join(found[:_MODELS]) + (" …" if len(found) > _MODELS else "")
