"""One build for what may be said in several: who may do what, what there is, what contains what."""

from collections.abc import Callable, Sequence

from .languages.base import Words
from .tokens import AGENT, CONTENT, PAST, Token

_NAMED = CONTENT | {"place"}
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
    deed = len(tokens) > 4 and tokens[1].key == "<be>" and words.is_gerund(tokens[2].plain) and not tokens[2].first
    if deed and tokens[-1].base in words.permitted:
        return [Token("question", "<can>", tokens[-1].shown), *tokens[2:-1]]
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


def _containing(tokens: list[Token], words: Words) -> list[Token]:
    """`what is included in the price` as `what does the price include`."""
    if len(tokens) < 4 or tokens[0].key != "<what>" or not tokens[1].key.endswith(PAST):
        return tokens
    if tokens[1].base not in words.including or tokens[2].plain not in words.included_in:
        return tokens
    end = _end(tokens, 3)
    return [tokens[0], *tokens[3:end], undone(tokens[1]), *tokens[end:]] if end > 3 else tokens


def _dated(tokens: list[Token], words: Words) -> list[Token]:
    """`what is the expiry date of the card` as `when does the card expire`."""
    if len(tokens) < 3 or tokens[0].key != "<when>" or tokens[1].plain not in words.dated:
        return tokens
    end = _end(tokens, 2)
    verb = Token("word", words.key(words.dated[tokens[1].plain]), tokens[1].shown)
    return [tokens[0], *tokens[2:end], verb, *tokens[end:]]


def _available(tokens: list[Token], words: Words) -> list[Token]:
    """`is parking available at the hotel`, `is there parking available` as `is there parking`."""
    at = next((at for at, token in enumerate(tokens) if token.base in words.available), 0)
    if at < 3 or tokens[2].kind != "word" or any(token.kind not in _NAMED for token in tokens[3:at]):
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
    at = next((at for at, token in enumerate(tokens) if token.key in words.possible), 0)
    if at > 2:
        return [Token("question", "<possible>", tokens[at].shown), *tokens[2:at], *tokens[at + 1 :]]
    if tokens[2].key in words.judged and tokens[3].plain in words.infinitive:
        return [tokens[0], tokens[2], *tokens[4:]]
    if tokens[-1].key in words.judged and words.is_gerund(tokens[2].plain) and not tokens[2].first:
        return [tokens[0], tokens[-1], *tokens[2:-1]]
    return tokens


def _done_to(tokens: list[Token], words: Words) -> list[Token]:
    """`how often must a plant be watered` as `how often water a plant`."""
    at = next((at for at, token in enumerate(tokens) if token.key == "<be>"), 0)
    if at == 2 and tokens[0].key == "<how>" and tokens[1].key in words.advised:
        end = _end(tokens, 3)
        if 3 < end < len(tokens) and tokens[end].first and tokens[end].key.endswith(PAST):
            return [tokens[0], undone(tokens[end]), *tokens[3:end], *tokens[end + 1 :]]
    if at < 3 or at + 1 == len(tokens) or tokens[at - 1].kind != "modality" or tokens[0].key not in _DEEDS:
        return tokens
    if not tokens[at + 1].key.endswith(PAST) or any(token.kind not in CONTENT for token in tokens[1 : at - 1]):
        return tokens
    must = [] if tokens[0].key in ("<how>", "<how-often>") else [tokens[at - 1]]
    return [tokens[0], *must, undone(tokens[at + 1]), *tokens[1 : at - 1], *tokens[at + 2 :]]


def _due(tokens: list[Token], words: Words) -> list[Token]:
    """`how often must the filter be cleaned` as `how often clean the filter`."""
    at = next((at for at, token in enumerate(tokens) if token.key.endswith(PAST)), 0)
    if at < 2 or tokens[0].key != "<how-often>" or not tokens[at].first:
        return tokens
    things = tokens[1 + (tokens[1].key in words.obliged) : at]
    if not things or any(token.kind not in CONTENT for token in things):
        return tokens
    return [tokens[0], undone(tokens[at]), *things, *tokens[at + 1 :]]


def _letting(tokens: list[Token], words: Words) -> list[Token]:
    """`does the hotel allow dogs` as `are dogs allowed in the hotel`."""
    at = next((at for at, token in enumerate(tokens) if token.key in words.permitted), 0)
    end = _end(tokens, at + 1)
    if at < 2 or end == at + 1 or end != len(tokens) or any(token.kind not in CONTENT for token in tokens[1:at]):
        return tokens
    shown = tokens[at].shown
    return [
        Token("question", "<can>", shown),
        *([] if words.is_gerund(tokens[at + 1].plain) else [Token("word", words.bring, shown)]),
        *tokens[at + 1 :],
        Token("place", words.residing, shown),
        *tokens[1:at],
    ]


