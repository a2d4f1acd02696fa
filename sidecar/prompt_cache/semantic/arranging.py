"""One order for what may be said in several: where a phrase stands that may stand in front, and whose a thing is."""

from collections.abc import Sequence

from .languages.base import Language, Words
from .tokens import PAST, Token

_TIMES = frozenset(("<past>", "<future>"))
_CONTENT = frozenset(("word", "name", "identifier", "quote", "link", "number", "date"))


def arrange(tokens: Sequence[Token], language: Language) -> tuple[Token, ...]:
    """The tokens of each sentence in one order, without its commas."""
    arranged: list[Token] = []
    sentence: list[Token] = []
    for token in (*tokens, Token("break", "", "")):
        if token.kind == "break":
            arranged += _sentence(sentence, language.words)
            sentence = []
        else:
            sentence.append(token)
    return tuple(arranged)


def _sentence(tokens: list[Token], words: Words) -> list[Token]:
    tokens = _active([token for token in _fronted(tokens, words) if token.kind != "comma"])
    if tokens and tokens[0].key == "<what>" and len(tokens) > 2 and tokens[-1].base in words.meaning:
        tokens.pop()
    tokens = _priced(_past_first(tokens), words)
    if any(token.base in words.adverbs for token in tokens):
        tokens.sort(key=lambda token: token.base in words.adverbs)
    if any(token.key in words.both_ways for token in tokens):
        tokens = _symmetric(tokens, words)
    return _owned(tokens, words)


def _fronted(tokens: list[Token], words: Words) -> list[Token]:
    """`In Python, how do I sort` as `how do I sort in Python`."""
    if not tokens or not (words.begins_clause(tokens[0].plain) or tokens[0].kind == "date"):
        return tokens
    for at, token in enumerate(tokens):
        if at and (token.kind == "comma" or token.kind == "question"):
            rest = tokens[at + 1 :] if token.kind == "comma" else tokens[at:]
            return [*rest, *tokens[:at]] if rest else tokens
    return tokens


def _active(tokens: list[Token]) -> list[Token]:
    """`how is it made` as `how make it`."""
    at = next((at for at, token in enumerate(tokens) if token.key == "<be>"), None)
    if at is None:
        return tokens
    end = _behind(tokens, at + 1)
    thing, rest = tokens[at + 1 : end], tokens[end:]
    if len(thing) > 1 and thing[-1].key.endswith(PAST) and not any(token.key.endswith(PAST) for token in thing[:-1]):
        done = thing[-1]
        verb = Token(done.kind, done.base, done.shown, done.first, done.plain)
        return [*tokens[:at], verb, *thing[:-1], *rest]
    return [*tokens[:at], *tokens[at + 1 :]]


def _past_first(tokens: list[Token]) -> list[Token]:
    """`why has it been` as `why it has been`: an auxiliary of time right behind the kind of question."""
    if not tokens or tokens[0].kind != "question":
        return tokens
    times = [token for token in tokens if token.key in _TIMES]
    return [tokens[0], *times, *(token for token in tokens[1:] if token.key not in _TIMES)] if times else tokens


def _priced(tokens: list[Token], words: Words) -> list[Token]:
    """`how much does it cost` as `what is its price`."""
    if not tokens or tokens[0].key != "<how-much>" or not words.price:
        return tokens
    asked = tokens[0]
    rest = [token for token in tokens[1:] if token.base not in words.price]
    return [Token("question", "<what>", asked.shown), *rest, Token("word", min(words.price), asked.shown)]


def _symmetric(tokens: list[Token], words: Words) -> list[Token]:
    """`between B and A` as `between A and B`."""
    joints = [at for at, token in enumerate(tokens) if token.plain in words.ands]
    if len(joints) != 1:
        return tokens
    joint = joints[0]
    start, end = _before(tokens, joint, words), _behind(tokens, joint + 1)
    left, right = tokens[start:joint], tokens[joint + 1 : end]
    if left and right and [token.key for token in right] < [token.key for token in left]:
        return [*tokens[:start], *right, tokens[joint], *left, *tokens[end:]]
    return tokens


def _owned(tokens: list[Token], words: Words) -> list[Token]:
    """`capital of France` as `France capital`, from the last to the first."""
    at = len(tokens)
    while at > 1:
        at -= 1
        word = tokens[at].plain
        if word not in words.owners and not (word in words.loose_owners and tokens[at - 1].key in words.owned):
            continue
        start, end = _before(tokens, at, words), _behind(tokens, at + 1)
        if start < at and at + 1 < end and tokens[end - 1].kind != "person":
            tokens = [*tokens[:start], *tokens[at + 1 : end], *tokens[start:at], *tokens[end:]]
            at = start + 1
    return tokens


def _before(tokens: list[Token], at: int, words: Words) -> int:
    """Where the thing begins that ends here: behind a small word, or a verb that requests begin with."""
    start = at
    while start and tokens[start - 1].kind in _CONTENT and tokens[start - 1].key not in words.actions:
        start -= 1
        if tokens[start].first:
            break
    return start


def _behind(tokens: list[Token], at: int) -> int:
    """Where the thing ends that begins here."""
    end = at
    while end < len(tokens) and (tokens[end].kind in _CONTENT or (end == at and tokens[end].kind == "person")):
        if end > at and tokens[end].first and tokens[end - 1].kind != "person":
            break
        if end > at and tokens[end].key.endswith(PAST):
            break
        end += 1
    return end
