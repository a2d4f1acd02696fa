"""The verbs of French and Spanish, form by form.

Snowball takes `marché` for `marche`, `plaza` for `plazo` and `hija` for `hijo`. So a word is only read as a verb where it is a form
of one that is listed; any other word loses no more than the mark of its plural. Futures and imperfects are no forms: they stay
words of their own, and so tell two questions apart.
"""

import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping
from functools import lru_cache

_ACCENTS = {ord(mark): None for mark in "\u0300\u0301\u0302\u0308\u0327"}


@lru_cache(maxsize=16384)
def unaccented(word: str) -> str:
    """The word as those write it who leave out accents; the tilde of ñ stays."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_ACCENTS))


def bare_spellings(taken: Container[str], *blocks: str) -> str:
    """For a language's `spellings`: the words of these blocks as those write them who leave out accents, but where that is a word
    of the blocks too, or taken."""
    known = {word for block in blocks for word in block.translate(_SIGNS).split() if "-" not in word}
    bare = {word: unaccented(word) for word in sorted(known)}
    return "\n".join(f"{word} {plain}" for word, plain in bare.items() if plain not in known and plain not in taken)


_SIGNS = dict.fromkeys(map(ord, "()|^$=<>"), " ")


class Verbs:
    """The forms of listed verbs."""

    def __init__(self, regular: str, irregular: str, conjugate: Callable[[str], tuple[list[str], list[str]]]) -> None:
        """`regular`: infinitives. `irregular`: lines `infinitive: present ... / past ...`. `conjugate` gives both of a regular one."""
        self.infinitives: Mapping[str, str]
        self.past: frozenset[str]
        forms: dict[str, str] = {}
        past: dict[str, str] = {}
        for infinitive, present, done in (*_listed(irregular), *((verb, *conjugate(verb)) for verb in regular.split())):
            for form in (infinitive, *present):
                forms.setdefault(form, infinitive)
            for form in done:
                past.setdefault(form, infinitive)
        for table in (past, forms):
            for form, infinitive in list(table.items()):
                if unaccented(form) not in forms:
                    table.setdefault(unaccented(form), infinitive)
        self.past = frozenset(past.keys() - forms.keys())
        self.present = frozenset(forms)
        self.infinitives = past | forms


def _listed(irregular: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for line in irregular.splitlines():
        if line.strip():
            infinitive, _, forms = line.partition(":")
            present, _, past = forms.partition("/")
            yield infinitive.strip(), present.split(), past.split()


def french(verb: str) -> tuple[list[str], list[str]]:
    """Present and past of a verb in -er, or in -ir like `finir`."""
    root = verb[:-2]
    if verb.endswith("ir"):
        return [root + end for end in ("is", "it", "issons", "issez", "issent")], [
            root + end for end in ("i", "ie", "ies")
        ]
    strong = root
    if verb.endswith(("oyer", "uyer")):
        strong = root[:-1] + "i"
    elif len(root) > 2 and root[-2] == "é":
        strong = root[:-2] + "è" + root[-1]
    we = root + ("eons" if root.endswith("g") else "ons")
    if root.endswith("c"):
        we = root[:-1] + "çons"
    return [strong + "e", strong + "es", strong + "ent", we, root + "ez"], [
        root + end for end in ("é", "ée", "és", "ées")
    ]


def spanish(verb: str) -> tuple[list[str], list[str]]:
    """Present (of both moods) and past of a verb in -ar, -er or -ir."""
    root, kind = verb[:-2], verb[-2:]
    hard = root
    for end, spelled in (("c", "qu"), ("g", "gu"), ("z", "c")) if kind == "ar" else (("g", "j"), ("c", "z")):
        if root.endswith(end):
            hard = root[: -len(end)] + spelled
            break
    if kind == "ar":
        present = [root + end for end in ("o", "as", "a", "amos", "an")] + [
            hard + end for end in ("e", "es", "emos", "en")
        ]
        past = [hard + "é"] + [root + end for end in ("ó", "aste", "aron", "ado", "ada", "ados", "adas")]
    else:
        we = "emos" if kind == "er" else "imos"
        present = [root + end for end in ("es", "e", we, "en")] + [hard + end for end in ("o", "a", "as", "amos", "an")]
        past = [root + end for end in ("í", "ió", "iste", "ieron", "ido", "ida", "idos", "idas")]
    return present, past
