"""What is left of two texts when all that they agree in is taken away."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

from .arranging import compounded, deed_first
from .languages.base import Language, Words
from .reading import Reading
from .tokens import AGENT, CONTENT, OTHER, PAST, TO_ME, Token
from .typos import misspelled

_ALIKE: Mapping[str, frozenset[str]] = {
    "<can>": frozenset(("<possible>", "<may>")),
    "<possible>": frozenset(("<can>",)),
    "<may>": frozenset(("<can>",)),
    "<when>": frozenset(("<what-time>", "<what-day>", "<what-year>")),
    "<what-time>": frozenset(("<when>",)),
    "<what-day>": frozenset(("<when>",)),
    "<what-year>": frozenset(("<when>",)),
    "<give>": frozenset(("<what>",)),
    "<about>": frozenset(("<what>",)),
    "<wish>": frozenset(("<how>",)),
    "<how>": frozenset(("<wish>",)),
    "<what>": frozenset(("<give>", "<about>")),
    AGENT: frozenset(("i", "you", OTHER)),
    "i": frozenset((AGENT,)),
    OTHER: frozenset(("you", AGENT)),
    "you": frozenset((AGENT, OTHER)),
}
"""What is as good as one another: kinds of question, and those who are meant where a passive names nobody."""
_NAMED = frozenset(("name", "identifier"))
_FEW = 4
"""Words left over on a side, up to which misspelled ones are looked for."""


class Difference:
    """The tokens of either side that have no counterpart on the other. Each guard takes out what is its concern."""

    def __init__(self, asked: Reading, stored: Reading, language: Language) -> None:
        self.asked, self.stored, self.language = asked, stored, language
        persons = {token.key for token in (*asked.tokens, *stored.tokens) if token.kind == "person"}
        self._persons = persons - {AGENT, OTHER, TO_ME}
        mine = _impersonal(asked.tokens, language.words, self._persons)
        other = _impersonal(stored.tokens, language.words, self._persons)
        mine, other = deed_first(mine, other, language.words), deed_first(other, mine, language.words)
        own = {
            id(thing)
            for side in (asked.tokens, stored.tokens)
            for whose, thing in pairwise(side)
            if whose.plain in language.words.own
        }
        self._here = compounded(mine, other, language.words, own)
        self._there = compounded(other, mine, language.words, own)
        self._left_here, self._left_there = _unmatched(self._here, self._there), _unmatched(self._there, self._here)
        self._apart_here, self._apart_there = set(self._left_here), set(self._left_there)
        self._renamed: dict[int, Token] = {}
        self._explain()

    def take(self, wanted: Callable[[Token], bool]) -> tuple[list[Token], list[Token]]:
        """What is left over and wanted, here and there, taken out of the difference."""
        here = {at: token for at, token in self._left_here.items() if wanted(token)}
        there = {at: token for at, token in self._left_there.items() if wanted(token)}
        for at in here:
            del self._left_here[at]
        for at in there:
            del self._left_there[at]
        return list(here.values()), list(there.values())

    def take_pairs(self, counterparts: Callable[[Token], Collection[str]]) -> tuple[list[Token], list[Token]]:
        """The tokens left over here with a counterpart, a key, left over there, and those; out they go.

        From now on they stand for each other in the order of the two.
        """
        waiting: dict[str, list[int]] = {}
        for at, token in self._left_there.items():
            waiting.setdefault(token.base, []).append(at)
        pairs = []
        for at, token in self._left_here.items():
            found = next((key for key in counterparts(token) if waiting.get(key)), None)
            if found is not None:
                pairs.append((at, waiting[found].pop(0)))
        paired = [self._pair(*pair) for pair in pairs]
        return [mine for mine, _ in paired], [other for _, other in paired]

    def sequences(self) -> tuple[list[Token], list[Token]]:
        """Either side in its order, without what has no counterpart; counterparts have one key."""
        return (
            [token for at, token in enumerate(self._here) if at not in self._apart_here],
            [self._renamed.get(at, token) for at, token in enumerate(self._there) if at not in self._apart_there],
        )

    def _explain(self) -> None:
        """Take out what makes no difference."""
        if not self._left_here and not self._left_there:
            return
        alike = self.language.words.alike
        self.take_pairs(lambda token: _ALIKE.get(token.key, ()))
        self.take_pairs(lambda token: alike.get(token.key, ()))
        self._tools()
        self._unquote()
        self._excuse()
        self._topic()
        self._offered()
        if self._persons <= {"i"}:
            self.take(lambda token: token.key == "i")
        if len(self._left_here) <= _FEW and len(self._left_there) <= _FEW:
            for here, token in list(self._left_here.items()):
                for there, other in list(self._left_there.items()):
                    if here in self._left_here and misspelled(token, other, self.language):
                        self._pair(here, there)

    def _tools(self) -> None:
        """Pair `in Jest` with `with Jest`."""
        alike = self.language.words.alike_named
        here = [at for at, token in self._left_here.items() if token.key in alike]
        there = [at for at, token in self._left_there.items() if token.key in alike]
        if len(here) == len(there) == 1:
            mine, other = self._here[here[0] + 1 : here[0] + 2], self._there[there[0] + 1 : there[0] + 2]
            if mine and other and mine[0].key == other[0].key and {mine[0].kind, other[0].kind} & _NAMED:
                self._pair(here[0], there[0])

    def _unquote(self) -> None:
        """Pair a word in quotes, or marked as code, with the same word without."""
        for quotes, left in ((self._left_here, self._left_there), (self._left_there, self._left_here)):
            bare = {f'"{token.plain}"': at for at, token in left.items() if token.kind in ("word", "name")}
            for at, token in list(quotes.items()):
                other = bare.pop(token.key.lower(), None) if token.kind == "quote" else None
                if other is not None:
                    self._pair(*((at, other) if quotes is self._left_here else (other, at)))

    def _topic(self) -> None:
        """Take out the `what is` of one side where the other is a bare topic, the `I want to` where it is a request."""
        actions = self.language.words.actions
        self._written()
        for side, left in ((self._here, self._left_there), (self._there, self._left_here)):
            if _doing(side, self.language.words):
                for at in [at for at, token in left.items() if token.key in ("<how>", "<wish>")]:
                    del left[at]
            elif side and side[0].kind in ("word", "name") and side[0].key not in actions:
                asked = [at for at, token in left.items() if token.key in ("<what>", "<give>")]
                if len(asked) == 1 and not any(token.kind == "question" for token in side):
                    del left[asked[0]]
            elif side and side[0].key in actions and not any(token.kind == "question" for token in side):
                for at in [at for at, token in left.items() if token.key == "<wish>"]:
                    del left[at]

    def _offered(self) -> None:
        """Take out the `you` of `do you ship to Rome` and the `exist` of `is there shipping to Rome`."""
        words = self.language.words
        for side, left, other, more in (
            (self._here, self._left_here, self._there, self._left_there),
            (self._there, self._left_there, self._here, self._left_here),
        ):
            if not (1 in left and 1 in more and side[0].key == other[0].key == "<whether>"):
                continue
            end = next((at for at, token in enumerate(other) if at > 1 and token.kind not in CONTENT), len(other))
            if side[1].key == "you" and other[1].key == words.exist and other[end - 1].key in words.services:
                del left[1], more[1]
                return

    def _written(self) -> None:
        """Take out the `write` of one side where the other but names the text, or wants it."""
        words = self.language.words
        for side, mine, other, left, whole in (
            (self._here, self._left_here, self._there, self._left_there, self.asked.tokens),
            (self._there, self._left_there, self._here, self._left_here, self.stored.tokens),
        ):
            if not side or 0 not in left or other[0].key not in (words.write, "<want>") or not words.write:
                continue
            if whole[0].plain in words.own:
                continue  # my invitation is written already
            wanted = side[0].key == "<want>"
            named = next((at for at, token in enumerate(side) if at >= wanted and token.kind not in CONTENT), len(side))
            bare = side[0].kind in ("word", "name") and side[0].key != words.write
            bare = bare and not any(token.first for token in side[1:2])  # sample a letter
            if (wanted or bare) and any(token.key in words.written for token in side[:named]):
                del left[0]
                if wanted:
                    mine.pop(0, None)

    def _excuse(self) -> None:
        """Take out small words that one side may do without: has before what is done, to before a verb."""
        for side, left, other in (
            (self._here, self._left_here, self._there),
            (self._there, self._left_there, self._here),
        ):
            gerunds = {token.key for token in other if self.language.words.is_gerund(token.plain)}
            negated = any(token.kind == "negation" for token in side)
            for at, token in list(left.items()):
                if negated and token.plain in self.language.words.beside_no:
                    del left[at]
                    continue
                later = side[at + 1 : at + 8]
                if (token.key == "<perfect>" and any(it.key.endswith(PAST) for it in later)) or (
                    token.plain in self.language.words.infinitive
                    and later
                    and later[0].kind == "word"
                    and (later[0].key in self.language.words.actions or later[0].key in gerunds)
                ):
                    del left[at]

    def _pair(self, here: int, there: int) -> tuple[Token, Token]:
        mine, other = self._left_here.pop(here), self._left_there.pop(there)
        self._apart_here.discard(here)
        self._apart_there.discard(there)
        self._renamed[there] = Token(other.kind, mine.key, other.shown, other.first, other.plain)
        return mine, other


def _doing(side: Sequence[Token], words: Words) -> bool:
    """Whether it is something to do with a thing that is but named: `setting up a phone`; not `opening hours`."""
    if len(side) < 2 or not side[1].first or side[0].key not in words.actions:
        return False
    return words.is_gerund(side[0].shown.lower().split(" ")[0])


def _impersonal(tokens: Sequence[Token], words: Words, persons: Collection[str]) -> Sequence[Token]:
    """Without my and your, where only one person is spoken of."""
    return tokens if len(persons) > 1 else [token for token in tokens if token.plain not in words.own]


def _unmatched(side: Sequence[Token], other: Sequence[Token]) -> dict[int, Token]:
    """The tokens without a counterpart, by their place. A name has one only where it is written alike."""
    keys = Counter(token.key for token in other)
    names = {token.key for token in (*side, *other) if token.kind == "name"}
    written = {(token.key, token.plain) for token in other if token.key in names}
    left = {}
    for at, token in enumerate(side):
        if keys[token.key] > 0 and (token.key not in names or (token.key, token.plain) in written):
            keys[token.key] -= 1
        else:
            left[at] = token
    return left
