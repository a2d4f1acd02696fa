"""Proposes masks for look-alikes, and proves each: these questions become one, and which others would."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from time import thread_time
from typing import Any

import msgspec
from msgspec import Struct

from ...keying.keys import Keyer
from ...keying.messages import is_user, speaks, with_texts
from ...keying.normalize import PRESETS, Normalizer, Normalizers
from ..rules import Rules
from .look_alikes import NOISE, LookAlikes, Span, look_alikes, texts_in
from .masks import Mask, mask_of
from .record import Missed
from .replaying import Gain, as_one
from .settings import mask_yaml

_GROUPS = 50
_PROPOSALS = 20
_OTHERS = 200
"""Further questions that are tried, to see what else a mask makes one."""
_OTHERS_BYTES = 1024**2
_SECONDS = 2.0
"""Of a processor, after which no further group is looked at: hostile texts are to keep no thread for long."""
_SHOWN = 8
_AROUND = 400
"""Characters of a text that are shown around what is marked."""


class Piece(Struct, frozen=True):
    """A stretch of a text; what is marked is another each time."""

    text: str
    marked: bool = False


class Proposal(Struct, frozen=True, kw_only=True):
    """Masks that make look-alike questions one. Money in US dollars."""

    namespace: str
    masks: list[Mask]
    mask_system: bool
    """Whether system prompts have to be masked for it, too."""
    normalize: list[str]
    yaml: str
    """To be put into the configuration, beside what is there."""
    questions: int
    """How many become one with another."""
    fewer: int
    """By how many there are fewer then."""
    caution: bool
    """Whether the answer may depend on what is masked."""
    same_answers: int
    """Pairs of answers, in the order of their times, that say the very same..."""
    compared_answers: int
    """...of so many."""
    also: int
    """Other questions that would become one with another as well, of the latest that were tried."""
    gain: Gain
    pieces: list[Piece]
    """The text of one of them, marked."""
    keys: list[str]
    """Some of them, the latest first."""


class Proposing:
    """Finds what changes between the misses of a namespace."""

    def __init__(self, keyer: Keyer, rules: Rules, normalizers: Normalizers) -> None:
        self._keyer = keyer
        self._rules = rules
        self._normalizers = normalizers

    def of(self, namespace: str, missed: Sequence[Missed]) -> list[Proposal]:
        """By what they would have saved, the most first; those to be careful with last."""
        found: list[Proposal] = []
        end = thread_time() + _SECONDS
        for group in islice(look_alikes(missed), _GROUPS):
            found += self._proposals(namespace, group, missed)
            if thread_time() > end:
                break
        found.sort(key=lambda each: (each.caution, -each.gain.cost_usd, -each.gain.hits, -each.questions))
        return found[:_PROPOSALS]

    def _proposals(self, namespace: str, group: LookAlikes, missed: Sequence[Missed]) -> Iterator[Proposal]:
        """One that masks what hardly matters, and one that masks all, where that makes more of them one."""
        noise = [span for span in group.spans if span.kind in NOISE]
        fewer = 0
        for spans in (noise, group.spans):
            proposal = self._proposal(namespace, group, spans, missed) if spans else None
            if proposal and proposal.fewer > fewer:
                fewer = proposal.fewer
                yield proposal
            if len(noise) == len(group.spans):
                return

    def _proposal(
        self, namespace: str, group: LookAlikes, spans: Sequence[Span], missed: Sequence[Missed]
    ) -> Proposal | None:
        masks: list[Mask] = []
        for span in spans:
            mask = mask_of(span, {*self._normalizers.masks, *(each.name for each in masks if each.pattern)})
            if mask is None:
                return None
            if mask not in masks and all(each.pattern is None or each.pattern != mask.pattern for each in masks):
                masks.append(mask)
        system = any(span.system for span in spans)
        own = {each.name: each.pattern for each in masks if each.pattern}
        try:
            normalizer = Normalizers(own)[[f"mask:{each.name}" for each in masks]]
            steps = self._steps(namespace, [f"mask:{each.name}" for each in masks])
        except ValueError:  # too many steps, or a pattern that says nothing
            return None
        digests = [self._masked(request, normalizer, system) for request in group.requests]
        together = _together(group.members, digests, self._today(namespace, group))
        if not together:
            return None
        members = {each.key for some in together for each in some}
        best = max(together, key=len)
        sample = next(at for at, each in enumerate(group.members) if each.key == best[0].key)
        gain = Gain.sum(as_one([each.paid for each in some]) for some in together)
        same, compared = _answers(together)
        return Proposal(
            namespace=namespace,
            masks=masks,
            mask_system=system,
            normalize=steps,
            yaml=mask_yaml(self._rules, namespace, own, steps, system=system),
            questions=len(members),
            fewer=len(members) - len(together),
            caution=any(span.kind not in NOISE for span in spans),
            same_answers=same,
            compared_answers=compared,
            also=self._also(missed, members, set(digests), normalizer, system),
            gain=gain,
            pieces=pieces_of(group, sample, spans),
            keys=[each.key for each in group.members if each.key in members][:_SHOWN],
        )

    def _steps(self, namespace: str, masks: Collection[str]) -> list[str]:
        normalize = self._rules[namespace].normalize
        steps = list(PRESETS.get(normalize, ()) if isinstance(normalize, str) else normalize)
        steps += [each for each in masks if each not in steps]
        if len(steps) > 32:
            raise ValueError("too many steps")
        return steps

    def _today(self, namespace: str, group: LookAlikes) -> list[str]:
        """What each is known by with the masks that are configured: those of the same are one already."""
        rules = self._rules[namespace]
        normalizer = self._normalizers[rules.normalize]
        if not normalizer.masks:
            return [each.key for each in group.members]
        return [self._masked(request, normalizer, rules.mask_system) for request in group.requests]

    def _masked(self, request: Mapping[str, Any], normalizer: Normalizer, system: bool) -> str:
        """What a canonical request is known by when its texts are masked."""

        def change(texts: Sequence[str]) -> list[str]:
            return [normalizer.masked(text) for text in texts]

        return self._keyer.key(
            {
                **request,
                "messages": [
                    with_texts(message, change) if is_user(message) or (system and speaks(message)) else message
                    for message in request["messages"]
                ],
            }
        )

    def _also(
        self, missed: Sequence[Missed], members: Collection[str], own: set[str], normalizer: Normalizer, system: bool
    ) -> int:
        others: dict[str, int] = dict.fromkeys(own, 1)
        alike = {each.templates for each in missed if each.key in members}
        tried = (each for each in missed if each.request and each.templates not in alike)
        left = _OTHERS_BYTES
        for each in islice(tried, _OTHERS):
            left -= len(each.request or b"")
            if left < 0:
                break
            digest = self._masked(msgspec.json.decode(each.request or b"{}"), normalizer, system)
            others[digest] = others.get(digest, 0) + 1
        return sum(count - (digest in own) for digest, count in others.items() if count > 1)


def _together(members: Sequence[Missed], digests: Sequence[str], today: Sequence[str]) -> list[list[Missed]]:
    """Those that become one with another; of those that are one `today` the first alone."""
    groups: dict[str, dict[str, Missed]] = {}
    for each, digest, known in zip(members, digests, today, strict=True):
        groups.setdefault(digest, {}).setdefault(known, each)
    return [list(some.values()) for some in groups.values() if len(some) > 1]


def _answers(together: Iterable[Sequence[Missed]]) -> tuple[int, int]:
    """How many answers say the same as the one before, of another question: of how many."""
    same = compared = 0
    for some in together:
        last = [each.paid[-1].text for each in sorted(some, key=lambda each: each.last) if each.paid]
        same += sum(one == other for one, other in pairwise(last))
        compared += max(0, len(last) - 1)
    return same, compared


def pieces_of(group: LookAlikes, member: int, spans: Sequence[Span]) -> list[Piece]:
    """What a question says, with its spans marked; of long texts what stands around them."""
    pieces: list[Piece] = []
    for at in dict.fromkeys(span.text for span in spans):
        text, upto = group.texts[member][at], 0
        for span in spans:
            if span.text == at:
                start, end = span.places[member]
                pieces += [Piece(_shortened(text[upto:start], upto > 0, True)), Piece(text[start:end], marked=True)]
                upto = end
        pieces.append(Piece(_shortened(text[upto:], True, False)))
    return [piece for piece in pieces if piece.text]


class Said(Struct, frozen=True):
    """A message of a request."""

    role: str
    pieces: list[Piece]


def marked(missed: Missed, others: Iterable[Missed]) -> list[Said]:
    """All that a request says, with what is another in its look-alikes marked."""
    parts = missed.parts
    if parts is None:
        return []
    alike = [each for each in others if each.key != missed.key and _is_alike(missed, each)]
    group = next((each for each in look_alikes([missed, *alike]) if each.members[0].key == missed.key), None)
    spans = group.spans if group else []
    said: list[Said] = []
    at = 0
    for message in parts["messages"]:
        pieces: list[Piece] = []
        for text in texts_in(message):
            mine = [span for span in spans if span.text == at] if speaks(message) else []
            pieces += _cut(text, mine)
            at += speaks(message)
        said.append(Said(str(message.get("role") or message.get("type") or ""), pieces))
    return said


def _is_alike(one: Missed, other: Missed) -> bool:
    return (
        bool(one.templates)
        and bool(other.templates)
        and any(mine == theirs for mine, theirs in zip(one.templates, other.templates, strict=True))
    )


def _cut(text: str, spans: Sequence[Span]) -> list[Piece]:
    """A whole text of the first look-alike in pieces."""
    pieces, upto = [], 0
    for start, end in (span.places[0] for span in spans):
        pieces += [Piece(text[upto:start]), Piece(text[start:end], marked=True)]
        upto = end
    return [piece for piece in [*pieces, Piece(text[upto:])] if piece.text]


def _shortened(text: str, follows: bool, leads: bool) -> str:
    """The ends of a long text that stand beside something marked."""
    half = _AROUND // 2
    if len(text) <= _AROUND:
        return text
    return f"{text[:half] if follows else ''} … {text[-half:] if leads else ''}"
