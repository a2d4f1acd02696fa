"""One build for what French says in several: what is needed, done, one's own, or there."""

from .inflection import infinitive, past
from .small_words import AUXILIARIES, DETERMINERS, PHRASE_HEADS, SPOKEN_OF, Placed, is_finite


def active(placed: list[Placed]) -> list[Placed]:
    """`par qui les contrats sont-ils signés` as `qui signe les contrats`."""
    if [word for word, _ in placed[-2:]] == ["par", "qui"] and len(placed) > 4:
        placed = placed[-2:] + placed[:-2]
    words = [word for word, _ in placed]
    done = next(
        (at for at, word in enumerate(words) if past(word) or (infinitive(word) and words[at - 1] == "été")), None
    )
    if words[:2] == ["par", "qui"] and done is not None and "été" in words[:done]:
        had = next((at for at, word in enumerate(words) if word in ("a", "ont")), done)
        rest = [it for at, it in enumerate(placed) if at > 1 and at not in (had, done) and it[0] != "été"]
        return [placed[1], placed[had], placed[done], *(it for it in rest if it[0] not in SPOKEN_OF)]
    if words[:2] != ["par", "qui"] or done is None or not {"est", "sont"}.intersection(words[:done]):
        return placed
    verb = infinitive(words[done]) or words[done]
    rest = [(word, at) for word, at in placed[2:] if at != done and word not in SPOKEN_OF | {"est", "sont"}]
    return [placed[1], (verb, done), *rest]


def needed(placed: list[Placed]) -> list[Placed]:
    """`de quels documents ai-je besoin pour` as `quels documents faut-il pour`."""
    words = [word for word, _ in placed]
    need = next(
        (at for at, word in enumerate(words) if word in _NECESSARY and {"est", "sont"} & {*words[at - 2 : at]}), 0
    )
    if need > 2 and words[0] in WHICH and words[need - 1] in ("est", "sont") and words[need + 1 : need + 2] == ["pour"]:
        return [*placed[: need - 1], ("faut", placed[need - 1][1]), ("il", placed[need][1]), *placed[need + 1 :]]
    start = 3 if words[:3] == ["est", "ce", "que"] else 0
    inverted = need > 1 and words[need - 1] in SPOKEN_OF and words[need - 2] in ("est", "sont")
    verb = need - 1 - inverted
    if (
        verb > start + 1
        and words[start] in ("un", "une")
        and (start or inverted)
        and words[need + 1 : need + 2] == ["pour"]
    ):
        return [("faut", placed[verb][1]), ("il", placed[need][1]), *placed[start:verb], *placed[need + 1 :]]
    at = words.index("besoin") if "besoin" in words else 0
    if at < 4 or words[0] != "de" or words[1] not in WHICH or words[at - 2] not in ("ai", "a", "avons"):
        return placed
    return [*placed[1 : at - 2], ("faut", placed[at - 2][1]), ("il", placed[at][1]), *placed[at + 1 :]]


_NECESSARY = frozenset(
    "nécessaire nécessaires requis requise requises demandé demandés demandée demandées exigé exigés".split()
)


def own(placed: list[Placed]) -> list[Placed]:
    """`peut-on inscrire son enfant` as `peut-on inscrire mon enfant`, where nobody else is spoken of."""
    words = {word for word, _ in placed}
    if "on" not in words or not words.isdisjoint(_OTHERS) or sum(word in _ITS for word, _ in placed) != 1:
        return placed
    return [(_ITS.get(word, word), at) for word, at in placed]


_ITS = {"son": "mon", "sa": "ma", "ses": "mes"}
_OTHERS = frozenset("il ils elle elles lui leur leurs qui mon ma mes ton ta tes votre vos notre nos par".split())


def verbal(placed: list[Placed]) -> list[Placed]:
    """`procédure pour la résiliation de mon contrat`, `prix de envoi de un colis` as `procédure pour résilier mon contrat`."""
    words = [word for word, _ in placed]
    for at in range(2, len(words) - 2):
        start = at - (words[at - 1] in ("le", "la"))
        if (
            words[at] in _DEEDS
            and words[at + 1] == "de"
            and (words[at + 2] in DETERMINERS or words[at + 2] == "les")
            and start > 1
            and words[start - 1] in ("pour", "de")
            and words[start - 2] in WAYS
        ):
            return [*placed[:start], (_DEEDS[words[at]], placed[at][1]), *placed[at + 2 :]]
    return placed


