"""What would pay: proposals with what each would have saved, and the settings to paste."""

import time
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ...core.errors import UnknownKey
from ...core.missed.paying import Lives, NearMiss, Served, Unanswered
from ...core.missed.proposing import Proposal
from ...core.missed.questions import Opportunities
from .found import question_of
from .missed_words import guard_of, kind_of, refusal_of
from .pages import Site, Visit
from .readable import shown
from .reader import N_

_NAMESPACES = 12
"""Whose proposals are shown together."""
_SECONDS = 3.0
"""For which namespaces are looked at, one after the other."""
_NEAR = 20
_EXCERPT = 120


class MaskCard(Struct, frozen=True):
    proposal: Proposal
    kinds: str
    yaml: str
    """The id of what is copied."""


class LifeCard(Struct, frozen=True):
    lives: Lives
    yaml: str


class Question(Struct, frozen=True):
    """One that is paid for each time."""

    unanswered: Unanswered
    text: str
    why: str
    link: str
    yaml: str


class Pair(Struct, frozen=True):
    """A near miss."""

    near: NearMiss
    text: str
    other: str
    """The question that it is like; empty where its answer is gone, or prompts are not kept."""
    refused: str
    """What refuses it, whatever the threshold."""
    link: str


class Slider(Struct, frozen=True):
    """What another threshold would change in a namespace."""

    namespace: str
    threshold: float
    tried: Served
    least: float
    pairs: list[Pair]
    """Those to be seen."""
    points: list[NearMiss]
    """All of them: a script tries thresholds on them."""
    yaml: str


def routes(site: Site) -> None:
    @site.page("/opportunities", nav=N_("What would pay"))
    def opportunities(visit: Visit) -> str:
        known = site.cache.missed.namespaces(visit.caller.may_touch)
        chosen = [name for name in known if visit.selection.namespace in (None, name)]
        found = list(_of_some(site, chosen[:_NAMESPACES]))
        return visit.render(
            "opportunities.html",
            namespaces=known,
            left_out=len(chosen) - len(found),
            questions=sum(each.questions for each in found),
            since=min((each.since for each in found if each.since is not None), default=None),
            now=time.time(),
            masks=_masks(visit, found),
            lives=_lives(found),
            unanswered=_unanswered(visit, found),
            idle=[(each.namespace, each.idle) for each in found if each.idle],
            sliders=[slider for each in found if (slider := _slider(visit, each))],
            keeps_prompts=site.cache.keeps_prompts,
        )


def _of_some(site: Site, namespaces: Sequence[str]) -> Iterator[Opportunities]:
    """Of as many as can be worked out soon, and of one at least."""
    end = time.monotonic() + _SECONDS
    for name in namespaces:
        yield site.cache.missed.opportunities(name, together=len(namespaces))
        if time.monotonic() > end:
            return


def _masks(visit: Visit, found: Sequence[Opportunities]) -> list[MaskCard]:
    proposals = [proposal for each in found for proposal in each.masks]
    proposals.sort(key=lambda each: (each.caution, -each.gain.cost_usd, -each.gain.hits, -each.questions))
    return [
        MaskCard(each, kind_of(visit, (mask.kind for mask in each.masks)), f"mask-{at}")
        for at, each in enumerate(proposals)
    ]


def _lives(found: Sequence[Opportunities]) -> list[LifeCard]:
    lives = [each for one in found for each in one.lives]
    lives.sort(key=lambda each: -each.choices[each.proposed].gain.cost_usd)
    return [LifeCard(each, f"life-{at}") for at, each in enumerate(lives)]


def _unanswered(visit: Visit, found: Sequence[Opportunities]) -> list[Question]:
    some = sorted((each for one in found for each in one.unanswered), key=lambda each: (-each.cost_usd, -each.times))
    return [
        Question(
            each,
            _excerpt(each.missed.question),
            refusal_of(visit, each.why),
            visit.selection.link(f"/misses/{each.missed.key}"),
            f"unanswered-{at}",
        )
        for at, each in enumerate(some)
    ]


def _slider(visit: Visit, found: Opportunities) -> Slider | None:
    if found.threshold is None:
        return None
    threshold = _threshold(visit.arguments.get("threshold"), found.threshold)
    pairs = [
        Pair(
            near,
            _excerpt(near.missed.question),
            _answered(visit, near.closest.key),
            guard_of(visit, near.closest.refused) if near.closest.refused else "",
            visit.selection.link(f"/misses/{near.missed.key}"),
        )
        for near in found.near[:_NEAR]
    ]
    return Slider(
        found.namespace,
        found.threshold,
        visit.cache.missed.served_from(found, threshold),
        max(0.0, round(found.threshold - 0.2, 2)),
        pairs,
        found.near,
        f"threshold-{found.namespace}",
    )


def _answered(visit: Visit, key: str) -> str:
    """The question of a kept answer."""
    try:
        return _excerpt(question_of(visit.cache.entry(key, visit.caller.may_touch)) or "")
    except UnknownKey:
        return ""


def _threshold(given: str | None, now: float) -> float:
    """As the form has it; what cannot be read is as it is now."""
    try:
        value = round(float(given or now), 3)
    except ValueError:
        return now
    return value if 0 <= value <= 1 else now


def _excerpt(text: str) -> str:
    return shown(f"{text[:_EXCERPT]}…" if len(text) > _EXCERPT else text)
