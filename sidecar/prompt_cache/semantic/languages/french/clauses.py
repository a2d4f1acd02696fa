"""What French words are by what stands around them.

`ne marche plus`, `les prix augmentent-ils`, `je la modifie`, `par qui sont signés les contrats`: none of these can be told word by word.
"""

from collections.abc import Iterator

from .inflection import infinitive, past
from .rewording import WAYS, WHICH, active, apart, bare, needed, own, there_is, to_do, verbal
from .small_words import AUXILIARIES, DETERMINERS, PHRASE_HEADS, SPOKEN_OF, Placed, is_finite

_SUBJECTS = frozenset("je tu il elle on nous vous ils elles ne qui me te lui".split())
_ASKERS = frozenset("je tu on nous vous".split())
_HAVE = frozenset("ai as a avons avez".split())
_NEGATIONS = frozenset("pas jamais rien aucun aucune personne ni".split())
_NO_TOPIC = frozenset(
    "je tu il elle on nous vous ils elles ce ça cela ne pas me te se lui comment pourquoi quand où combien qui que quoi quel quelle quels"
    " quelles lequel laquelle bonjour merci".split()
)
_PLURAL = frozenset("les mes tes ses nos vos leurs ces".split())
MANY = "plusieurs-choses"
"""Behind an article: in a request it matters whether one thing is meant or more, `supprime la ligne`, `supprime les lignes`."""
_BY_WHOM = frozenset((preposition, "qui") for preposition in ("par", "à", "avec", "pour", "de", "chez"))


def arrange(words: list[str]) -> list[Placed]:
    """The words of a sentence in the order and the form that the phrases expect."""
    start = next((at for at, word in enumerate(words) if word != ","), len(words))
    asked = words[-1:] == ["?"]
    placed = [(word, at) for at, word in enumerate(words) if at >= start and word != "?"]
    if not placed:
        return []
    placed = _accented(placed)
    placed = apart(placed)
    placed = there_is(bare(needed(verbal(own(placed)))))
    placed = _subject_first(_question_first(active(to_do(placed))))
    if asked and _declares([word for word, _ in placed]):
        placed.insert(0, ("<whether>", placed[0][1]))
    if placed and _topic([word for word, _ in placed]):
        return [("<which>", placed[0][1]), *placed]
    return list(_read(placed))


def _accented(placed: list[Placed]) -> list[Placed]:
    """`a quelle heure`, `un accès a mon compte` with the accent that is left out, where no other word has one either."""
    words = [word for word, _ in placed]
    if "a" not in words or not all(map(str.isascii, words)):
        return placed
    following = [*words[1:], ""]
    return [
        ("à", at) if word == "a" and before not in _BEFORE_HAS and _thing(behind) else (word, at)
        for (word, at), before, behind in zip(placed, ["", *words], following, strict=False)
    ]


_BEFORE_HAS = frozenset("il elle on qui y ne ce".split())


def _thing(word: str) -> bool:
    """Whether a thing begins here, or something to do."""
    return word in DETERMINERS or word in WHICH or infinitive(word) == word


def _read(placed: list[Placed]) -> Iterator[Placed]:
    words = [word for word, _ in placed]
    readings: list[str | None] = list(words)
    asks: set[int] = set()
    for at, word in enumerate(words):
        before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else "."
        if word == "ne":
            _negate(words, readings, at)
        elif word in ("le", "la", "les") and _pronoun(words[:at], infinitive(behind), behind):
            readings[at] = f"{word}-lui"
        elif word == "te" and before != "tu" and infinitive(behind) != "plaire":
            readings[at] = "te-objet"
        elif word == "vous" and _yours(before, behind):
            readings[at] = "vous-objet"
        elif word in ("me", "se") and before in _TO_ONESELF and infinitive(behind) not in _ALWAYS_TO_ONESELF:
            readings[at] = "soi-même"
        elif word in ("me", "nous", "moi") and _object(words, at):
            readings[at] = "moi-objet"
        elif word in SPOKEN_OF and (before in AUXILIARIES or infinitive(before)):
            start = _clause(words, at)
            if DETERMINERS.intersection(words[start : at - 1]):
                readings[at] = None
                if words[start] in DETERMINERS:
                    asks.add(start)
        elif at > 1 and word in _ASKERS and before in _HAVE and infinitive(behind) != behind:
            readings[at - 1], readings[at] = word, before
        elif (
            word in ("vous", "tu") and before not in AUXILIARIES and infinitive(before) and before.endswith(("ez", "s"))
        ):
            readings[at - 1], readings[at] = word, before
            if _clause(words, at) == at - 1:
                asks.add(at - 1)
    questions = not _requests(words)
    for at in range(1, len(words)):
        reflexive = at > 1 and words[at - 2] in ("se", "me", "te", "nous", "vous")
        acts = _acts(words[at - 1]) and not (at > 1 and words[at - 2] in DETERMINERS)
        if questions and words[at : at + 2] == ["de", "les"] and acts and not reflexive:
            readings[at] = None
    requests = not questions and _LISTING.isdisjoint(words)
    for at, (reading, (_, place)) in enumerate(zip(readings, placed, strict=True)):
        if at in asks:
            yield "<whether>", place
        if reading is not None:
            yield reading, place
        if reading in _PLURAL and requests:
            yield MANY, place


