"""The order of German words: a verb that stands second, or in two parts, is put where an infinitive stands.

`Wie setze ich mein Passwort zurück` and `Wie kann ich mein Passwort zurücksetzen` become the same, and the parts of a verb
can no more get lost in two places.
"""

from collections.abc import Iterator

from .inflection import FINITE, FOLDED_PARTICLES, fold, infinitive

OBJECT_FIRST = "<object-first>"
"""Stands at the end of a sentence whose object comes before its subject: `den Chef hat der Kollege beleidigt`."""

Placed = tuple[str, int]
"""A word, and where it stood."""

_ASKING = frozenset(
    "wie wo wann warum wieso weshalb was wer wen wem wessen womit wofuer wozu woran worin worauf woher wohin wodurch wovon wonach"
    " worueber inwiefern welche welcher welches welchen welchem wieviel wieviele".split()
)
_MODALS = frozenset(
    "kann kannst koennen koennt koennte koennten koenntest koenntet muss musst muessen muesst muesste muessten soll sollst"
    " sollen sollt sollte sollten darf darfst duerfen duerft duerfte will willst wollen wollt moechte moechtest moechten wuerde"
    " wuerdest wuerden".split()
)
_AUXILIARIES = frozenset(
    "ist sind bin bist seid war waren warst wird werden wirst werde wurde wurden hat haben habe hast habt hatte hatten".split()
)
_PASSIVE = frozenset(("wird", "werden"))
_ALLOWED = frozenset(("erlaubt", "gestattet"))
_SUBJECTS = frozenset("ich man wir du er sie es ihr jemand".split())
_SUBORDINATE = frozenset("wenn falls weil dass damit obwohl bevor nachdem sofern sobald solange aber sondern".split())
_CONDITIONS = frozenset(("wenn", "falls", "sofern"))
_OBJECT_ARTICLES = frozenset(
    "den dem einen einem diesen diesem meinen meinem deinen deinem seinen seinem ihren ihrem unseren unserem keinen keinem"
    " jeden jedem".split()
)
_SUBJECT_ARTICLES = frozenset("der die das ein eine dieser diese mein meine unser unsere jeder jede kein keine".split())
_PREPOSITIONS = frozenset(
    "in an auf aus bei zu von mit fuer ueber unter durch gegen um ab zwischen neben hinter vor nach bis seit ohne per laut statt"
    " trotz wegen pro innerhalb ausserhalb ausser entlang gegenueber samt".split()
)
_PARTICLES = frozenset(FOLDED_PARTICLES)
REQUESTS = frozenset(
    "uebersetzen schreiben erklaeren nennen beschreiben korrigieren erstellen vergleichen berechnen formulieren zeigen sagen"
    " extrahieren klassifizieren analysieren pruefen fassen listen geben ergaenzen kuerzen verbessern".split()
)
"""Verbs with which something is asked to be done: behind them, `Sie` is whoever shall do it."""


def arrange(words: list[str]) -> list[Placed]:
    """The words of a sentence, with "," where a comma stands and "" where a number or the like does, in the order that the
    phrases expect: what is asked first, then under which condition."""
    words = words[:-1] if words[-1:] == ["?"] else words
    main: list[Placed] = []
    conditions: list[Placed] = []
    rest: list[Placed] = []
    for clause in _clauses(words):
        opens = _word(clause[0])
        if not main and opens in _CONDITIONS and not conditions:
            conditions = clause
        elif not main and opens == ",":
            rest += clause
        elif not main or opens in _ASKING:
            main += _shaped(clause, conditions)
        else:
            main += _without_to(clause)
    return [*main, *rest, *conditions] if main else [*conditions, *rest]


def _shaped(clause: list[Placed], conditions: list[Placed]) -> list[Placed]:
    """A main clause, with a mark where its object is in front of its subject."""
    marked = [(OBJECT_FIRST, clause[0][1])] if _object_first(clause) else []
    if conditions:
        clause = [placed for at, placed in enumerate(clause) if at > 3 or _word(placed) not in ("dann", "so")]
    if len(clause) > 1 and _word(clause[0]) == "bitte":
        clause = clause[1:]
    return [*_without_to(_verb_last(_person(_permitted(_passive(clause))))), *marked]


def _clauses(words: list[str]) -> Iterator[list[Placed]]:
    """What stands between commas and the words that begin a clause; a comma is alone."""
    clause: list[Placed] = []
    for at, word in enumerate(words):
        if clause and (word == "," or fold(word) in _SUBORDINATE or clause[-1][0] == ","):
            yield clause
            clause = []
        clause.append((word, at))
    if clause:
        yield clause


