"""The order of German words: a verb that stands second, or in two parts, is put where an infinitive stands.

`Wie setze ich mein Passwort zurück` and `Wie kann ich mein Passwort zurücksetzen` become the same, and the parts of a verb
can no more get lost in two places. What only case and order tell, who does it to whom, is told by marks.
"""

from collections.abc import Iterator

from .verbs import FINITE, FOLDED_PARTICLES, fold, infinitive, parted

OBJECT_FIRST = "<object-first>"
"""Stands at the end of a clause whose object comes before its subject: `den Chef hat der Kollege beleidigt`."""
NAMED_SUBJECT = "<named-subject>"
"""Stands at the end of a clause in which neither I nor you do it: `wann ruft der Chef an` is not `wann rufe ich den Chef an`."""
TO_ME = "<to-me>"
"""Stands there too where it is done to me: `ruft mich der Chef an`."""
MYSELF = "<myself>"
"""Stands there where whoever asks does it to themselves: `wie ziehe ich mich um` is not `wie ziehe ich um`."""

REQUESTS = frozenset(
    "uebersetzen schreiben erklaeren nennen beschreiben korrigieren erstellen vergleichen berechnen formulieren zeigen sagen"
    " extrahieren klassifizieren analysieren pruefen fassen listen geben ergaenzen kuerzen verbessern".split()
)
"""Verbs with which something is asked to be done: behind them, `Sie` is whoever shall do it."""

Placed = tuple[str, int]
"""A word, and where it stood."""

_ASKING = frozenset(
    "wie wo wann warum wieso weshalb was wer wen wem wessen womit wofuer wozu woran worin worauf woher wohin wodurch wovon wonach"
    " worueber inwiefern welche welcher welches welchen welchem wieviel wieviele".split()
)
_INDIRECT = _ASKING | {"ob"}
_MODALS = frozenset(
    "kann kannst koennen koennt koennte koennten koenntest koenntet muss musst muessen muesst muesste muessten soll sollst"
    " sollen sollt sollte sollten darf darfst duerfen duerft duerfte will willst wollen wollt moechte moechtest moechten wuerde"
    " wuerdest wuerden".split()
)
_COPULAS = frozenset("ist sind bin bist seid war waren warst".split())
_AUXILIARIES = _COPULAS | frozenset(
    "wird werden wirst werde wurde wurden hat haben habe hast habt hatte hatten".split()
)
_PASSIVE = frozenset(("wird", "werden"))
_ALLOWED = frozenset(("erlaubt", "gestattet"))
_SUBJECTS = frozenset("ich man wir du er sie es ihr jemand".split())
_TO_ME = frozenset(("mich", "mir", "uns"))
_SELVES = frozenset(("mich", "sich"))
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
_APART = frozenset(("zurueck", "herunter", "runter", "hoch", "hinzu", "herauf", "rauf"))
"""Particles that are often written apart from an infinitive, and are nothing else before one."""
_INTRODUCING = frozenset(
    "hallo hi hey moin erklaere erklaer erklaeren sag sage sagen sagt zeig zeige zeigen beschreibe verrate verraten mitteilen wissen weisst weiss wisst"
    " kannst koennen koennten koenntest koennt bitte mal kurz doch vielleicht zufaellig eventuell gerade nur gern gerne mir uns"
    " mich sie du ihr ich es jemand hier moechte wuerde wollte wuesste frage fragen ueberlege interessiert interessieren haette gewusst".split()
)
"""What a question is led in with: `können Sie mir sagen`, `ich frage mich`."""
_MEANING = {
    ("was", "bedeuten"),
    ("was", "heissen"),
    ("wie", "lauten"),
    ("wo", "stehen"),
    ("wo", "liegen"),
    ("wofuer", "stehen"),
}
"""What says no more than `was ist`, `wo ist`."""
_HOW_TO = {
    ("wie", "geht", "das"),
    ("wie", "mache", "ich", "das"),
    ("wie", "macht", "man", "das"),
    ("wie", "funktioniert", "das"),
}
_WHAT_TO_DO = {("was", "tun"), ("was", "machen"), ("was", "unternehmen")}