_TO_ONESELF = frozenset("comment où quand pour à je on".split())
_ALWAYS_TO_ONESELF = {None} | frozenset(
    "connecter inscrire désabonner désinscrire rendre adresser prendre tourner rapprocher passer faire demander procurer appeler nommer"
    " situer trouver tenir élever manifester débarrasser".split()
)
"""Verbs that mean the same without, or that phrases know."""


def _pronoun(before: list[str], verb: str | None, behind: str) -> bool:
    """Whether an article is none: `je la modifie`, `pour la modifier`."""
    if before and infinitive(before[-1]) and not past(before[-1]) and behind in PHRASE_HEADS | {"."}:
        return True
    if verb is None or (before[-1:] == ["vous"] and verb != behind and not behind.endswith(("ez", "es"))):
        return False
    return verb == behind or bool(before and before[-1] in _SUBJECTS and tuple(before[-2:]) not in _BY_WHOM)


def _yours(before: str, behind: str) -> bool:
    """Whether something is done to whoever is asked: `qui vous paie`, `puis-je vous payer`."""
    verb = infinitive(behind)
    if verb in (None, "plaire") or before.endswith(("ez", "es")) or before in ("vous", "si"):
        return False
    return verb == behind or (before != "pour" and not behind.endswith(("ez", "es")))


def _object(words: list[str], at: int) -> bool:
    """Whether something is done to whoever asks, by somebody else: `mon chef doit me prévenir`, `qui me remplace`."""
    before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
    if words[at] != "me":
        return before in ("de", "sur", "contre", "par", "avec", "sans")
    if behind in ("a", "ont"):
        return True
    verb = infinitive(behind)
    if verb == behind:
        before = words[at - 2] if before == "on" and at > 1 else before
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


def _question_first(placed: list[Placed]) -> list[Placed]:
    """`le magasin ferme à quelle heure` as `à quelle heure le magasin ferme`."""
    words = [word for word, _ in placed]
    at = next((at for at, word in enumerate(words) if word in _ASKING), 0)
    length = next((len(asked) for asked in _WHEN if words[at - 1 : at - 1 + len(asked)] == asked), 0)
    begin, end = (at - 1, at - 1 + length) if length else (at, at + 1)
    if words[at] in WHICH and not length:
        if words[at + 1 : at + 2] != ["heure"]:
            return placed  # `vous payez quel fournisseur` is not `quel fournisseur vous paie`
        end += 1
    if words[at] == "combien":
        while words[end : end + 1] == ["de"]:
            end += 2
    begin -= words[begin - 1 : begin] == ["jusque"]
    if words[:begin][-2:] == ["y", "a"] or (
        begin < 2
        or not any(map(is_finite, words[:begin]))
        or any(word in _ASKING or infinitive(word) for word in words[end:])
    ):
        return placed
    if words[begin - 1] in _BEFORE_QUESTIONS | _TELLING or words[0] in _TELLING or infinitive(words[0]):
        return placed
    return [*placed[begin:end], *placed[:begin], *placed[end:]]


