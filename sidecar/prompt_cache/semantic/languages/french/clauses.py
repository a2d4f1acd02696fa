"""What French words are by what stands around them.

`ne marche plus`, `les prix augmentent-ils`, `je la modifie`, `par qui sont signés les contrats`: none of these can be told word by word.
"""

from collections.abc import Iterator

from .inflection import infinitive, past

Placed = tuple[str, int]
"""A word, and where it stood."""

_DETERMINERS = frozenset(
    "le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces".split()
)
_SUBJECTS = frozenset("je tu il elle on nous vous ils elles ne qui me te lui".split())
_SPOKEN_OF = frozenset("il elle ils elles".split())
_AUXILIARIES = frozenset(
    "est sont a ont va vont peut peuvent doit doivent faut suis es ai as êtes sommes avez avons peux pouvez pouvons dois devez devons"
    " puis pourrais pourrait pourriez savez sais sera seront était étaient aura auront".split()
)
_NEGATIONS = frozenset("pas jamais rien aucun aucune personne ni".split())
_NO_TOPIC = frozenset(
    "je tu il elle on nous vous ils elles ce ça cela ne pas me te se lui comment pourquoi quand où combien qui que quoi quel quelle quels"
    " quelles lequel laquelle bonjour merci".split()
)
_ASKING = frozenset("comment pourquoi quand où combien qui que quoi quel quelle quels quelles".split())
_PLURAL = frozenset("les mes tes ses nos vos leurs ces".split())
MANY = "plusieurs-choses"
"""Behind an article: in a request it matters whether one thing is meant or more, `supprime la ligne`, `supprime les lignes`."""
_BY_WHOM = frozenset((preposition, "qui") for preposition in ("par", "à", "avec", "pour", "de", "chez"))


def arrange(words: list[str]) -> list[Placed]:
    """The words of a sentence in the order and the form that the phrases expect."""
    start = next((at for at, word in enumerate(words) if word != ","), len(words))
    placed = _active([(word, at) for at, word in enumerate(words)][start:])
    if placed and _topic([word for word, _ in placed]):
        return [("<which>", placed[0][1]), *placed]
    return list(_read(placed))


def _read(placed: list[Placed]) -> Iterator[Placed]:
    words = [word for word, _ in placed]
    readings: list[str | None] = list(words)
    asks: set[int] = set()
    for at, word in enumerate(words):
        before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if word == "ne":
            _negate(words, readings, at)
        elif word in ("le", "la", "les") and _pronoun(words[:at], infinitive(behind), behind):
            readings[at] = f"{word}-lui"
        elif word in ("me", "nous", "moi") and _object(words, at):
            readings[at] = "moi-objet"
        elif word in _SPOKEN_OF and (before in _AUXILIARIES or infinitive(before)):
            start = _clause(words, at)
            if _DETERMINERS.intersection(words[start : at - 1]):
                readings[at] = None
                if words[start] in _DETERMINERS:
                    asks.add(start)
        elif (
            word in ("vous", "tu")
            and before not in _AUXILIARIES
            and infinitive(before)
            and before.endswith(("ez", "s"))
        ):
            readings[at - 1], readings[at] = word, before
            if _clause(words, at) == at - 1:
                asks.add(at - 1)
    asking = not _ASKING.isdisjoint(words)
    for at, (reading, (_, place)) in enumerate(zip(readings, placed, strict=True)):
        if at in asks:
            yield "<whether>", place
        if reading is not None:
            yield reading, place
        if reading in _PLURAL and not asking:
            yield MANY, place


def _pronoun(before: list[str], verb: str | None, behind: str) -> bool:
    """Whether an article is none: `je la modifie`, `pour la modifier`."""
    if verb is None:
        return False
    return verb == behind or bool(before and before[-1] in _SUBJECTS and tuple(before[-2:]) not in _BY_WHOM)


def _object(words: list[str], at: int) -> bool:
    """Whether something is done to whoever asks, by somebody else: `mon chef doit me prévenir`, `qui me remplace`."""
    before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
    if words[at] != "me":
        return before in ("de", "sur", "contre", "par", "avec", "sans")
    verb = infinitive(behind)
    if verb == behind:
        return before in ("peut", "doit", "va", "peuvent", "doivent", "vont")
    return verb is not None and before not in ("je", "ne", "tu", "vous", "il", "")


def _clause(words: list[str], at: int) -> int:
    """Where the clause begins in which this word stands."""
    while at and words[at - 1] != ",":
        at -= 1
    return at


def _negate(words: list[str], readings: list[str | None], at: int) -> None:
    """`ne` says nothing beside `pas`; with `plus` or `que` the two say something of their own."""
    readings[at] = None
    if {"personne", "rien", "aucun", "aucune"}.intersection(words[:at]):
        return
    for further in range(at + 1, min(at + 8, len(words))):
        if words[further] in _NEGATIONS:
            return
        if words[further] in ("plus", "que"):
            readings[further] = "ne-plus" if words[further] == "plus" else "seulement"
            return
    readings[at] = "pas"


def _active(placed: list[Placed]) -> list[Placed]:
    """`par qui les contrats sont-ils signés` as `qui signe les contrats`."""
    words = [word for word, _ in placed]
    done = next((at for at, word in enumerate(words) if past(word)), None)
    if words[:2] != ["par", "qui"] or done is None or not {"est", "sont"}.intersection(words[:done]):
        return placed
    verb = infinitive(words[done]) or words[done]
    rest = [(word, at) for word, at in placed[2:] if at != done and word not in _SPOKEN_OF | {"est", "sont"}]
    return [placed[1], (verb, done), *rest]


def _topic(words: list[str]) -> bool:
    """Whether it is a bare thing, without a verb: `délai de remboursement` asks what it is."""
    return infinitive(words[0]) is None and not any(
        word in _AUXILIARIES or word in _NO_TOPIC or (infinitive(word) not in (None, word) and not past(word))
        for word in words
    )