def arrange(words: list[str]) -> list[Placed]:
    """The words of a sentence, with "," where a comma stands and "" where a number or the like does, in the order that the
    phrases expect: what is asked first, then under which condition."""
    words = words[:-1] if words[-1:] == ["?"] else words
    if tuple(map(fold, words)) in _HOW_TO:
        return []
    words = [
        word + "e" * ((not at or behind == "ich") and _clipped(word, behind))
        for at, (word, behind) in enumerate(zip(words, [*words[1:], ""], strict=False))
    ]
    main: list[Placed] = []
    conditions: list[Placed] = []
    commas: list[Placed] = []
    for clause in _clauses(words):
        opens = _word(clause[0])
        if (
            not main
            and not conditions
            and all(_word(placed) in _INTRODUCING for placed in clause)
            and _asks(clause, words)
        ):
            continue
        if not main and opens in _CONDITIONS and not conditions:
            conditions = _marked(clause, finite=True)
        elif not main and opens == ",":
            commas += clause
        elif main and tuple(map(_word, clause)) in _HOW_TO:
            main = [clause[0], *main]
        elif main and opens == "um" and len(main) > 2 and (_word(main[0]), _word(main[-2])) in _WHAT_TO_DO:
            main = [("wie", main[0][1]), ("man", main[0][1]), *_without_to(clause[1:])]
        elif not main or opens in _ASKING or opens == "ob":
            main += _shaped(clause, conditions)
        else:
            main += _marked(_without_to(clause), finite=opens in _SUBORDINATE)
    return [*main, *commas, *conditions] if main else [*conditions, *commas]


def _clipped(word: str, behind: str) -> bool:
    """Whether a verb has lost its ending, before I or in a request: `lösch ich`, `erklär mir`."""
    return behind in _BEHIND_CLIPPED and fold(word) not in FINITE and fold(word) + "e" in FINITE


_BEHIND_CLIPPED = frozenset(("ich", "mir", "mich", "uns", "bitte"))


def _asks(clause: list[Placed], words: list[str]) -> bool:
    """Whether a question is behind this clause, or behind its comma."""
    behind = [fold(word) for word in words[clause[-1][1] + 1 :][:2] if word != ","]
    return bool(behind) and behind[0] in _INDIRECT


def _shaped(clause: list[Placed], conditions: list[Placed]) -> list[Placed]:
    """A clause that asks or tells, its verb at the end."""
    if conditions:
        clause = [placed for at, placed in enumerate(clause) if at > 3 or _word(placed) not in ("dann", "so")]
    if len(clause) > 1 and _word(clause[0]) == "bitte":
        clause = clause[1:]
    clause = _there_is(_person(_permitted(_passive(_compared(clause)))))
    return _without_to(_verb_last(clause))


def _compared(words: list[Placed]) -> list[Placed]:
    """`worin unterscheiden sich A und B` as `was ist der Unterschied zwischen A und B`."""
    folded = [_word(placed) for placed in words]
    if len(words) < 6 or folded[0] not in ("worin", "wodurch", "wie") or folded[1] not in _DIFFER:
        return words
    things = [(("und" if word == "von" else word), at) for word, at in words[2:] if word != "sich"]
    joined = [word for word, _ in things if word == "und"]
    return [("unterschied", words[1][1]), ("zwischen", words[1][1]), *things] if len(joined) == 1 else words


_DIFFER = frozenset(("unterscheiden", "unterscheidet"))


def _there_is(words: list[Placed]) -> list[Placed]:
    """`haben Sie Zimmer mit Balkon` as `gibt es Zimmer mit Balkon`."""
    folded = [_word(placed) for placed in words]
    if len(words) < 3 or folded[0] not in ("haben", "habt", "hast") or folded[1] != "sie":
        return words
    if any(map(_is_done, folded[2:])) or not _SUBJECTS.isdisjoint(folded[2:]) or not _TO_ME.isdisjoint(folded):
        return words
    return [("gibt", words[0][1]), ("es", words[1][1]), *words[2:]]


def _clauses(words: list[str]) -> Iterator[list[Placed]]:
    """What stands between commas and the words that begin a clause; a comma is alone."""
    clause: list[Placed] = []
    for at, word in enumerate(words):
        led_in = len(clause) > 1 and fold(word) in _INDIRECT and all(_word(placed) in _INTRODUCING for placed in clause)
        if clause and (word == "," or fold(word) in _SUBORDINATE or clause[-1][0] == "," or led_in):
            yield clause
            clause = []
        clause.append((word, at))
    if clause:
        yield clause


