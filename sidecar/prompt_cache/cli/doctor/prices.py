"""Whether the models that were asked have a price."""

from collections.abc import Iterator

from ...config import ConfigError
from ...savings.seen import unpriced
from ...service.open import cache_on, open_configured_store
from ...stores import StoreUnavailable
from ..opening import database
from .finding import Finding, Situation, advice, ok

_DAYS = 30
_NAMED = 5


def prices(situation: Situation) -> Iterator[Finding]:
    path = database(situation.config.store)
    if path is not None and not path.exists():
        return
    try:
        opened = open_configured_store(situation.config)
    except (ConfigError, StoreUnavailable):
        return  # which is told of the store
    try:
        cache = cache_on(opened, situation.config, lambda _event, _about: None)
        seen = cache.seen_models(since=situation.clock() - _DAYS * 86400)
    except StoreUnavailable:
        return
    finally:
        opened.close()
    if without := unpriced(seen):
        named = ", ".join(repr(each.model[:100]) for each in without[:_NAMED])
        more = f" and {len(without) - _NAMED} more" if len(without) > _NAMED else ""
        says = f"no price is known of {named}{more}: what they cost and save is in no sum"
        yield advice(says, "give them one in `prices`; GET /v1/prices has the lines for it")
    elif seen:
        yield ok(f"each model that was asked within {_DAYS} days has a price")
