"""One order for what may be said in several: where a phrase stands that may stand in front, and whose a thing is."""

from collections.abc import Collection, Sequence

from .languages.base import Language, Words
from .rewording import replaced, reworded, undone
from .tokens import AGENT, OTHER, PAST, Token

_DEEDS = frozenset(("<how>", "<wish>"))
_LAST = frozenset(("<how>", "<where>", "<why>"))
_TIMES = frozenset(("<past>", "<future>"))
_CONTENT = frozenset(("word", "name", "identifier", "quote", "address", "number", "date"))


def arrange(tokens: Sequence[Token], language: Language) -> tuple[Token, ...]:
    """The tokens of each sentence in one order, without its commas."""
    words = language.words
    sentences: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "break":
            sentences.append([])
        else:
            sentences[-1].append(token)
    arranged = [sentence for sentence in (_sentence(sentence, words) for sentence in sentences) if sentence]
    said = [token for sentence in _conditional(arranged, words) for token in sentence]
    if len(said) > 2 and said[0].key in _DEEDS and [token.key for token in said[-2:]] == ["<how>", "<act>"]:
        del said[-2:]
    if len(said) > 1 and said[0].key in _DEEDS and said[-1].key == "<how>":
        said.pop()  # `I want to book it, how do I do that`
    elif len(said) > 1 and said[-1].key in _LAST and not any(token.kind == "question" for token in said[:-1]):
        said = [said[-1], *said[:-1]]  # `booking a room, how`
    return tuple(said)


def _conditional(sentences: list[list[Token]], words: Words) -> list[list[Token]]:
    """`My card is lost. What should I do?` as `what should I do if my card is lost`."""
    *told, last = sentences or [[]]
    if not words.condition or not told or last[0].kind != "question":
        return sentences
    if any(token.kind == "question" for sentence in told for token in sentence):
        return sentences
    return [last, [Token("link", words.condition, "", plain=words.condition)], *told]


def _sentence(tokens: list[Token], words: Words) -> list[Token]:
    tokens = reworded([token for token in _fronted(tokens, words) if token.kind != "comma"], words)
    tokens = replaced([token for token in _active(tokens, words) if token.key != "<be>"], words)
    if tokens and len(tokens) > 2 and tokens[-1].base in words.implied.get(tokens[0].key, ()):
        tokens.pop()
    tokens = _priced(_past_first(_had(tokens, words), words), words)
    if any(token.base in words.adverbs for token in tokens):
        tokens.sort(key=lambda token: token.base in words.adverbs)
    tokens = _contrasted(_not_first(tokens, words), words)
    if any(token.key in words.both_ways for token in tokens):
        tokens = _symmetric(tokens, words)
    return _owned(tokens, words)


def _fronted(tokens: list[Token], words: Words) -> list[Token]:
    """`In Python, how do I sort` as `how do I sort in Python`."""
    if not tokens or not (words.begins_clause(tokens[0].plain) or tokens[0].kind == "date"):
        return _told_first(tokens, words)
    for at, token in enumerate(tokens):
        if at and (token.kind == "comma" or token.kind == "question"):
            rest = tokens[at + 1 :] if token.kind == "comma" else tokens[at:]
            if rest and rest[-1].kind == "quote":  # the matter of a request stays behind it
                return [*rest[:-1], *tokens[:at], rest[-1]]
            return [*rest, *tokens[:at]] if rest else tokens
    return tokens


def _told_first(tokens: list[Token], words: Words) -> list[Token]:
    """`my card is lost, who helps me` as `who helps me if my card is lost`."""
    at = next((at for at, token in enumerate(tokens) if token.kind == "comma"), 0)
    if not words.condition or not at or tokens[0].kind == "question" or tokens[at + 1 : at + 2] == []:
        return tokens
    if tokens[at + 1].kind != "question" or tokens[at + 1].key == tokens[-1].key:
        return tokens
    return [*tokens[at + 1 :], Token("link", words.condition, "", plain=words.condition), *tokens[:at]]