def _passive(words: list[Placed]) -> list[Placed]:
    """`von wem wird ... genehmigt` as `wer genehmigt`, `kann ... geändert werden` as `kann man ... ändern`."""
    folded = [_word(placed) for placed in words]
    for at in range(len(words) - 1):
        if folded[at] == "laesst" and folded[at + 1] == "sich":
            return [*words[:at], ("kann", words[at][1]), ("man", words[at + 1][1]), *words[at + 2 :]]
    if len(words) < 4 or not _is_done(folded[-2 if folded[-1] == "werden" else -1]):
        return words
    by = "von" in folded or "durch" in folded
    if folded[:2] == ["von", "wem"] and folded[2] in _PASSIVE:
        return [("wer", words[0][1]), (infinitive(folded[-1]), words[-1][1]), *words[3:-1]]
    modal = next((at for at, word in enumerate(folded[:5]) if word in _MODALS), None)
    if folded[-1] == "werden" and modal is not None and not by:
        return [
            *words[: modal + 1],
            ("man", words[modal][1]),
            *words[modal + 1 : -2],
            (infinitive(folded[-2]), words[-2][1]),
        ]
    if not _ASKING.isdisjoint(folded[:2]) and not by:
        will = next((at for at, word in enumerate(folded[:6]) if word in _PASSIVE), None)
        if will is not None and folded[-1] not in _PASSIVE:
            return [
                *words[:will],
                ("man", words[will][1]),
                *words[will + 1 : -1],
                (infinitive(folded[-1]), words[-1][1]),
            ]
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
    for at in range(min(len(words) - 1, 4)):
        verb, subject = _word(words[at]), _word(words[at + 1])
        if not _is_verb(verb):
            continue
        if subject == "sie" and at == 0 and verb in REQUESTS:
            return [words[0], *words[2:]]
        named = at + 2 < len(words) and _word(words[at + 2]) in _SUBJECT_ARTICLES
        if (subject == "ihr" and verb.endswith("t") and not named) or (subject == "du" and verb.endswith("st")):
            return [*words[: at + 1], ("sie", words[at + 1][1]), *words[at + 2 :]]
        break
    return words


def _verb_last(words: list[Placed]) -> list[Placed]:
    """A clause with its verb at the end, its particle before it, and what tells who does it to whom."""
    if len(words) < 2:
        return words
    if [_word(placed) for placed in words[:2]] == ["wie", "teuer"] and _word(words[-1]) != "teuer":
        kept = [placed for placed in words[2:] if _word(placed) not in ("ist", "sind")]
        return [("wieviel", words[0][1]), *kept, ("kosten", words[1][1]), (NAMED_SUBJECT, words[1][1])]
    at = _finite(words)
    if at is None:
        told = _told(words)
        return _marked(told, finite=True) if told is not words else _marked(_modal_second(words))
    verb = infinitive(_word(words[at]))
    following = words[at + 1 :]
    if verb == "wissen" or (verb == "geben" and _word(following[0]) == "es"):
        return words
    if _word(following[-1]) in _PARTICLES:
        verb = _word(following.pop()) + verb
    if (_word(words[0]), verb) in _MEANING:
        return [("wo" if _word(words[0]) == "wo" else "was", words[0][1]), *following]
    if verb == "schreiben" and [_word(words[0]), _word(following[0])] == ["wie", "man"] and len(following) < 3:
        verb = "buchstabieren"
    asking: list[Placed] = []
    if at == 0 and (_word(words[0]).endswith("t") or (following and _word(following[0]) in _SUBJECTS)):
        asking = [("ob", words[0][1])]
    elif at == 0:
        return [*following, (verb, words[at][1])]
    before = words[:at]
    if verb == "kosten" and _word(words[0]) == "was":
        before = [("wieviel", words[0][1])]
    return _marked([*asking, *before, *following, (verb, words[at][1])], finite=True)


def _finite(words: list[Placed]) -> int | None:
    """Where a main clause's verb stands that has something behind it; None where that is an auxiliary, or at the end."""
    start = 1 if _word(words[0]) in _PREPOSITIONS and _word(words[1]) in _ASKING else 0
    at = 0
    if _word(words[start]) in _ASKING:
        if start + 1 < len(words) and _word(words[start + 1]) in _SUBJECTS:
            return None
        at = next((place for place in range(start + 1, min(len(words), start + 5)) if _is_verb(_word(words[place]))), 0)
    word = _word(words[at])
    return at if word in FINITE and word not in _MODALS | _AUXILIARIES and at < len(words) - 1 else None


