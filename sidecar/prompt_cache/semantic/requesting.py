"""One build for requests that may be said in several: how long, how many, into what unit, for whom."""

from collections.abc import Callable, Sequence

from .languages.base import Words
from .tokens import CONTENT, Token


def _measured(tokens: list[Token], words: Words) -> list[Token]:
    """`a 50-word text about cats` as `a text about cats in 50 words`."""
    at = next((at for at, token in enumerate(tokens) if token.kind == "number"), len(tokens))
    if (
        not (at == 1 or (at < len(tokens) and tokens[at].first))
        or at + 2 >= len(tokens)
        or tokens[at + 1].key not in words.measures
        or tokens[at + 2].kind not in CONTENT
    ):
        return tokens
    kind, key = words.operators[words.measured_in]
    length = [Token(kind, key, tokens[at].shown, plain=words.measured_in), *tokens[at : at + 2]]
    rest = [*tokens[:at], _begun(tokens[at + 2]), *tokens[at + 3 :]]
    return [*rest[:-1], *length, rest[-1]] if rest[-1].kind == "quote" else [*rest, *length]


def _measuring(tokens: list[Token], words: Words) -> list[Token]:
    """`summarize it as 3 sentences` as `summarize it in 3 sentences`."""
    at = next((at for at, token in enumerate(tokens) if token.kind == "number" and at > 1), 0)
    if not at or at + 1 == len(tokens) or tokens[at + 1].key not in words.measures:
        return tokens
    if tokens[at - 1].plain not in words.measuring or any(token.kind != "quote" for token in tokens[at + 2 :]):
        return tokens
    kind, key = words.operators[words.measured_in]
    return [*tokens[: at - 1], Token(kind, key, tokens[at - 1].shown, plain=words.measured_in), *tokens[at:]]


def _begun(token: Token) -> Token:
    return Token(token.kind, token.key, token.shown, first=True, plain=token.plain)


def _summed(tokens: list[Token], words: Words) -> list[Token]:
    """`give me a summary of it` as `summarize it`."""
    if len(tokens) < 4 or tokens[1].key not in words.summary or tokens[2].plain not in words.owners:
        return tokens
    return [tokens[1], *tokens[3:]] if tokens[0].key in ("<want>", "<give>", words.write) else tokens


def _converted(tokens: list[Token], words: Words) -> list[Token]:
    """`how many miles are in 2 km`, `what is 2 km in miles`, `2 km in miles` as `convert 2 km to miles`."""
    if not words.conversion:
        return tokens
    convert, to, into = words.conversion
    asked = tokens[0].key if tokens and tokens[0].kind == "question" else ""
    rest = tokens[1:] if asked else tokens
    if asked == "<how-many>":
        rest = [token for token in rest if token.plain != into][::-1]
    elif len(rest) == 3 and asked in ("", "<what>", "<how-much>") and rest[1].plain in (to, into):
        rest = [rest[0], rest[2]]
    if len(rest) != 2 or rest[0].kind != "number" or " " not in rest[0].key or rest[1].plain not in words.units:
        return tokens
    shown = rest[1].shown
    return [Token("word", words.key(convert), tokens[0].shown), rest[0], Token(*words.operators[to], shown), rest[1]]


def _counted(tokens: list[Token], words: Words) -> list[Token]:
    """`suggest 5 books` as `give me 5 books`, `give me party ideas` as `I want party ideas`."""
    wanted = bool(tokens) and (tokens[0].key in words.giving or tokens[0].key in ("<want>", "<give>"))
    behind = 1 if wanted else 2 if len(tokens) > 2 and tokens[0].key == "i" and tokens[1].key in words.needing else 0
    if not behind or len(tokens) <= behind:
        return tokens
    if wanted and tokens[1].kind == "number":
        return [Token("question", "<give>", tokens[0].shown), *tokens[1:]]
    things = tokens[behind : end_of(tokens, behind)]
    if tokens[0].key != "<give>" and any(token.plain in words.ideas for token in things):
        return [Token("question", "<want>", tokens[0].shown), *tokens[behind:]]
    return tokens


def _explained(tokens: list[Token], words: Words) -> list[Token]:
    """`explain it to a child` as `explain it for a child`."""
    if len(tokens) < 4 or tokens[0].key != "<about>" or not words.explaining or tokens[-1].key not in words.form:
        return tokens
    to, for_ = words.explaining
    if tokens[-2].plain != to:
        return tokens
    return [*tokens[:-2], Token(*words.operators[for_], tokens[-2].shown, plain=for_), tokens[-1]]


def end_of(tokens: list[Token], at: int) -> int:
    end = at
    while end < len(tokens) and tokens[end].kind in CONTENT and (end == at or not tokens[end].first):
        end += 1
    return end


REQUESTS: Sequence[Callable[[list[Token], Words], list[Token]]] = (
    _measuring,
    _measured,
    _converted,
    _counted,
    _explained,
    _summed,
)
"""In the order in which they are tried."""