def _active(tokens: list[Token], words: Words) -> list[Token]:
    """`how is it made` as `how make it`, `is it made by us` as `we make it`."""
    at = next((at for at, token in enumerate(tokens) if token.key == "<be>"), None)
    if at is None:
        return _most(_accepted(_done(tokens), words), words)
    end = _behind(tokens, at + 1)
    asked, thing, rest = tokens[:at], tokens[at + 1 : end], tokens[end:]
    if rest and thing and rest[0].first and rest[0].key.endswith(PAST) and not thing[-1].key.endswith(PAST):
        thing.append(rest.pop(0))  # `how can it be made`
    between = []
    while rest and thing and rest[0].kind in ("negation", "time", "quantity") and len(rest) > 1:
        between.append(rest.pop(0))
        if rest[0].key.endswith(PAST):
            thing.append(rest.pop(0))
            break
    if len(thing) < 2 or not thing[-1].key.endswith(PAST) or any(token.key.endswith(PAST) for token in thing[:-1]):
        return [*asked, *tokens[at + 1 :]]
    by: list[Token] = []
    if rest and rest[0].plain in words.passive_by:
        end = _behind(rest, 1)
        by, rest = rest[1:end], rest[end:]
    elif asked[0].key not in ("<how>", "<where>", "<who>"):
        # Are visitors asked to wait: not by me, who is told it
        told = bool(rest) and rest[0].plain in words.infinitive
        other = told or any(it.key in _TIMES for it in asked)
        by = [Token("person", OTHER if other else AGENT, thing[-1].shown)]
    if [token.key for token in asked] == ["<whether>", "can"]:  # whoever asks may well do it
        return [Token("question", "<can>", asked[0].shown), *between, undone(thing[-1]), *thing[:-1], *rest]
    if thing[-1].base in words.implied.get(asked[0].key, ()):
        return [*asked, *between, *thing[:-1], *rest]
    return [*asked, *by, *between, undone(thing[-1]), *thing[:-1], *rest]


def _accepted(tokens: list[Token], words: Words) -> list[Token]:
    """`which cards are accepted` as `which cards does one accept`."""
    end = _behind(tokens, 1)
    if end > 2 and tokens[0].key == "<what>":
        done = (
            tokens[end - 1] if tokens[end - 1].key.endswith(PAST) else tokens[end] if end < len(tokens) else tokens[0]
        )
        at = end - 1 if done is tokens[end - 1] else end
        if done.first and done.key.endswith(PAST):
            by, rest = [Token("person", AGENT, done.shown)], tokens[at + 1 :]
            if rest and rest[0].plain in words.passive_by:
                end = _behind(rest, 1)
                by, rest = rest[1:end], rest[end:]
            return [*tokens[:at], *by, undone(done), *rest]
    return tokens


def _done(tokens: list[Token]) -> list[Token]:
    """`who wrote it` as `who did write it`."""
    if len(tokens) > 1 and tokens[0].kind == "question" and tokens[1].key.endswith(PAST):
        return [tokens[0], Token("time", "<past>", tokens[1].shown), undone(tokens[1]), *tokens[2:]]
    return tokens


def _most(tokens: list[Token], words: Words) -> list[Token]:
    """`which plan is the cheapest` as `what is the cheapest plan`."""
    if len(tokens) < 3 or tokens[0].key != "<what>":
        return tokens
    end = _behind(tokens, 1)
    if end < len(tokens) and tokens[end].first and words.is_most(tokens[end].plain):
        after = tokens[end + 1 : end + 2]
        if not after or after[0].kind not in _CONTENT:
            return [tokens[0], tokens[end], *tokens[1:end], *tokens[end + 1 :]]
    return tokens


def _begins(token: Token, first: bool) -> Token:
    return Token(token.kind, token.key, token.shown, first, token.plain)


def _past_first(tokens: list[Token], words: Words) -> list[Token]:
    """`why has it been` as `why it has been`: an auxiliary of time right behind the kind of question."""
    if not tokens or tokens[0].kind != "question":
        return tokens
    end = next((at for at, token in enumerate(tokens) if token.key == words.condition), len(tokens))
    tokens, behind = _perfect(tokens[:end]), tokens[end:]
    times = [token for token in tokens if token.key in _TIMES]
    return [tokens[0], *times, *(token for token in tokens[1:] if token.key not in _TIMES), *behind]


