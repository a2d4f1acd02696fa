"""Small French words, and which forms of verbs stand by themselves."""

from .inflection import infinitive, past

Placed = tuple[str, int]
"""A word, and where it stood."""

DETERMINERS = frozenset(
    "le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces".split()
)

SPOKEN_OF = frozenset("il elle ils elles".split())

AUXILIARIES = frozenset(
    "est sont a ont va vont peut peuvent doit doivent faut suis es ai as êtes sommes avez avons peux pouvez pouvons dois devez devons"
    " puis pourrais pourrait pourriez auriez aurais savez sais sera seront était étaient aura auront".split()
)

PHRASE_HEADS = frozenset(
    "à en dans pour sur avec chez par sans avant après pendant depuis si quand , pas plus jamais".split()
)


def is_finite(word: str) -> bool:
    """Whether it is a verb in a form that has a subject."""
    return word in AUXILIARIES or (infinitive(word) not in (None, word) and not past(word))
