"""Verbs whose particle may stand behind their object: `turn the light off` is `turn off the light`."""

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
_ALL = frozenset().union(*_PARTICLES.values())


def together(words: list[str]) -> list[tuple[str, int]]:
    """The words in order with their places, a particle right behind its verb."""
    order = list(range(len(words)))
    for at, word in enumerate(words):
        if word in _ALL and (at + 1 == len(words) or words[at + 1] in _ENDS or words[at + 1] in _BEHIND):
            verb = _verb(words, at)
            if verb is not None:
                order.remove(at)
                order.insert(order.index(verb) + 1, at)
    return [(words[at], at) for at in order if words[at] != "?" or at + 1 < len(words)]


def _verb(words: list[str], particle: int) -> int | None:
    for at in range(particle - 2, max(particle - 1 - _FARTHEST, -1), -1):
        if words[at + 1] in _NEVER_BETWEEN:
            return None
        if words[particle] in _PARTICLES.get(stem(words[at]), ()) and words[at + 1] in _THING:
            return at
    return None
