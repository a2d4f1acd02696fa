"""Pieces as the words of a language: contractions apart, spellings made one, phrases replaced by what they say."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from .languages.base import QUESTIONS, Language, Trie, Words
from .scanning import Piece

LAST = "$"
"""In a phrase, the end of a sentence."""


class Item(Struct, gc=False):
    """A piece, or a word that a phrase was replaced by."""

    kind: str
    """That of a piece, or `question`."""
    text: str
    """As written."""
    word: str = ""
    """Of a word, in lower case and as the language's blocks have it."""
    capital: bool = False
    """It begins with a capital, inside a sentence."""


def items(pieces: Sequence[Piece], language: Language) -> list[Item]:
    """The pieces in order, less what says nothing."""
    apart = list(_apart(pieces, language.words))
    return list(_phrased(list(_arranged(apart, language)) if language.arrange else apart, language.words))


def _apart(pieces: Sequence[Piece], words: Words) -> Iterator[Item]:
    inside = False
    shouted = all(piece.text.isupper() for piece in pieces if piece.kind == "word")
    for piece in pieces:
        if piece.kind != "word":
            inside = piece.kind not in ("break", "quote") and (inside or piece.kind != "comma")
            yield Item(piece.kind, piece.text)
            continue
        capital = inside and piece.text[0].isupper()
        inside = True
        if not shouted and _acronym(piece.text, words):
            yield Item("identifier", piece.text)
            continue
        for word in _split(piece.text.lower().replace("’", "'"), words):
            if word not in words.fillers:
                yield Item("word", piece.text, word, capital)


def _acronym(written: str, words: Words) -> bool:
    """Whether it is in capitals what would be a small word without: US, IT, WHO. A no is one in capitals too."""
    word = written.lower()
    small = word in words.function_words and words.operators.get(word, ("",))[0] != "negation"
    return small and len(written) > 1 and written.isupper()


def _split(written: str, words: Words) -> Iterator[str]:
    """The words of what is written as one: `what's`, `l'année`, `sign-in`."""
    for part in (written,) if written in words.contractions or written in words.spellings else written.split("-"):
        if part in words.contractions:
            yield from words.contractions[part].split()
        elif "'" in part:
            yield from _elided(part, words)
        elif part:
            yield words.spellings.get(part, part)


def _elided(written: str, words: Words) -> Iterator[str]:
    """`l'année`, `John's`."""
    before, *others = written.split("'")
    for after in others:
        if after in ("s", ""):
            yield words.spellings.get(before, before)
            return
        yield from words.contractions.get(before + "'", before).split()
        before = after
    yield from words.contractions.get(before, words.spellings.get(before, before)).split()


def _arranged(items: Sequence[Item], language: Language) -> Iterator[Item]:
    """The words of each sentence in the order that the language's phrases expect."""
    assert language.arrange
    start = 0
    for end in (*(at for at, item in enumerate(items) if item.kind == "break"), len(items)):
        sentence = items[start:end]
        written = [_WRITTEN.get(item.kind, item.word) for item in sentence]
        if end < len(items) and "?" in items[end].text:
            written.append("?")
        for word, place in language.arrange(written):
            stood = sentence[place]
            if word in QUESTIONS:
                yield Item("question", stood.text, word)
            elif word == "," and stood.kind == "word":
                yield Item("comma", ",")
            elif word in ("", ","):
                yield stood
            else:
                yield Item("word", stood.text, word, stood.capital)
        yield from items[end : end + 1]
        start = end + 1


_WRITTEN = {"comma": ","}


def _phrased(items: list[Item], words: Words) -> Iterator[Item]:
    at = 0
    starts = 1
    """How many of the kinds of phrases for a start may stand here: 2 behind `<ask>`."""
    fronted = False
    """A clause began the sentence: what is behind its comma starts anew."""
    while at < len(items):
        item = items[at]
        length = 0
        if item.kind == "word":
            tries = (_longest(items, at, trie) for trie in words.phrases[starts::-1])
            length, says = max(tries, key=lambda match: match[0])
            if length and says == ("<ask>",):
                starts = 2
            elif length:
                shown = " ".join(met.text for met in items[at : at + length])
                yield from (Item("question" if word in QUESTIONS else "word", shown, word) for word in says)
                fronted |= bool(starts and says and words.begins_clause(says[0]))
                starts = 0 if says else starts
            else:
                fronted |= bool(starts and words.begins_clause(item.word)) or (at == 1 and item.word in words.weekdays)
        if not length:
            if item.kind == "break" or (item.kind == "comma" and fronted):
                starts, fronted = 1, False
            elif item.kind != "comma":
                starts = 0
            yield item
        at += length or 1


def _longest(items: list[Item], at: int, trie: Trie) -> tuple[int, tuple[str, ...]]:
    """How many items the longest phrase has that begins here, and what it says; 0 where none does."""
    best: tuple[int, tuple[str, ...]] = (0, ())
    here = at
    while True:
        over = here == len(items) or items[here].kind == "break"
        if over and LAST in trie.next:
            return here - at, trie.next[LAST].says or ()
        if over or items[here].kind != "word" or items[here].word not in trie.next:
            return best
        trie = trie.next[items[here].word]
        here += 1
        if trie.says is not None:
            best = (here - at, trie.says)
