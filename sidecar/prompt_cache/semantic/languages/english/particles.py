"""Verbs of two parts, whose object may stand between them: `turn the light off` is `turn off the light`."""

from collections.abc import Callable

from ..base import lines
from .inflection import stem

_PARTICLES = {
    verb: frozenset(particles)
    for verb, *particles in lines("""
turn on off up down back around
switch on off
pay off back
set up
shut down off
back up
fill out in up
pick up
send back out
give back away up
take off out back down
hand in out
look up
cut off out
throw away out
clean up out
speed up
slow down
cool down
warm up
heat up
put off back away on
call back off
bring back along
write down
print out
plug in
sort out
work out
try on out
wake up
lock out
""")
}
_THING = frozenset("the my a an your our this that it them his her these those all".split())
_BEHIND = frozenset(
    "early again automatically when if before after for at during while completely permanently from".split()
)
_ENDS = frozenset(("?", ",", ""))
_NEVER_BETWEEN = frozenset("in on of to for with from at by and or not if when , ?".split()) | {""}
_FARTHEST = 5
"""Words from a particle to its verb."""
_MADE = {
    "faster": "accelerate",
    "quicker": "accelerate",
    "shorter": "shorten",
    "bigger": "enlarge",
    "larger": "enlarge",
    "smaller": "shrink",
    "simpler": "simplify",
}
"""`make the query faster`: what it is to make a thing so."""
_KEPT = frozenset(("keep", "stop", "prevent"))
"""`keep the lid from fogging`: verbs that are one before `from`."""
_ALL = frozenset().union(*_PARTICLES.values())


def together(words: list[str]) -> list[tuple[str, int]]:
    """The words in order with their places, a particle right behind its verb, and `make faster` as one verb."""
    order = list(range(len(words)))
    said: dict[int, str] = {}
    for at, word in enumerate(words):
        if word == "from" and words[at + 1 : at + 2] and words[at + 1].endswith("ing"):
            verb = _verb(words, at, lambda stemmed, _: stemmed in _KEPT, bare=True)
            said |= {} if verb is None else {verb: "prevent"}
        if not (word in _ALL or word in _MADE) or not _closed(words, at):
            continue
        verb = _verb(words, at, lambda stemmed, last: last in _PARTICLES.get(stemmed, ()) or _made(stemmed, last))
        if verb is not None:
            order.remove(at)
            if word in _MADE:
                said[verb] = _MADE[word]
            else:
                order.insert(order.index(verb) + 1, at)
    return [(said.get(at, words[at]), at) for at in order if words[at] != "?" or at + 1 < len(words)]


def _made(verb: str, last: str) -> bool:
    return verb == "make" and last in _MADE


def _closed(words: list[str], at: int) -> bool:
    return at + 1 == len(words) or words[at + 1] in _ENDS or words[at + 1] in _BEHIND


def _verb(words: list[str], last: int, fits: Callable[[str, str], bool], *, bare: bool = False) -> int | None:
    for at in range(last - 2, max(last - 1 - _FARTHEST, -1), -1):
        if words[at + 1] in _NEVER_BETWEEN:
            return None
        if fits(stem(words[at]), words[last]) and (bare or words[at + 1] in _THING):
            return at
    return None