def _had(tokens: list[Token], words: Words) -> list[Token]:
    """`what symptoms does flu have` as `what are the flu symptoms`."""
    if len(tokens) < 4 or tokens[0].key not in ("<what>", "<how-many>") or tokens[-1].plain not in words.having:
        return tokens
    things = tokens[1:-1]
    start = next((at for at in range(len(things) - 1, 0, -1) if things[at].first), 0)
    if not start or any(token.kind not in _CONTENT for token in things):
        return tokens
    return [tokens[0], *things[start:], *things[:start]]


def _not_first(tokens: list[Token], words: Words) -> list[Token]:
    """`why is it not working` as `why is not it working`."""
    if not tokens or tokens[0].kind != "question" or tokens[0].key in ("<what>", "<who>", "<how-many>"):
        return tokens
    at = next((at for at, token in enumerate(tokens) if token.key == words.no), 0)
    if (
        at < 2
        or at + 1 == len(tokens)
        or tokens[at + 1].kind not in _CONTENT
        or any(token.kind not in _CONTENT and token.kind != "person" for token in tokens[1:at])
    ):
        return tokens
    return [tokens[0], tokens[at], *tokens[1:at], *tokens[at + 1 :]]


def _contrasted(tokens: list[Token], words: Words) -> list[Token]:
    """`how does A differ from B` as `what is the difference between A and B`."""
    at = next((at for at, token in enumerate(tokens) if token.base in words.differing), 0)
    if at < 2 or tokens[0].key != "<how>" or any(token.base in words.both_ways for token in tokens):
        return tokens
    joined = any(token.plain in words.ands for token in tokens[2 : at - 1])
    if not joined and (at + 2 >= len(tokens) or tokens[at + 1].kind != "place"):
        return tokens
    noun, between, joint = words.difference
    shown = tokens[at].shown
    and_ = Token(*words.operators[joint], shown, plain=joint)
    return [
        Token("question", "<what>", tokens[0].shown),
        Token("word", words.key(noun), shown),
        Token(*words.operators[between], shown),
        *tokens[1:at],
        *(tokens[at + 1 :] if joined else [and_, *tokens[at + 2 :]]),
    ]


def _perfect(tokens: list[Token]) -> list[Token]:
    """`why has it failed` as `why did it fail`."""
    has = next((at for at, token in enumerate(tokens) if token.key == "<perfect>"), 0)
    done = [at for at in range(has + 1, len(tokens)) if tokens[at].key.endswith(PAST)]
    if not has or len(done) != 1:
        return tokens
    past = Token("time", "<past>", tokens[has].shown)
    return [*tokens[:has], past, *tokens[has + 1 : done[0]], undone(tokens[done[0]]), *tokens[done[0] + 1 :]]


def _priced(tokens: list[Token], words: Words) -> list[Token]:
    """`how much does a ticket to Rome cost` as `what is the ticket price to Rome`."""
    prices = [token for token in tokens[1:] if token.base in words.price]
    if not words.price or not tokens or (tokens[0].key != "<how-much>" and len(prices) != 1):
        return tokens
    if tokens[0].key not in ("<how-much>", "<how-many>") and (tokens[0].key != "<what>" or tokens[-1] is not prices[0]):
        return tokens
    asked = tokens[0]
    rest = [token for token in tokens[1:] if token.base not in words.price]
    end = _behind(rest, 0)
    price = Token("word", min(words.price), asked.shown)
    return [Token("question", "<what>", asked.shown), *rest[:end], price, *rest[end:]]


