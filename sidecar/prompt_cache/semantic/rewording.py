"""One build for what may be said in several: who may do what, what there is, what contains what."""

from collections.abc import Callable, Sequence

from .languages.base import Words
from .tokens import CONTENT, PAST, Token

_DEEDS = frozenset(("<how>", "<when>", "<where>", "<how-often>", "<what-time>", "<how-long>"))


def reworded(tokens: list[Token], words: Words) -> list[Token]:
    """The tokens of a sentence whose commas are gone, in the build that the other builds of it are read as."""
    for build in (*_BUILDS, *(_ASKED if tokens and tokens[0].key == "<whether>" else ())):
        tokens = build(tokens, words)
    return tokens


def undone(token: Token) -> Token:
    return Token(token.kind, token.base, token.shown, token.first, token.plain)


def _permitted(tokens: list[Token], words: Words) -> list[Token]:
    """`are guests allowed to park` as `can guests park`, `are dogs allowed inside` as `can I bring dogs inside`."""
    at = _behind_thing(tokens)
    if not at or tokens[at].base not in words.permitted:
        return tokens
    rest, shown = tokens[at + 1 :], tokens[at].shown
    if rest and rest[0].plain in words.infinitive:
        return [tokens[0], Token(*words.operators[words.can], shown, plain=words.can), *tokens[2:at], *rest[1:]]
    if rest and rest[0].kind != "place":
        return tokens
    deed = words.is_gerund(tokens[2].plain)
    bring = [] if deed else [Token("word", words.bring, shown)]
    return [Token("question", "<can>", shown), *bring, *tokens[2:at], *rest]


def _included(tokens: list[Token], words: Words) -> list[Token]:
    """`is breakfast included in the price` as `does the price include breakfast`."""
    at = _behind_thing(tokens)
    if not at or tokens[at].base not in words.including or at + 2 >= len(tokens):
        return tokens
    if tokens[at + 1].plain not in words.included_in:
        return tokens
    end = _end(tokens, at + 2)
    if end == at + 2:
        return tokens
    return [tokens[0], *tokens[at + 2 : end], undone(tokens[at]), *tokens[2:at], *tokens[end:]]


def _available(tokens: list[Token], words: Words) -> list[Token]:
    """`is parking available at the hotel`, `is there parking available` as `is there parking`."""
    at = next((at for at, token in enumerate(tokens) if token.base in words.available), 0)
    if at < 3 or any(token.kind != "word" for token in tokens[2:at]):
        return tokens
    if tokens[1].key == words.exist:
        return [*tokens[:at], *tokens[at + 1 :]]
    if tokens[1].key == "<be>" and not tokens[2].first:
        return [tokens[0], Token("word", words.exist, tokens[at].shown), *tokens[2:at], *tokens[at + 1 :]]
    return tokens


def _judged(tokens: list[Token], words: Words) -> list[Token]:
    """`is mixing paints dangerous` as `is it dangerous to mix paints`, without the `to`."""
    if len(tokens) < 4 or tokens[1].key != "<be>":
        return tokens
    if tokens[2].key in words.judged and tokens[3].plain in words.infinitive:
        return [tokens[0], tokens[2], *tokens[4:]]
    if tokens[-1].key in words.judged and words.is_gerund(tokens[2].plain) and not tokens[2].first:
        return [tokens[0], tokens[-1], *tokens[2:-1]]
    return tokens


def _done_to(tokens: list[Token], _: Words) -> list[Token]:
    """`how often must a plant be watered` as `how often water a plant`."""
    at = next((at for at, token in enumerate(tokens) if token.key == "<be>"), 0)
    if at < 3 or at + 1 == len(tokens) or tokens[at - 1].kind != "modality" or tokens[0].key not in _DEEDS:
        return tokens
    if not tokens[at + 1].key.endswith(PAST) or any(token.kind not in CONTENT for token in tokens[1 : at - 1]):
        return tokens
    must = [] if tokens[0].key in ("<how>", "<how-often>") else [tokens[at - 1]]
    return [tokens[0], *must, undone(tokens[at + 1]), *tokens[1 : at - 1], *tokens[at + 2 :]]


def _advised(tokens: list[Token], words: Words) -> list[Token]:
    """`what size should I buy`, `how many do I have to buy` as `what size do I buy`, `how many do I buy`."""
    if not tokens or tokens[0].key not in ("<what>", "<how-many>", "<how>"):
        return tokens
    advised = words.advised if tokens[0].key == "<what>" else words.advised | words.obliged  # what I need to do a thing
    at = next((at for at, token in enumerate(tokens) if token.key in advised), 0)
    before, behind = tokens[1:at], tokens[at + 1 : at + 2]
    if before and before[-1].key == "i":
        before.pop()
    elif not behind or behind[0].key != "i":
        return tokens
    if not before or any(it.kind not in CONTENT for it in before):
        return tokens
    return [*tokens[:at], *tokens[at + 1 :]]


def _each(tokens: list[Token], words: Words) -> list[Token]:
    """`how much should I drink a day` as `how much should I drink per day`."""
    if len(tokens) < 4 or tokens[0].key not in ("<how-many>", "<how-much>") or not words.each:
        return tokens
    if tokens[-1].first and tokens[-1].plain in words.units and tokens[-2].kind == "word":
        return [*tokens[:-1], Token(*words.operators[words.each], tokens[-1].shown, plain=words.each), tokens[-1]]
    return tokens


def _responsible(tokens: list[Token], words: Words) -> list[Token]:
    """`who is responsible for approving it` as `who approves it`."""
    if len(tokens) > 3 and tokens[0].key == "<who>" and tokens[1].key in words.responsible:
        end = 2 + (tokens[2].kind == "place")
        if end < len(tokens) and words.is_gerund(tokens[end].plain) and not tokens[end].first:
            return [tokens[0], *tokens[end:]]
    return tokens


def _after_it(tokens: list[Token], words: Words) -> list[Token]:
    """`after I have booked` as `after booking`."""
    for at, token in enumerate(tokens):
        if token.plain in words.afterwards and at + 2 < len(tokens) and tokens[at + 1].key == "i":
            done = at + 2 + (tokens[at + 2].key in ("<perfect>", "<past>"))
            if done < len(tokens) and tokens[done].key.endswith(PAST):
                return [*tokens[: at + 1], undone(tokens[done]), *tokens[done + 1 :]]
    return tokens


def _behind_thing(tokens: list[Token]) -> int:
    """Where what is done to it stands, behind `<whether> <be>` and a thing; 0 where it does not."""
    if len(tokens) < 4 or tokens[1].key != "<be>":
        return 0
    at = next((at for at, token in enumerate(tokens) if token.key.endswith(PAST)), 0)
    return at if at > 2 and all(token.kind in CONTENT for token in tokens[2:at]) else 0


def _end(tokens: list[Token], at: int) -> int:
    end = at
    while end < len(tokens) and tokens[end].kind in CONTENT and (end == at or not tokens[end].first):
        end += 1
    return end


_BUILDS: Sequence[Callable[[list[Token], Words], list[Token]]] = (_after_it, _done_to, _advised, _each, _responsible)
_ASKED: Sequence[Callable[[list[Token], Words], list[Token]]] = (_permitted, _included, _available, _judged)
