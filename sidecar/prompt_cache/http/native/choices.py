"""What there is to choose from when a request is made: models with their prices, namespaces with what they hold."""

import time
from typing import Annotated

from msgspec import Meta, Struct

from ...core.cache import PromptCache
from ...savings.price_list import ListedModel
from ...stores.base import NamespaceSize
from ...values.names import is_namespace
from ..api import Api
from ..auth import Caller


class ModelsQuery(Struct, forbid_unknown_fields=True):
    """Which models to list: those whose name or provider has every word of `search`."""

    search: Annotated[str, Meta(max_length=256)] = ""
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class Models(Struct):
    """Models that were asked most come first, then those with a configured price, then the price list."""

    models: list[ListedModel]


class HeldNamespace(Struct):
    """A namespace and how much it holds."""

    namespace: str
    entries: int
    bytes: int


class Namespaces(Struct):
    """In the order of their names; `match` is the kinds of matching that this service can do."""

    namespaces: list[HeldNamespace]
    match: list[str]


_REMEMBERED = 5.0
"""Seconds for which is remembered which models are in use: who types a search asks with every letter."""


def routes(api: Api, cache: PromptCache) -> None:
    in_use: dict[Caller, tuple[float, list[str]]] = {}

    def used_models(caller: Caller) -> list[str]:
        now = time.monotonic()
        counted, used = in_use.get(caller, (0.0, []))
        if not counted or now - counted > _REMEMBERED:
            used = cache.used_models(caller.may_touch)
            in_use[caller] = now, used
        return used

    @api.route("GET", "/v1/models", role="reader", query=ModelsQuery, returns=Models)
    def models(caller: Caller, query: ModelsQuery) -> Models:
        """Models and what they cost."""
        return Models(cache.models(query.search, query.limit, used_models(caller)))

    @api.route("GET", "/v1/namespaces", role="reader", returns=Namespaces)
    def namespaces(caller: Caller) -> Namespaces:
        """The namespaces that there are."""
        own = {name: NamespaceSize() for name in caller.namespaces if is_namespace(name)}
        held = sorted((own | cache.namespaces(caller.may_touch)).items())
        return Namespaces([HeldNamespace(name, size.entries, size.bytes) for name, size in held], list(cache.matches))
