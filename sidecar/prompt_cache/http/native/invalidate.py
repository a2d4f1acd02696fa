"""Take answers out: invalidate, flush, bump."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ...core.cache import PromptCache
from ...core.filters import EntryFilter
from ...keying.request import Request
from ...values.durations import Duration
from ...values.names import DEFAULT_NAMESPACE, Name, Namespace
from ..api import Api, note_outcome
from ..auth import Caller
from .fields import EITHER, Key, Names, seconds_of
from .ways import Way, Ways

_KEY_OR_REQUEST = "give a key or a request, not both"
_OF_A_REQUEST = "belongs to a request; give its `prompt` or `messages` as well"
_FLUSH = 'say what to flush: {"namespace": "..."}, or {"all": true} for everything'


class InvalidateBody(Request, kw_only=True, forbid_unknown_fields=True):
    """What to delete: one entry by key or request, or all that meet the conditions."""

    ways: ClassVar = Ways(
        Way(("prompt",), {"key": _KEY_OR_REQUEST, "messages": EITHER}, {"prompt": "What is the capital of France?"}),
        Way(
            ("messages",),
            {"key": _KEY_OR_REQUEST},
            {"messages": [{"role": "user", "content": "What is the capital of France?"}]},
        ),
        Way(
            ("key", "tags", "model", "attributes", "older_than"),
            dict.fromkeys(
                ("system", "tools", "response_format", "params", "normalize", "any_attributes"), _OF_A_REQUEST
            ),
            {"tags": ["geography"], "older_than": "30d", "dry_run": True},
        ),
        missing=(
            (),
            "say what to invalidate: key, prompt or messages, tags, model, attributes or older_than; "
            "to empty a namespace use /v1/flush",
        ),
    )

    namespace: Namespace | UnsetType = UNSET  # type: ignore[assignment]
    key: Key | None = None
    tags: Names = msgspec.field(default_factory=list)
    older_than: Duration | None = None
    any_attributes: Names = msgspec.field(default_factory=list)
    dry_run: bool = False

    @property
    def within(self) -> str | None:
        """The namespace that is meant; None when it is the key's own."""
        return None if self.key is not None and not self.namespace else self.namespace or DEFAULT_NAMESPACE

    def entry_filter(self) -> EntryFilter:
        """Which entries are meant. Raises InvalidRequest when nothing says which, or not clearly."""
        self.ways.check(self)
        namespace = self.within
        chosen = EntryFilter(
            namespace=namespace, tags=tuple(self.tags), older_than=seconds_of((), "older_than", self.older_than)
        )
        if self.asks:
            named = {name: getattr(self, name) for name in Request.__struct_fields__}
            asked = Request(**(named | {"namespace": namespace}))
            return msgspec.structs.replace(chosen, request=asked, any_attributes=tuple(self.any_attributes))
        return msgspec.structs.replace(chosen, key=self.key, model=self.model, attributes=self.attributes or {})


class Deleted(Struct):
    """How many entries are gone."""

    deleted: int


class Invalidated(Deleted):
    """How many entries are gone, or in a dry run would be."""

    dry_run: bool


class FlushBody(Struct, forbid_unknown_fields=True):
    """One namespace, or all there are. With all, the statistics go too, unless they are to be kept."""

    ways: ClassVar = Ways(
        Way(("all",), {"namespace": _FLUSH}, {"all": True}),
        Way(("namespace",), {}, {"namespace": "support"}),
        missing=(("namespace",), _FLUSH),
    )

    namespace: Namespace | None = None
    all: bool = False
    keep_statistics: bool = False


class BumpBody(Struct, forbid_unknown_fields=True):
    """Names whose dependents are stale from now on."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=100)]
    namespace: Namespace = DEFAULT_NAMESPACE


class Versions(Struct):
    """The numbers these names have now."""

    versions: dict[str, int]


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("POST", "/v1/invalidate", role="writer", body=InvalidateBody, returns=Invalidated, fails=(403,))
    def invalidate(caller: Caller, body: InvalidateBody) -> Invalidated:
        """Delete one entry, or all that meet every condition given."""
        if body.within is not None:
            caller.require_namespaces((body.within,))
        deleted = cache.invalidate(body.entry_filter(), dry_run=body.dry_run, scope=caller.may_touch)
        note_outcome(f"{deleted} deleted")
        return Invalidated(deleted=deleted, dry_run=body.dry_run)

    @api.route("POST", "/v1/flush", role="admin", body=FlushBody, returns=Deleted, fails=(403,))
    def flush(caller: Caller, body: FlushBody) -> Deleted:
        """Empty one namespace, or all and forget their statistics too."""
        body.ways.check(body)
        if body.namespace is not None:
            caller.require_namespaces((body.namespace,))
        deleted = cache.flush(body.namespace, caller.may_touch)
        if body.all and not body.keep_statistics:
            cache.statistics.forget(caller.may_touch)
        note_outcome(f"{deleted} deleted")
        return Deleted(deleted)

    @api.route("POST", "/v1/bump", role="writer", body=BumpBody, returns=Versions, fails=(403,))
    def bump(caller: Caller, body: BumpBody) -> Versions:
        """Make everything that depends on these names stale, at once."""
        caller.require_namespaces((body.namespace,))
        return Versions(cache.bump(body.namespace, body.names))
