"""What may go wrong between a program and its cache."""

from collections.abc import Sequence


class PromptCacheError(Exception):
    """Whatever the cache has against a call; `get_or_call` and the decorators raise it only as NotRecorded, and as
    BudgetExhausted where `within_budget` asks for that."""


class CacheUnavailable(PromptCacheError):
    """The cache is away, too slow, broken, or not a cache at all: call the model as if it were a miss."""


class BadRequest(PromptCacheError):
    """The cache refuses the request: a wrong field, an unknown key, a token that does not allow it."""

    def __init__(
        self,
        detail: str,
        *,
        status: int = 400,
        type: str = "invalid-request",  # noqa: A002 - as in the problem
        errors: Sequence[dict[str, object]] = (),
    ) -> None:
        """`type` is the last word of the problem's type, such as `unauthorized`; `errors` have `loc` and `msg`."""
        super().__init__(detail)
        self.status = status
        self.type = type
        self.errors = list(errors)


class Forbidden(BadRequest):
    """The token's role or namespaces do not allow it."""


class NotRecorded(PromptCacheError):
    """The namespace only replays its cassette, and this request is not in it. The message names the nearest one."""


class BudgetExhausted(PromptCacheError):
    """A budget of the cache is used up, which says that the model is not to be asked. The message names it."""