WAYS = frozenset("procédure démarche démarches étapes faire suivre prix coût tarif".split())
_DEEDS = dict(
    pair.split(":")
    for pair in (
        "résiliation:résilier annulation:annuler suppression:supprimer modification:modifier création:créer activation:activer"
        " désactivation:désactiver installation:installer désinstallation:désinstaller réinitialisation:réinitialiser"
        " renouvellement:renouveler réservation:réserver envoi:envoyer expédition:expédier livraison:livrer changement:changer"
        " obtention:obtenir déclaration:déclarer ouverture:ouvrir fermeture:fermer réparation:réparer location:louer"
    ).split()
)
"""Things done and their verbs: `la résiliation`, `résilier`."""


def bare(placed: list[Placed]) -> list[Placed]:
    """`quel navigateur dois-je utiliser`, `quel est le navigateur à utiliser` as `quel navigateur utiliser`."""
    words = [word for word, _ in placed]
    if words[0] == "que" and tuple(words[1:3]) in _SHOULD and words[3:4] not in ([], ["faire"]):
        return [placed[0], *placed[3:]] if infinitive(words[3]) == words[3] else placed
    start = int(words[0] in ("à", "dans", "sur", "avec", "pour", "de"))
    if words[0] in WHICH and words[1:2] in (["est"], ["sont"]) and words[2:3] in (["le"], ["la"], ["les"]):
        to = words.index("à") if "à" in words else 0
        ends = (words[to + 2 : to + 3] or [","])[0] in PHRASE_HEADS
        if (
            3 < to < len(words) - 1
            and words[to + 1] != "suivre"
            and infinitive(words[to + 1]) == words[to + 1]
            and ends
        ):
            return [placed[0], *placed[3:to], *placed[to + 1 :]]
    at = start + 2
    if at + 2 >= len(words) or words[start] not in WHICH or (words[at], words[at + 1]) not in _SHOULD:
        return placed
    return placed[:at] + placed[at + 2 :] if infinitive(words[at + 2]) == words[at + 2] else placed


def apart(placed: list[Placed]) -> list[Placed]:
    """`j'ai perdu mon badge que dois-je faire` with the comma that was left out."""
    words = [word for word, _ in placed]
    for asked in (
        ["que", "dois", "je", "faire"],
        ["que", "faire"],
        ["que", "puis", "je", "faire"],
        ["comment", "faire"],
        ["comment", "dois", "je", "faire"],
    ):
        at = len(words) - len(asked)
        if at > 1 and words[at:] == asked and words[at - 1] != "," and any(map(is_finite, words[:at])):
            return [*placed[:at], (",", placed[at][1]), *placed[at:]]
    return placed


def there_is(placed: list[Placed]) -> list[Placed]:
    """`combien de places y a-t-il` as `combien de places`."""
    words = [word for word, _ in placed]
    for at in range(2, len(words) - 2):
        if words[0] == "combien" and words[at : at + 3] in (["y", "a", "il"], ["il", "y", "a"]):
            return placed[:at] + placed[at + 3 :]
    return placed


_SHOULD = frozenset((("dois", "je"), ("doit", "on"), ("faut", "il"), ("je", "dois"), ("il", "faut"), ("on", "doit")))
WHICH = frozenset("quel quelle quels quelles".split())


def to_do(placed: list[Placed]) -> list[Placed]:
    """`qui prévenir`, `quel client appeler` with a mark, since `qui prévient` is somebody else."""
    words = [word for word, _ in placed]
    start = 1 if words[0] == "qui" else 2 if words[0] in WHICH and words[1:2] not in (["est"], ["sont"]) else len(words)
    for at in range(start, min(len(words), start + 5)):
        verb = infinitive(words[at])
        if words[at] in AUXILIARIES | PHRASE_HEADS | {"de"} or (verb and verb != words[at] and not past(words[at])):
            break
        if verb == words[at]:
            return [*placed[:at], (TO_DO, placed[at][1]), *placed[at:]]
    return placed


TO_DO = "à-faire"
