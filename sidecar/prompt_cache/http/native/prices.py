"""What models cost, as far as they were asked: so that those without a price can be given one."""

import time

from msgspec import Struct

from ...core.cache import PromptCache
from ...savings.currency import Currency
from ...savings.seen import SeenModel, snippet, unpriced
from ...values.names import Namespace
from ..api import Api
from ..auth import Caller
from .stats import Moment, moment


class PricesQuery(Struct, forbid_unknown_fields=True):
    """Which calls and hits are counted."""

    namespace: Namespace | None = None
    since: Moment = "30d"


class Prices(Struct):
    """The models that were asked, those without a price first."""

    models: list[SeenModel]
    unpriced: list[str]
    """Names of models that have no price, and can be given one."""
    yaml: str | None
    """Settings that give them one, once `FILL_IN` is a number; null where all have one."""
    currency: Currency


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/v1/prices", role="reader", query=PricesQuery, returns=Prices, fails=(400, 403))
    def prices(caller: Caller, query: PricesQuery) -> Prices:
        """Which price applies to each model that was asked, and which models have none."""
        if query.namespace is not None:
            caller.require_namespaces((query.namespace,))

        def counted(namespace: str) -> bool:
            return caller.may_touch(namespace) and query.namespace in (None, namespace)

        models = cache.seen_models(counted, moment("since", query.since, time.time()))
        without = unpriced(models)
        return Prices(models, [each.model for each in without], snippet(without), cache.currency)