def _passive(words: list[Placed]) -> list[Placed]:
    """`von wem wird ... genehmigt` as `wer genehmigt`, `kann ... geändert werden` as `kann ... ändern`."""
    folded = [_word(placed) for placed in words]
    if len(words) > 3 and folded[:2] == ["von", "wem"] and folded[2] in _PASSIVE and _is_done(folded[-1]):
        return [("wer", words[0][1]), (infinitive(folded[-1]), words[-1][1]), *words[3:-1]]
    if len(words) > 3 and folded[0] == "wie" and folded[1] in _PASSIVE and _is_done(folded[-1]):
        return [words[0], ("man", words[1][1]), *words[2:-1], (infinitive(folded[-1]), words[-1][1])]
    if (
        len(words) > 3
        and folded[-1] == "werden"
        and _is_done(folded[-2])
        and any(word in _MODALS for word in folded[:3])
    ):
        return [*words[:-2], (infinitive(folded[-2]), words[-2][1])]
    for at in range(len(words) - 1):
        if folded[at] == "laesst" and folded[at + 1] == "sich":
            return [*words[:at], ("kann", words[at][1]), ("man", words[at + 1][1]), *words[at + 2 :]]
    return words


def _permitted(words: list[Placed]) -> list[Placed]:
    """`ist Rauchen ... erlaubt` as `darf man ... rauchen`."""
    if len(words) > 2 and _word(words[0]) == "ist" and _word(words[-1]) in _ALLOWED and _word(words[1]) != "es":
        verb = next((placed for placed in words[1:-1] if _word(placed) == FINITE.get(_word(placed))), None)
        if verb:
            kept = [placed for placed in words[1:-1] if placed is not verb and _word(placed) not in ("das", "es")]
            return [("darf", words[0][1]), ("man", words[0][1]), *kept, verb]
    return words


def _person(words: list[Placed]) -> list[Placed]:
    """`liefert ihr` and `lieferst du` as `liefern Sie`; `übersetzen Sie` as `übersetze`."""
    if len(words) < 2 or _word(words[0]) not in FINITE:
        return words
    verb, subject = _word(words[0]), _word(words[1])
    if subject == "sie" and verb in REQUESTS:
        return [words[0], *words[2:]]
    if (subject == "ihr" and verb.endswith("t")) or (subject == "du" and verb.endswith("st")):
        return [words[0], ("sie", words[1][1]), *words[2:]]
    return words


def _verb_last(words: list[Placed]) -> list[Placed]:
    """A main clause with its verb at the end, its particle before it."""
    if len(words) < 2:
        return words
    if [_word(placed) for placed in words[:2]] == ["wie", "teuer"] and _word(words[-1]) != "teuer":
        kept = [placed for placed in words[2:] if _word(placed) not in ("ist", "sind")]
        return [("wieviel", words[0][1]), *kept, ("kosten", words[1][1])]
    at = _finite(words)
    if at is None:
        return _modal_second(words)
    verb = infinitive(_word(words[at]))
    following = words[at + 1 :]
    if verb == "wissen" or (verb == "geben" and _word(following[0]) == "es"):
        return words
    if _word(following[-1]) in _PARTICLES:
        verb = _word(following.pop()) + verb
    asking = [("ob", words[0][1])] if at == 0 and following and _word(following[0]) in _SUBJECTS else []
    if verb == "kosten" and _word(words[0]) == "was":
        return [("wieviel", words[0][1]), *following, (verb, words[at][1])]
    return [*asking, *words[:at], *following, (verb, words[at][1])]


def _finite(words: list[Placed]) -> int | None:
    """Where a main clause's verb stands that has something behind it; None where that is an auxiliary."""
    at = 0
    if _word(words[0]) in _ASKING:
        if _word(words[1]) in _SUBJECTS:
            return None
        at = next((place for place in range(1, min(len(words), 5)) if _is_verb(_word(words[place]))), 0)
    word = _word(words[at])
    return at if word in FINITE and word not in _MODALS | _AUXILIARIES and at < len(words) - 1 else None


def _modal_second(words: list[Placed]) -> list[Placed]:
    """`wo ich mein Passwort ändern kann` as `wo kann ich mein Passwort ändern`."""
    if _word(words[-1]) in _MODALS and _word(words[0]) in _ASKING and _word(words[1]) in _SUBJECTS:
        return [words[0], words[-1], *words[1:-1]]
    return words


def _without_to(words: list[Placed]) -> list[Placed]:
    """Without the `zu` of an infinitive."""
    return [
        placed
        for placed, (following, _) in zip(words, [*words[1:], ("", 0)], strict=False)
        if not (placed[0] == "zu" and FINITE.get(fold(following)) == fold(following))
    ]


def _object_first(words: list[Placed]) -> bool:
    """Whether what is done to comes before who does it, as only German's articles tell."""
    folded = [_word(placed) for placed in words]
    for at, word in enumerate(folded):
        if word not in _OBJECT_ARTICLES or (at and folded[at - 1] in _PREPOSITIONS):
            continue
        before = any(earlier in _SUBJECT_ARTICLES | _SUBJECTS for earlier in folded[:at])
        behind = any(
            folded[place] in _SUBJECT_ARTICLES and folded[place - 1] not in _PREPOSITIONS
            for place in range(at + 2, len(folded))
        )
        return behind and not before
    return False


def _is_done(word: str) -> bool:
    """Whether it may be a participle: in the passive also `genehmigt`, which is `er genehmigt` too."""
    return infinitive(word) != word and not word.endswith("e")


def _is_verb(word: str) -> bool:
    return word in _MODALS or word in _AUXILIARIES or word in FINITE


def _word(placed: Placed) -> str:
    return fold(placed[0])
