"""What the forms of an English word have in common."""

import re
from functools import lru_cache

from wordfreq import get_frequency_dict

from ..base import lines

_IRREGULAR = """
be was were been
have had
do did done
go went gone
get got gotten
make made
take took taken
use used
give gave given
see saw seen
find found
know knew known
think thought
tell told
say said
write wrote written
read
send sent
buy bought
sell sold
pay paid
lose lost
win won
begin began begun
break broke broken
bring brought
build built
choose chose chosen
come came
forget forgot forgotten
hold held
keep kept
leave left
lend lent
let
mean meant
meet met
put
run ran
set
shut
speak spoke spoken
spend spent
steal stole stolen
teach taught
understand understood
wear wore worn
draw drew drawn
drive drove driven
eat ate eaten
fall fell fallen
feel felt
grow grew grown
hear heard
hide hid hidden
learn learnt
sleep slept
stand stood
throw threw thrown
catch caught
become became
drink drank drunk
fly flew flown
show shown
rise rose risen
freeze froze frozen
wake woke woken
bite bit bitten
blow blew blown
ring rang rung
sing sang sung
swim swam swum
shake shook shaken
sink sank sunk
swear swore sworn
sweep swept
tear tore torn
forbid forbade forbidden
forgive forgave forgiven
overcome overcame
undo undid undone
redo redid redone
rebuild rebuilt
resend resent
rewrite rewrote rewritten
withdraw withdrew withdrawn
repay repaid
shoot shot
seek sought
fight fought
feed fed
lead led
lay laid
dig dug
hang hung
stick stuck
sew sewed sewn
bend bent
dream dreamt
burn burnt
"""
_PLURALS = """
child children
man men
woman women
person people persons
foot feet
tooth teeth
mouse mice
criterion criteria
datum data
index indices indexes
analysis analyses
half halves
life lives
knife knives
wife wives
shelf shelves
"""
_BRITISH = re.compile("([iy])s(e|es|ed|ing|ation|ations|er|ers)$")
_PAST = {form: first for first, *others in lines(_IRREGULAR) for form in others}
_ODD = {form: first for first, *others in lines(_PLURALS) for form in others} | _PAST
_WHOLE = frozenset(
    "evening morning marketing nothing something anything everything wedding ceiling during news always perhaps business address"
    " process access need speed feed seed indeed hundred species series this its was has does plus bus gas status virus basis"
    " analysis canvas bonus campus census focus lens thus less unless across us is as yes red bed led shed sacred kindred"
    " glasses means booking customs goods savings arms contents earnings headquarters terms manners premises stairs clothes remains odds"
    " grounds".split()
)


@lru_cache(4096)
def stem(word: str) -> str:
    """The word without its inflection. Derivation stays, so that an employer is no employee, and an organ no organization."""
    if word in _ODD:
        return _ODD[word]
    if len(word) < 4 or word in _WHOLE or not word.isascii():
        return word
    word = _american(word)
    if word.endswith("ing"):
        return _bare(word, word[:-3])
    if word.endswith("ied"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith("ed") and not word.endswith("eed"):
        return _bare(word, word[:-2])
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _american(word: str) -> str:
    """`amortisation` as `amortization`, `labour` as `labor`: where that is a word."""
    if len(word) > 6 and (other := _BRITISH.sub(r"\1z\2", word)) != word and other in get_frequency_dict("en", "small"):
        return other
    if (
        len(word) > 5
        and (other := re.sub("our(s?)$", r"or\1", word)) != word
        and other in get_frequency_dict("en", "small")
    ):
        return other
    return word


def _bare(word: str, base: str) -> str:
    """Of the words that may have had this ending the one that people use."""
    if not any(vowel in base for vowel in "aeiouy") or len(base) < 2:
        return word
    known = get_frequency_dict("en", "small")
    candidates = [base, base + "e"]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls":
        candidates = [base[:-1]]
    elif len(base) > 3 and base[-1] == base[-2]:
        candidates.append(base[:-1])
    best = max(candidates, key=lambda candidate: known.get(candidate, 0.0))
    return best if known.get(best, 0.0) * 100 > known.get(word, 0.0) else word


def past(word: str) -> bool:
    return (word in _PAST) or (word.endswith("ed") and stem(word) != word)
