"""What would pay: longer lives, answers that are never stored, another threshold. Pure: from what was missed alone."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ..policy import MissReason
from ..rules import Rules
from .record import Closest, Missed
from .replaying import Gain, with_life
from .settings import duration, setting_yaml, threshold_yaml, ttl_yaml

_LIVES = (3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0, 30 * 86400.0)
_MOST = 0.8
"""The share of what the longest life would have saved that the proposed one has to reach."""
_UNANSWERED = 20
_NEAR = 500
_PAST = (MissReason.TOO_OLD, MissReason.VERSION_CHANGED)
"""Why a question is asked again although it has an answer."""
TOOL_CALLS = "tool_calls"
"""Why an answer is not stored that calls tools."""


class Unanswered(Struct, frozen=True, kw_only=True):
    """A question that is asked again and again, and paid for each time."""

    missed: Missed
    why: str
    """Why its answers are not stored, or not served: a reason of either; `no_answer` where none came."""
    times: int
    cost_usd: float
    """What its further answers cost, as far as that is known."""
    yaml: str | None
    """What would change that, where it is a setting."""


class Life(Struct, frozen=True, kw_only=True):
    """A longer life of answers."""

    ttl: float
    """Seconds."""
    name: str
    gain: Gain
    yaml: str


class Lives(Struct, frozen=True, kw_only=True):
    """Answers of a namespace, or of the models of one of its rules, that are asked for again after they have ended."""

    namespace: str
    model: str | None
    """The pattern of the rule."""
    ttl: float
    """How long they live now, in seconds."""
    questions: int
    max_ttl: bool
    """Whether the namespace's ceiling has to be raised for the proposed one."""
    choices: list[Life]
    """The shortest first; each saves more than the one before."""
    proposed: int
    """Which of them."""


class NearMiss(Struct, frozen=True, kw_only=True):
    """A question that was missed, with the most similar one that had an answer."""

    missed: Missed
    closest: Closest
    cost_usd: float | None
    """What the cheapest of its answers cost, of those whose price is known."""


class Served(Struct, frozen=True, kw_only=True):
    """What a threshold would change, of the near misses that were seen."""

    threshold: float
    served: int
    refused: int
    """Similar enough, and refused by a guard all the same."""
    cost_usd: float
    unpriced: int
    yaml: str


def unanswered(rules: Rules, some: Iterable[Missed]) -> list[Unanswered]:
    """Those asked most without an answer that could be served, by what they cost and how often they were asked."""
    found = [each for each in map(_unanswered_of, some) if each]
    found.sort(key=lambda each: (-each[2], -each[1], -each[0].input_tokens * each[1]))
    return [
        Unanswered(missed=missed, why=why, times=times, cost_usd=cost, yaml=_setting(rules, missed, why))
        for missed, times, cost, why in found[:_UNANSWERED]
    ]


def _unanswered_of(missed: Missed) -> tuple[Missed, int, float, str] | None:
    if not missed.answers:
        why = max(missed.refused, key=lambda name: missed.refused[name], default="no_answer")
        return (missed, missed.times, 0.0, why) if missed.times > 1 else None
    why = missed.reason
    times = missed.reasons.get(why, 0)
    if why not in _PAST or times < 2:
        return None
    return missed, times, missed.cost_usd * min(times, missed.answers) / max(missed.answers, 1), why


def _setting(rules: Rules, missed: Missed, why: str) -> str | None:
    if why == TOOL_CALLS:
        return setting_yaml(rules, missed.namespace, cache_tool_calls=True)
    lifetime = rules[missed.namespace].lifetime
    rule = lifetime.rule_of(missed.model)
    if why == "ttl_zero" and (lifetime.ttl if rule is None else lifetime.rules[rule].ttl) == 0:
        return ttl_yaml(rules, missed.namespace, rule, 86400.0)
    return None


def lives(rules: Rules, namespace: str, some: Iterable[Missed]) -> list[Lives]:
    """Lives that are shorter than the time between repeats, by what longer ones would have saved."""
    lifetime = rules[namespace].lifetime
    groups: dict[int | None, list[Missed]] = {}
    for each in some:
        if any(paid.again is not None and paid.by_rule for paid in each.paid):
            groups.setdefault(lifetime.rule_of(each.model), []).append(each)
    found = []
    for rule, group in groups.items():
        ttl = lifetime.bounded(lifetime.ttl if rule is None else lifetime.rules[rule].ttl, 0.0)
        choices: list[Life] = []
        for life in _LIVES:
            if ttl is None or not 0 < ttl < life:
                continue
            gain = Gain.sum(with_life(each.paid, life) for each in group)
            if gain.hits > (choices[-1].gain.hits if choices else 0):
                yaml = ttl_yaml(rules, namespace, rule, life)
                choices.append(Life(ttl=life, name=duration(life) or "", gain=gain, yaml=yaml))
        if choices and ttl is not None:
            most = choices[-1].gain
            proposed = next(
                at
                for at, each in enumerate(choices)
                if each.gain.hits >= _MOST * most.hits and each.gain.cost_usd >= _MOST * most.cost_usd
            )
            ceiling = lifetime.max_ttl is not None and lifetime.max_ttl < choices[proposed].ttl
            model = None if rule is None else lifetime.rules[rule].model
            found.append(
                Lives(
                    namespace=namespace,
                    model=model,
                    ttl=ttl,
                    questions=len(group),
                    max_ttl=ceiling,
                    choices=choices,
                    proposed=proposed,
                )
            )
    return sorted(found, key=lambda each: (-each.choices[-1].gain.cost_usd, -each.choices[-1].gain.hits))


def near_misses(some: Iterable[Missed]) -> list[NearMiss]:
    """The most similar first."""
    found = [
        NearMiss(missed=each, closest=each.closest, cost_usd=_cheapest(each))
        for each in some
        if each.closest and each.closest.compared
    ]
    return sorted(found, key=lambda each: -each.closest.similarity)[:_NEAR]


def _cheapest(missed: Missed) -> float | None:
    return min((paid.cost_usd for paid in missed.paid if paid.cost_usd is not None), default=None)


def served_from(rules: Rules, namespace: str, near: Sequence[NearMiss], threshold: float) -> Served:
    """What would have been served, had this been the threshold: each question once, for after that it has an answer.

    A question that would have been served has no answer of its own, by which another one could be.
    """
    similar = [each for each in near if each.closest.similarity >= threshold]
    served: dict[str, float | None] = {}
    for each in sorted(similar, key=lambda each: each.missed.first):
        if each.closest.refused is None and each.closest.key not in served:
            served[each.missed.key] = each.cost_usd
    costs = list(served.values())
    return Served(
        threshold=threshold,
        served=len(served),
        refused=sum(each.closest.refused is not None for each in similar),
        cost_usd=sum(cost for cost in costs if cost is not None),
        unpriced=costs.count(None),
        yaml=threshold_yaml(rules, namespace, threshold),
    )
