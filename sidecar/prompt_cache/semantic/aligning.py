"""What is left of two texts when all that they agree in is taken away."""

from collections import Counter
from collections.abc import Callable, Sequence

from .languages.base import Language
from .reading import Reading
from .tokens import Token
from .typos import misspelled

Wanted = Callable[[Token], bool]


class Difference:
    """The tokens of either side that have no counterpart on the other. Each guard takes out what is its concern."""

    def __init__(self, asked: Reading, stored: Reading, language: Language) -> None:
        self.asked, self.stored, self.language = asked, stored, language
        here, there = _without_askers(asked.tokens, stored.tokens)
        self._sides = (here, there)
        self._left = (_unmatched(here, there), _unmatched(there, here))
        self._renamed: dict[int, str] = {}
        self._explain()

    @property
    def here(self) -> list[Token]:
        """What is left over of the text that was asked."""
        return [self._sides[0][at] for at in self._left[0]]

    @property
    def there(self) -> list[Token]:
        """What is left over of the stored one."""
        return [self._sides[1][at] for at in self._left[1]]

    def take(self, wanted: Wanted) -> tuple[list[Token], list[Token]]:
        """What is left over and wanted, here and there, taken out of the difference."""
        taken: list[list[Token]] = []
        for side, left in zip(self._sides, self._left, strict=True):
            taken.append([side[at] for at in left if wanted(side[at])])
            left[:] = [at for at in left if not wanted(side[at])]
        return taken[0], taken[1]

    def take_pairs(self, opposed: Callable[[Token, Token], bool]) -> list[tuple[Token, Token]]:
        """Tokens left over here with the one left over there that they are opposed to, taken out of the difference."""
        pairs: list[tuple[Token, Token]] = []
        for here in list(self._left[0]):
            for there in self._left[1]:
                if opposed(self._sides[0][here], self._sides[1][there]):
                    pairs.append((self._sides[0][here], self._sides[1][there]))
                    self._pair(here, there)
                    break
        return pairs

    def sequences(self) -> tuple[list[Token], list[Token]]:
        """Either side in its order, without what is left over or was taken; counterparts have one key."""
        return self._agreed[0], self._agreed[1]

    def _explain(self) -> None:
        for here in list(self._left[0]):
            for there in self._left[1]:
                if misspelled(self._sides[0][here], self._sides[1][there], self.language):
                    self._pair(here, there)
                    break
        self._agreed = (
            [token for at, token in enumerate(self._sides[0]) if at not in set(self._left[0])],
            [self._named(at, token) for at, token in enumerate(self._sides[1]) if at not in set(self._left[1])],
        )

    def _pair(self, here: int, there: int) -> None:
        self._left[0].remove(here)
        self._left[1].remove(there)
        self._renamed[there] = self._sides[0][here].key

    def _named(self, at: int, token: Token) -> Token:
        if at not in self._renamed:
            return token
        return Token(token.kind, self._renamed[at], token.shown, token.first, token.plain)


def _without_askers(here: Sequence[Token], there: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Without I and my, where nobody else is spoken of."""
    if any(token.kind == "person" and token.key != "i" for side in (here, there) for token in side):
        return here, there
    return [token for token in here if token.kind != "person"], [token for token in there if token.kind != "person"]


def _unmatched(side: Sequence[Token], other: Sequence[Token]) -> list[int]:
    """The places of tokens without a counterpart. A name has one only where it is written alike."""
    keys = Counter(token.key for token in other)
    plains: dict[str, set[str]] = {}
    for token in (*other, *side):
        if token.kind == "name":
            plains.setdefault(token.key, set())
    for token in other:
        if token.key in plains:
            plains[token.key].add(token.plain)
    left = []
    for at, token in enumerate(side):
        if keys[token.key] > 0 and (token.key not in plains or token.plain in plains[token.key]):
            keys[token.key] -= 1
        else:
            left.append(at)
    return left