def _advised(tokens: list[Token], words: Words) -> list[Token]:
    """`what size should I buy`, `how many do I have to buy` as `what size do I buy`, `how many do I buy`."""
    if not tokens or tokens[0].key not in ("<what>", "<how-many>", "<how>"):
        return tokens
    advised = words.advised if tokens[0].key == "<what>" else words.advised | words.obliged  # what I need to do a thing
    at = next((at for at, token in enumerate(tokens) if token.key in advised), 0)
    end = _end(tokens, at + 1)
    if 1 < at < end and end - at > 1 and end < len(tokens) and tokens[end].first and tokens[end].key.endswith(PAST):
        agent = Token("person", AGENT, tokens[end].shown)
        return [*tokens[:at], agent, undone(tokens[end]), *tokens[at + 1 : end], *tokens[end + 1 :]]
    before, behind = tokens[1:at], tokens[at + 1 : at + 2]
    if before and before[-1].key == "i":
        before.pop()
    elif not behind or behind[0].key != "i":
        return tokens
    if not before or any(it.kind not in CONTENT for it in before):
        return tokens
    return [*tokens[:at], *tokens[at + 1 :]]


def _told_of(tokens: list[Token], _: Words) -> list[Token]:
    """`do you know why my payment failed` as `why did my payment fail`."""
    done = [at for at, token in enumerate(tokens) if token.key.endswith(PAST)]
    if len(done) != 1 or done[0] < 2 or tokens[0].key not in ("<why>", "<when>"):
        return tokens
    at = done[0]
    if any(token.kind not in CONTENT and token.kind != "person" for token in tokens[1:at]):
        return tokens
    past = Token("time", "<past>", tokens[at].shown)
    return [tokens[0], past, *tokens[1:at], undone(tokens[at]), *tokens[at + 1 :]]


def _each(tokens: list[Token], words: Words) -> list[Token]:
    """`how much should I drink a day` as `how much should I drink daily`."""
    if len(tokens) < 4 or tokens[0].key not in ("<how-many>", "<how-much>"):
        return tokens
    if tokens[-1].first and tokens[-1].plain in words.each and tokens[-2].kind == "word":
        daily = words.each[tokens[-1].plain]
        return [*tokens[:-1], Token("word", words.key(daily), tokens[-1].shown, plain=daily)]
    return tokens


def _responsible(tokens: list[Token], words: Words) -> list[Token]:
    """`who is responsible for approving it` as `who approves it`."""
    at = 1 + (len(tokens) > 4 and tokens[1].key == "<be>")
    if len(tokens) > at + 2 and tokens[0].key == "<who>" and tokens[at].key in words.responsible:
        end = at + 1 + (tokens[at + 1].kind == "place")
        if end < len(tokens) and words.is_gerund(tokens[end].plain) and not tokens[end].first:
            return [tokens[0], *tokens[end:]]
    return tokens


def _after_it(tokens: list[Token], words: Words) -> list[Token]:
    """`after I have booked` as `after booking`."""
    for at, token in enumerate(tokens):
        if token.plain in words.afterwards and at + 2 < len(tokens) and tokens[at + 1].key == "i":
            done = at + 2 + (tokens[at + 2].key == "<perfect>")
            if done < len(tokens) and tokens[done].key.endswith(PAST):
                return [*tokens[: at + 1], undone(tokens[done]), *tokens[done + 1 :]]
    return tokens


def _behind_thing(tokens: list[Token]) -> int:
    """Where what is done to it stands, behind `<whether> <be>` and a thing; 0 where it does not."""
    if len(tokens) < 4 or tokens[1].key != "<be>":
        return 0
    at = next((at for at, token in enumerate(tokens) if token.key.endswith(PAST)), 0)
    named = all(token.kind in CONTENT or token.kind in ("person", "quantity") for token in tokens[2:at])
    return at if at > 2 and named else 0


def _end(tokens: list[Token], at: int) -> int:
    end = at
    while end < len(tokens) and tokens[end].kind in CONTENT and (end == at or not tokens[end].first):
        end += 1
    return end


def _distant(tokens: list[Token], words: Words) -> list[Token]:
    """`how far is A from B`, `what is the distance from A to B` as `what is the distance between A and B`."""
    if not words.distance or len(tokens) < 4:
        return tokens
    noun, between, and_, *joints = words.distance
    distance = Token("word", words.key(noun), tokens[0].shown)
    if tokens[0].key == "<how-far>":
        start = 1
    elif tokens[1].key == distance.key and tokens[2].plain in joints:
        start = 3
    else:
        return tokens
    at = _end(tokens, start)
    end = _end(tokens, at + 1)
    if at == start or end == at + 1 or tokens[at].plain not in joints:
        return tokens
    shown = tokens[at].shown
    return [
        Token("question", "<what>", tokens[0].shown),
        distance,
        Token(*words.operators[between], shown),
        *tokens[start:at],
        Token(*words.operators[and_], shown, plain=and_),
        *tokens[at + 1 :],
    ]


