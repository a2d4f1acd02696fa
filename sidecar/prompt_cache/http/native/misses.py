"""What is missed again and again, why, and what would pay."""

import time
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, structs

from ...core.cache import PromptCache
from ...core.entry import Source
from ...core.missed.look_alikes import Kind
from ...core.missed.paying import NearMiss
from ...core.missed.questions import Explained, Opportunities
from ...core.missed.record import Closest
from ...core.missed.replaying import Gain
from ...core.missed.why import Nearest
from ...values.names import DEFAULT_NAMESPACE, Namespace
from ..api import Api
from ..auth import Caller
from ..failures import bad_request
from .fields import time_of
from .stats import Moment, moment

_CURSOR = {"format": "cursor"}


class MissesQuery(Struct, forbid_unknown_fields=True):
    """Which missed questions to list."""

    namespace: Namespace = DEFAULT_NAMESPACE
    since: Moment | None = None
    cursor: (
        Annotated[str, Meta(max_length=1024, description="The `next_cursor` of a page.", extra_json_schema=_CURSOR)]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class MissedQuestion(Struct, kw_only=True):
    """A question that was missed within 30 days. Money in US dollars."""

    key: str
    namespace: str
    model: str | None
    source: Source
    first: datetime
    last: datetime
    times: int
    reason: str
    """Why most often."""
    reasons: dict[str, int]
    refused: dict[str, int]
    answers: int
    cost_usd: float
    unpriced: int
    input_tokens: int
    nearest: Nearest | None
    closest: Closest | None
    request: Raw | None
    """The canonical request; null where prompts are not kept, or it is too long."""


class MissedPage(Struct):
    """Missed questions, the latest first; `next_cursor` is null on the last page alone."""

    items: list[MissedQuestion]
    next_cursor: str | None


class OpportunitiesQuery(Struct, forbid_unknown_fields=True):
    """Of which namespace; and a threshold of semantic matching to try."""

    namespace: Namespace = DEFAULT_NAMESPACE
    threshold: Annotated[str, Meta(pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$(?!\n)")] | None = None


class Spared(Struct):
    """Calls that would not have been paid for, at least: of what was seen between two times."""

    hits: int
    cost_usd: float
    unpriced: int
    since: datetime | None
    until: datetime | None


class MaskFound(Struct):
    """A mask; one without a pattern is there already."""

    name: str
    pattern: str | None
    kind: Kind
    examples: list[str]


class MaskProposal(Struct):
    """Masks that make look-alike questions one."""

    masks: list[MaskFound]
    mask_system: bool
    normalize: list[str]
    questions: int
    caution: bool
    same_answers: int
    compared_answers: int
    also: int
    saved: Spared
    keys: list[str]
    yaml: str


class LifeChoice(Struct):
    """A longer life, in seconds."""

    ttl: float
    saved: Spared
    yaml: str


class LifeProposal(Struct):
    """Answers that are asked for again after they have ended; `proposed` is the place of a choice."""

    model: str | None
    ttl: float
    questions: int
    choices: list[LifeChoice]
    proposed: int


class UnansweredQuestion(Struct):
    """A question that is paid for each time, and why."""

    key: str
    model: str | None
    times: int
    why: str
    cost_usd: float
    yaml: str | None


class IdleAnswers(Struct):
    """Answers that nobody asked for since they were stored, more than a day ago."""

    entries: int
    more: bool
    held: int
    bytes: int
    yaml: str | None


class NearMissed(Struct):
    """A missed question, and the most similar one that had an answer."""

    key: str
    closest: Closest
    cost_usd: float | None


class ThresholdTried(Struct):
    """What a threshold would serve of the near misses that were seen."""

    threshold: float
    served: int
    refused: int
    cost_usd: float
    unpriced: int
    yaml: str


class SemanticProposal(Struct):
    """Near misses, where semantic matching is on."""

    threshold: float
    near: list[NearMissed]
    tried: ThresholdTried


class OpportunitiesFound(Struct):
    """What would pay in a namespace, by what was missed there within 30 days."""

    namespace: str
    questions: int
    more: bool
    since: datetime | None
    masks: list[MaskProposal]
    lives: list[LifeProposal]
    unanswered: list[UnansweredQuestion]
    idle: IdleAnswers | None
    semantic: SemanticProposal | None


def routes(api: Api, cache: PromptCache) -> None:
    @api.route(
        "GET",
        "/v1/misses",
        role="reader",
        query=MissesQuery,
        returns=MissedPage,
        fails=(400, 403),
        links={"misses": {"cursor": "/next_cursor"}},
    )
    def misses(caller: Caller, query: MissesQuery) -> MissedPage:
        """What was missed in a namespace within 30 days, the latest first, and why."""
        caller.require_namespaces((query.namespace,))
        since = moment("since", query.since, time.time())
        try:
            items, cursor = cache.missed.page(query.namespace, since=since, limit=query.limit, cursor=query.cursor)
        except ValueError as error:
            bad_request(("cursor",), str(error))
        return MissedPage([_missed(each) for each in items], cursor)

    @api.route(
        "GET",
        "/v1/opportunities",
        role="reader",
        query=OpportunitiesQuery,
        returns=OpportunitiesFound,
        fails=(400, 403),
    )
    def opportunities(caller: Caller, query: OpportunitiesQuery) -> OpportunitiesFound:
        """What would pay in a namespace: masks, longer lives, answers that are never stored, another threshold."""
        caller.require_namespaces((query.namespace,))
        found = cache.missed.opportunities(query.namespace)
        threshold = found.threshold if query.threshold is None else float(query.threshold)
        return OpportunitiesFound(
            namespace=found.namespace,
            questions=found.questions,
            more=found.more,
            since=None if found.since is None else time_of(found.since),
            masks=[MaskProposal(**_fields(each, MaskProposal), saved=_spared(each.gain)) for each in found.masks],
            lives=[
                LifeProposal(
                    each.model,
                    each.ttl,
                    each.questions,
                    [LifeChoice(choice.ttl, _spared(choice.gain), choice.yaml) for choice in each.choices],
                    each.proposed,
                )
                for each in found.lives
            ],
            unanswered=[
                UnansweredQuestion(each.missed.key, each.missed.model, each.times, each.why, each.cost_usd, each.yaml)
                for each in found.unanswered
            ],
            idle=None if found.idle is None else IdleAnswers(**structs.asdict(found.idle)),
            semantic=_semantic(cache, found, threshold),
        )


def _missed(explained: Explained) -> MissedQuestion:
    missed = explained.missed
    return MissedQuestion(
        **_fields(missed, MissedQuestion, ("first", "last", "request")),
        first=time_of(missed.first),
        last=time_of(missed.last),
        nearest=explained.nearest,
        request=None if missed.request is None else Raw(missed.request),
    )


def _semantic(cache: PromptCache, found: Opportunities, threshold: float | None) -> SemanticProposal | None:
    if found.threshold is None or threshold is None:
        return None
    tried = cache.missed.served_from(found, threshold)
    return SemanticProposal(
        found.threshold, [_near(each) for each in found.near], ThresholdTried(**structs.asdict(tried))
    )


def _near(near: NearMiss) -> NearMissed:
    return NearMissed(near.missed.key, near.closest, near.cost_usd)


def _spared(gain: Gain) -> Spared:
    since, until = (None if each is None else time_of(each) for each in (gain.since, gain.until))
    return Spared(gain.hits, gain.cost_usd, gain.unpriced, since, until)


def _fields(value: Struct, type_: type[Struct], but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Those that both have."""
    names = [name for name in type_.__struct_fields__ if name not in but and hasattr(value, name)]
    return {name: getattr(value, name) for name in names}