def _told(words: list[Placed]) -> list[Placed]:
    """`mein Paket kommt nicht an` as `mein Paket nicht ankommen`: a statement as it stands behind `wenn`."""
    start = 1 if _word(words[0]) in ("ich", "wir") else 2 if _word(words[0]) in _SUBJECT_ARTICLES else len(words)
    for at in range(start, min(len(words) - 1, start + 3)):
        word = _word(words[at])
        if word in _MODALS | _AUXILIARIES:
            break
        if word in FINITE:
            following = words[at + 1 :]
            particle = following.pop()[0] if _word(following[-1]) in _PARTICLES else ""
            return [*words[:at], *following, (particle + infinitive(word), words[at][1])]
    return words


def _modal_second(words: list[Placed]) -> list[Placed]:
    """`wo ich mein Passwort ändern kann` as `wo kann ich mein Passwort ändern`, `ob ich darf` as `darf ich`."""
    if _word(words[-1]) in _MODALS and len(words) > 2 and _word(words[1]) in _SUBJECTS:
        if _word(words[0]) == "ob":
            return [words[-1], *words[1:-1]]
        if _word(words[0]) in _ASKING:
            return [words[0], words[-1], *words[1:-1]]
    return words


def _without_to(words: list[Placed]) -> list[Placed]:
    """Without the `zu` of an infinitive, and with its particle where that was written apart."""
    if len(words) > 1 and _word(words[-2]) in _APART and FINITE.get(_word(words[-1])) == _word(words[-1]):
        words = [*words[:-2], (words[-2][0] + words[-1][0], words[-1][1])]
    return [
        placed
        for placed, (following, _) in zip(words, [*words[1:], ("", 0)], strict=False)
        if not (placed[0] == "zu" and FINITE.get(fold(following)) == fold(following))
    ]


def _marked(words: list[Placed], *, finite: bool = False) -> list[Placed]:
    """A clause with what only its order and its articles tell; a bare infinitive is done by whoever asks."""
    folded = [_word(placed) for placed in words]
    mine = len(words) > 3 and folded[0] in _CONDITIONS and folded[1] == "ich" and folded[-1] == "habe"
    if mine and _is_done(folded[-2]):  # as `ich habe meine PIN vergessen` is read
        return words[:-1]
    marks: list[str] = []
    if _pronoun_does_it(folded):
        to_self = not _SELVES.isdisjoint(folded) or ("wir" in folded and "uns" in folded)
        return [*words, (MYSELF, words[-1][1])] if to_self else words
    if finite or any(map(_does, folded)):
        marks.append(NAMED_SUBJECT)
        if not _TO_ME.isdisjoint(folded):
            marks.append(TO_ME)
    if _object_first(folded):
        marks.append(OBJECT_FIRST)
    return [*words, *((mark, words[-1][1]) for mark in marks)]


def _pronoun_does_it(words: list[str]) -> bool:
    """Whether I, one, you or they do it; `sie` before a thing with its article may be whom it is done to."""
    for at, word in enumerate(words):
        if word in _SUBJECTS:
            return not (word in ("sie", "es") and at + 1 < len(words) and words[at + 1] in ("der", "ein"))
    return False


def _object_first(words: list[str]) -> bool:
    """Whether what is done to comes before who does it, as only German's articles tell."""
    if words[0] in ("welchen", "welchem") or (words[0] == "der" and len(words) > 3 and words[1].endswith("in")):
        return True
    for at, word in enumerate(words):
        if word not in _OBJECT_ARTICLES or (at and words[at - 1] in _PREPOSITIONS):
            continue
        before = any(earlier in _SUBJECT_ARTICLES for earlier in words[:at])
        behind = any(
            words[place] in _SUBJECT_ARTICLES and words[place - 1] not in _PREPOSITIONS
            for place in range(at + 2, len(words))
        )
        return behind and not before
    return False


def _is_done(word: str) -> bool:
    """Whether it may be a participle: in the passive also `genehmigt`, which is `er genehmigt` too."""
    return (infinitive(word) != word or word in FINITE) and not word.endswith("e")


def _does(word: str) -> bool:
    """Whether a third person does it: `ruft`, `kann`."""
    if word in _MODALS or word in _AUXILIARIES:
        return word not in _COPULAS
    return word.endswith("t") and (word in FINITE or parted(word))


def _is_verb(word: str) -> bool:
    return word in _MODALS or word in _AUXILIARIES or word in FINITE


def _word(placed: Placed) -> str:
    return fold(placed[0])