def _lasting(tokens: list[Token], words: Words) -> list[Token]:
    """`how long does it take for paint to dry`, `how long does paint take to dry` as `how long must paint dry`.

    `how long does a flight to Rome take` as `how long is the flight time to Rome`.
    """
    if not words.lasting or len(tokens) < 3 or tokens[0].key != "<how-long>":
        return tokens
    take, must, time = words.lasting
    end = _end(tokens, 1)
    if tokens[-1].key == words.key(take) and end > 1:
        behind = min(end, len(tokens) - 1)
        span = Token("word", words.key(time), tokens[-1].shown)
        return [*tokens[:behind], span, *tokens[behind:-1]]
    at = next((at for at, token in enumerate(tokens) if token.plain in words.infinitive), 0)
    if end > 2 and tokens[end - 1].key == words.key(take) and end < len(tokens) and at != end:
        return [*tokens[: end - 1], Token("word", words.key(time), tokens[end - 1].shown), *tokens[end:]]
    things = [token for token in tokens[1:at] if token.key != words.key(take)]
    if len(things) != at - 2 or not things or at + 1 >= len(tokens):
        return tokens
    if any(token.kind not in CONTENT for token in things) or tokens[at + 1].first or tokens[at + 1].kind != "word":
        return tokens
    return [tokens[0], *things, Token(*words.operators[must], tokens[at].shown, plain=must), *tokens[at + 1 :]]


def replaced(tokens: list[Token], words: Words) -> list[Token]:
    """`replace A with B` as `use B instead of A`."""
    at = next((at for at, token in enumerate(tokens) if words.replace and token.key == words.key(words.replace)), -1)
    joint = _end(tokens, at + 1)
    if at < 0 or joint == at + 1 or joint >= len(tokens) or tokens[joint].plain not in words.replaced_by:
        return tokens
    end = _end(tokens, joint + 1)
    if end == joint + 1:
        return tokens
    use, instead = words.using
    return [
        *tokens[:at],
        Token("word", words.key(use), tokens[at].shown),
        *tokens[joint + 1 : end],
        Token(*words.operators[instead], tokens[joint].shown, plain=instead),
        *tokens[at + 1 : joint],
        *tokens[end:],
    ]


def _residing(tokens: list[Token], words: Words) -> list[Token]:
    """`does the hotel have a pool` as `is there a pool at the hotel`."""
    at = next((at for at, token in enumerate(tokens) if token.plain in words.having), 0)
    if at < 2 or at + 1 == len(tokens) or not words.residing or tokens[at].key != "<perfect>":
        return tokens
    end = _end(tokens, at + 1)
    if end == at + 1 or any(token.kind not in CONTENT or token.kind == "date" for token in tokens[1:at]):
        return tokens
    if any(token.key.endswith(PAST) for token in tokens[at:end]):
        return tokens
    return [
        tokens[0],
        Token("word", words.exist, tokens[at].shown),
        *tokens[at + 1 : end],
        Token("place", words.residing, tokens[at].shown),
        *tokens[1:at],
        *tokens[end:],
    ]


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
    """`a text of 50 words`, `as 3 sentences` as `in 50 words`, `in 3 sentences`."""
    at = next((at for at, token in enumerate(tokens) if token.kind == "number" and at > 1), 0)
    if not at or at + 1 == len(tokens) or tokens[at + 1].key not in words.measures:
        return tokens
    if tokens[at - 1].plain not in words.measuring or any(token.kind != "quote" for token in tokens[at + 2 :]):
        return tokens
    kind, key = words.operators[words.measured_in]
    return [*tokens[: at - 1], Token(kind, key, tokens[at - 1].shown, plain=words.measured_in), *tokens[at:]]


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
    things = tokens[behind : _end(tokens, behind)]
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


def _begun(token: Token) -> Token:
    return Token(token.kind, token.key, token.shown, first=True, plain=token.plain)


def _summed(tokens: list[Token], words: Words) -> list[Token]:
    """`give me a summary of it` as `summarize it`."""
    if len(tokens) < 4 or tokens[1].key not in words.summary or tokens[2].plain not in words.owners:
        return tokens
    return [tokens[1], *tokens[3:]] if tokens[0].key in ("<want>", "<give>", words.write) else tokens


_BUILDS: Sequence[Callable[[list[Token], Words], list[Token]]] = (
    _after_it,
    _containing,
    _dated,
    _done_to,
    _due,
    _advised,
    _told_of,
    _each,
    _responsible,
    _distant,
    _lasting,
    _measuring,
    _measured,
    _converted,
    _counted,
    _explained,
    _summed,
)
_ASKED: Sequence[Callable[[list[Token], Words], list[Token]]] = (
    _permitted,
    _letting,
    _included,
    _available,
    _judged,
    _residing,
)