def _symmetric(tokens: list[Token], words: Words) -> list[Token]:
    """`between B and A` as `between A and B`."""
    joining = words.ands | words.against if tokens[0].key in words.both_ways else words.ands
    joints = [at for at, token in enumerate(tokens) if token.plain in joining]
    if len(joints) != 1:
        return tokens
    joint = joints[0]
    if tokens[joint].plain in words.against:
        kind, key = words.operators[min(words.ands)]
        tokens = [*tokens[:joint], Token(kind, key, tokens[joint].shown, plain=key), *tokens[joint + 1 :]]
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
        if word not in words.owners and not words.belongs(word, tokens[at - 1].key):
            continue
        if word not in words.owners and at + 2 < len(tokens) and _deed(tokens[at + 1], words):
            continue  # a fee for withdrawing cash
        # A noun, though requests begin with it: the rate of
        noun = tokens[at - 1].kind in _CONTENT and not tokens[at - 1].first
        start, end = _before(tokens, at - noun, words), _behind(tokens, at + 1)
        end = next((done for done in range(at + 2, end) if _belongs_to_thing(tokens, at, done)), end)
        if start < at and at + 1 < end and tokens[end - 1].kind != "person":
            thing, owner = tokens[start:at], tokens[at + 1 : end]
            if _count(thing[0]) and len(thing) > 1:  # 5 names for a shop: 5 shop names
                start, thing = start + 1, thing[1:]
            if _count(owner[0]):
                continue  # names for 5 shops
            one = [_begins(owner[0], thing[0].first), *owner[1:], _begins(thing[0], False), *thing[1:]]
            tokens = [*tokens[:start], *one, *tokens[end:]]
            at = start + 1
    return tokens


def _count(token: Token) -> bool:
    return token.kind == "number" and " " not in token.key


def _deed(token: Token, words: Words) -> bool:
    return not token.first and words.is_gerund(token.plain)


def deed_first(tokens: Sequence[Token], other: Sequence[Token], words: Words) -> Sequence[Token]:
    """`address change` as `change address`, where the other side asks how to."""
    if not tokens or tokens[-1].plain not in words.deeds or len(other) < 2 or other[0].key not in _DEEDS:
        return tokens
    *things, deed = tokens
    if deed.key != other[1].key or any(token.kind not in _CONTENT for token in things):
        return tokens
    return [other[0], deed, *things]


def _belongs_to_thing(tokens: list[Token], owner: int, done: int) -> bool:
    """Whether what is done is done to the first, as in `moyens de paiement acceptés`: told by what is more than one."""
    if not tokens[done].key.endswith(PAST):
        return False
    thing, of, participle = (tokens[at].plain.endswith("s") for at in (owner - 1, owner + 1, done))
    return thing == participle != of


def compounded(
    tokens: Sequence[Token], other: Sequence[Token], words: Words, own: Collection[int] = ()
) -> Sequence[Token]:
    """`ideas for a party` as `party ideas`, where the other side has it so.

    `own`: what belongs to a person, by identity: my phone in the library is not the library's.
    """
    theirs = [token.key for token in other]
    for at, token in enumerate(tokens):
        if token.key not in words.compounding or theirs.count(token.key) >= sum(it.key == token.key for it in tokens):
            continue
        start, end = _before(list(tokens), at, words), _behind(list(tokens), at + 1)
        owner = list(tokens[at + 1 : end])
        named = any(it.kind != "word" for it in owner) and token.plain in words.loose_owners | words.attaching
        if not owner or named:
            continue  # a letter for Anna is not Anna's
        for first in range(start, at):
            thing = list(tokens[first:at])
            found = _place(theirs, [it.key for it in (*owner, *thing)])
            if found is None or any(it.key in words.actions and not it.first for it in thing):
                continue
            mine = any(id(it) in own for it in thing) and id(other[found]) not in own
            if not mine or token.plain in words.loose_owners:
                return compounded([*tokens[:first], *owner, *thing, *tokens[end:]], other, words, own)
    return tokens


def _place(keys: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where the wanted keys stand in a row."""
    return next((at for at in range(len(keys) - len(wanted) + 1) if keys[at : at + len(wanted)] == wanted), None)


def _before(tokens: list[Token], at: int, words: Words) -> int:
    """Where the thing begins that ends here: behind a small word, or a verb that requests begin with."""
    start = at
    while (
        start
        and tokens[start - 1].kind in _CONTENT
        and (tokens[start - 1].first or tokens[start - 1].key not in words.actions)
    ):
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
        end += 1
    return end