def _subject_first(placed: list[Placed]) -> list[Placed]:
    """`quand est envoyée la facture`, `où habite le gardien` as `quand la facture est envoyée`, `où le gardien habite`."""
    words = [word for word, _ in placed]
    start = next(
        (len(asked) for asked in _WHEN if words[: len(asked)] == asked), int(words[:1] <= ["quand"] and bool(words))
    )
    if words and words[0] in ("quand", "où", "comment", "pourquoi"):
        start = 1
    elif not start or words[0] not in ("à", "depuis", "quel"):
        return placed
    verb = start + (words[start : start + 1] in (["est"], ["sont"]))
    if verb >= len(words) - 1 or not (past(words[verb]) if verb > start else is_finite(words[verb])):
        return placed
    if words[verb] in AUXILIARIES or words[verb] in ("fonctionne", "marche", "fonctionnent", "marchent"):
        return placed
    if words[verb + 1] not in DETERMINERS:
        return placed
    end = verb + 2
    while (
        end < len(words)
        and words[end] not in PHRASE_HEADS
        and not (words[end] in DETERMINERS and words[end - 1] != "de")
    ):
        end += 1
    return [*placed[:start], *placed[verb + 1 : end], *placed[start : verb + 1], *placed[end:]]


_ASKING = frozenset("comment pourquoi quand où combien quelle quel quels quelles".split())
_WHEN = [
    phrase.split()
    for phrase in (
        "à quelle heure",
        "à quel moment",
        "à quelle date",
        "depuis quand",
        "à quel endroit",
        "à quel étage",
        "quel jour",
    )
]
_BEFORE_QUESTIONS = frozenset("de à sur pour par avec en chez dans ne si ou et tout toute".split())
_TELLING = frozenset(
    "explique expliquez expliquer dis dites dire sais savez savoir indique indiquez indiquer préciser demande demander".split()
)


def _acts(word: str) -> bool:
    """Whether it is a verb that may have an object: `importer des contacts`."""
    return infinitive(word) is not None and not past(word) and infinitive(word) not in _OF


_OF = frozenset(
    "parler dépendre bénéficier profiter disposer sortir venir provenir partir changer occuper servir plaindre charger débarrasser passer"
    " informer prévenir discuter manquer traiter rire user abuser répondre juger décider témoigner".split()
)
"""Verbs behind which `des` says of whom or of what."""


def _declares(words: list[str]) -> bool:
    """Whether a question has the form of a statement: `vous livrez en Suisse ?`"""
    if len(words) < 2 or not (words[0] in DETERMINERS or words[0] in ("vous", "tu", "ça", "elle", "ils", "elles")):
        return False
    if words[0] in ("vous", "tu", "ce") and words[1] in AUXILIARIES:
        return False
    return _NO_STATEMENT.isdisjoint(words) and any(map(is_finite, words)) and not SPOKEN_OF.intersection(words[1:])


_NO_STATEMENT = frozenset("que comment pourquoi quand où combien quel quelle quels quelles quoi".split())


_LISTING = frozenset(
    "liste lister listez liste énumère énumérez énumérer cite citez citer donne donnez donner indique indiquez".split()
)


def _requests(words: list[str]) -> bool:
    """Whether something shall be done: a verb stands first, but for what makes it polite."""
    at = 0
    while at < len(words) and words[at] in _POLITE:
        at += 1
    if at == len(words) or words[at + 1 : at + 2] in (["vous"], ["tu"]):
        return False
    verb = infinitive(words[at])
    return verb is not None and (verb == words[at] or words[at - 1 : at] not in (["vous"], ["tu"]))


_POLITE = frozenset(
    "bonjour bonsoir salut , est ce que tu vous peux pouvez pourriez pourrais merci de me nous bien vouloir veuillez si il te plaît".split()
)


def _topic(words: list[str]) -> bool:
    """Whether it is a bare thing, without a verb: `délai de remboursement` asks what it is."""
    if words[0] in WAYS and words[1:2] == ["pour"]:
        return False
    return infinitive(words[0]) is None and not any(
        word in AUXILIARIES or word in _NO_TOPIC or (is_finite(word) and before not in _BEFORE_NOUNS)
        for before, word in zip(["", *words], words, strict=False)
    )


_BEFORE_NOUNS = DETERMINERS | frozenset("de à en pour par sans avec sur contre".split())
