"""What Spanish words are by what stands around them."""

from functools import lru_cache

from ..romance import unaccented
from .inflection import VERBS, infinitive, past

_PRONOUNS = ("me", "te", "se", "nos", "lo", "la", "los", "las", "le", "les")
_THEY_DID = ("ó", "aron", "ieron")
_OBJECTS = frozenset(("lo", "la", "los", "las"))


@lru_cache(8192)
def _taken_off(word: str) -> str:
    """The verb and the pronouns behind it: `enviárselo` is `enviar se lo`."""
    for pronoun in sorted(_PRONOUNS, key=len, reverse=True):
        if not word.endswith(pronoun) or len(word) < len(pronoun) + (2 if word[:-2] in _SHORT else 3):
            continue
        verb = word[: -len(pronoun)]
        plain = unaccented(verb)
        if (plain.endswith(("ar", "er", "ir")) and plain in VERBS.infinitives) or plain in _IMPERATIVES:
            return f"{plain} {pronoun}"
        inner = _taken_off(verb)
        if inner != verb:
            return f"{inner} {pronoun}"
    return word


_SHORT = ("da", "di")
_IMPERATIVES = frozenset(
    unaccented(form)
    for form, verb in VERBS.infinitives.items()
    if form not in VERBS.past
    and form != verb
    and form.endswith(("a", "e", "an", "en"))
    and not form.endswith(("mos", "as"))
) | {"di", "da", "de", "haz", "pon", "ten", "ven", "sal"}
_NO_VERBS = frozenset(
    "tarde clase base fase frase envase parte arte doble hasta nombre hombre sobre cuando desde este ese esa esta informe informes ventanas"
    " nuestros nuestras detalle calle valle muelle bloqueos vales gestionas detalles calles todos todas cuales nivelas escuela tabla palabra"
    " regla mezcla copla sigla saldo pasos cosas casas cuentas manuales hola consola pantalla pantallas plantilla plantillas cuales tales"
    " sales claves meses países nos los las les denos".split()
)
_SUBJECTS = frozenset("yo tú él ella usted nosotros ellos ellas ustedes no me te se que quien quién".split())


Placed = tuple[str, int]
"""A word, and where it stood."""


def arrange(words: list[str]) -> list[Placed]:
    """The words of a sentence in the order and the form that the phrases expect: pronouns off their verb, `la` before a verb as the
    pronoun that it is."""
    start = next((at for at, word in enumerate(words) if word != ","), len(words))
    asked = words[-1:] == ["?"]
    words = words[:-1] if asked else words
    if asked and _offered(words[start:]):
        words = [*words[:start], "hay", *words[start + 1 :]]
    needed = asked and words[start : start + 1] == ["necesito"]
    arranged: list[Placed] = [("<which>", start)] if start < len(words) and _topic(words[start:]) else []
    yes_or_no = asked and not arranged and start < len(words) and _ASKING.isdisjoint(words)
    if yes_or_no and (words[start] in _DETERMINERS or words[start] in ("ha", "han", "has", "he")):
        arranged = [("<whether>", start)]
    requests = _requests(words[start:])
    for at, word in enumerate(words):
        if at < start:
            continue
        behind = words[at + 1] if at + 1 < len(words) else ""
        if needed and at == start:
            arranged += [("hace", at), ("falta", at)]
        elif at and words[at - 1] not in (",", "lo", "es") and tuple(words[at:]) in _WHAT_TO_DO:
            arranged += [(",", at), (word, at)]
        elif word in _OBJECTS and infinitive(behind) and (at == 0 or words[at - 1] in _SUBJECTS):
            arranged.append((f"{word}-pronombre", at))
        elif (
            word in ("mí", "nosotros", "nosotras")
            and at
            and words[at - 1] in ("de", "sobre", "contra", "con", "por", "sin")
        ):
            arranged.append(("mí-objeto", at))
        elif word in ("me", "nos") and (behind in ("ha", "han") or (past(behind) and behind.endswith(_THEY_DID))):
            arranged.append((f"{word}-objeto", at))
        elif len(word) > 3 and word.endswith(_PRONOUNS) and word not in _NO_VERBS and infinitive(word) is None:
            verb, *pronouns = _taken_off(word).split()
            arranged.append((verb, at))
            to_others = pronouns[:1] == ["se"] and len(pronouns) > 1
            arranged += [
                (f"{pronoun}-pronombre" if pronoun in _OBJECTS else "se-objeto" if to_others else pronoun, at)
                for pronoun in pronouns
            ]
        elif word == "se" and behind in _OBJECTS:
            arranged.append(("se-objeto", at))
        elif word in _STATES and _passing(words[at + 1 : at + 3]):
            arranged += [(word, at), ("estar-así", at)]
        else:
            arranged.append((word, at))
            if done := _done_by(word, words[at - 1] if at else ""):
                arranged.append((done, at))
            if person := _person(words, at):
                arranged.append((person, at))
            if word in _PLURAL and requests:
                arranged.append((MANY, at))
    if (
        asked
        and start < len(words)
        and _finite(words[start])
        and not words[start].startswith("existe")
        and words[start + 1 : start + 2] != ["falta"]
    ):
        first = words[start]
        if first.endswith("s") and not first.endswith("mos"):
            arranged.append(("tú", len(words) - 1))
        elif first.endswith(("a", "e", "an", "en")):
            arranged.append(("él", len(words) - 1))
    return _to_do(_subject_first(_active(_described(arranged) if asked else arranged)))


def _to_do(placed: list[Placed]) -> list[Placed]:
    """`qué empresa contratar` with a mark, since `qué empresa contrata` does it itself."""
    words = [word for word, _ in placed]
    if (
        len(words) > 2
        and words[0] in ("qué", "cuál", "cuáles")
        and words[1] not in _NO_TOPIC | {"quiere"}
        and infinitive(words[2]) == words[2]
    ):
        return [*placed[:2], ("a-hacer", placed[2][1]), *placed[2:]]
    return placed


_WHAT_TO_DO = {
    (what, *doing.split())
    for what in ("qué", "que")
    for doing in ("hago", "puedo hacer", "debo hacer", "tengo que hacer")
}


def _offered(words: list[str]) -> bool:
    """Whether who is asked may have something: `tienen habitaciones` is `hay habitaciones`."""
    if len(words) < 2 or words[0] not in ("tienen", "tenéis", "tienes", "tiene") or words[1] in ("que", "alguien"):
        return False
    return not any(
        (word in _OWNERS and before not in _BEFORE_NOUNS) or past(word)
        for before, word in zip(["", *words], words, strict=False)
    )


_OWNERS = frozenset(
    "el la los las mi mis tu tus su sus este esta él ella ellos ellas usted ustedes lo me le les algo".split()
)


def _passing(behind: list[str]) -> bool:
    """Whether it is said how something is now, with a word that may also say how it always is."""
    return next((word for word in behind if word not in ("muy", "tan", "más", "menos")), "") in _BOTH


_STATES = frozenset("está están estoy estás estamos".split())
_BOTH = frozenset(
    "frío fría fríos frías caliente calientes bueno buena buenos buenas malo mala malos malas listo lista listos listas verde verdes rico"
    " rica ricos ricas vivo viva vivos vivas seguro segura seguros seguras aburrido aburrida aburridos aburridas claro clara claros claras"
    " negro negra loco loca nervioso nerviosa tranquilo tranquila triste alegre feliz fresco fresca guapo guapa caro cara caros caras"
    " barato barata baratos baratas delgado delgada gordo gorda joven viejo vieja libre libres maduro madura solo sola orgulloso orgullosa"
    " atento atenta despierto despierta limpio limpia limpios limpias alto alta bajo baja dulce amargo húmedo húmeda seco seca".split()
)
"""`es frío` is not `está frío`."""


def _described(placed: list[Placed]) -> list[Placed]:
    """`¿es gratis el envío?` as `¿el envío es gratis?`"""
    words = [word for word, _ in placed]
    if len(words) < 4 or words[0] not in ("es", "son") or words[1] in _DETERMINERS or words[2] not in _DETERMINERS:
        return placed
    if words[1] in _IMPERSONAL or any(word in (",", "que", "si", "o", "y", "él", "tú") for word in words):
        return placed
    return [("<whether>", placed[0][1]), *placed[2:], *placed[:2]]


_IMPERSONAL = frozenset(
    "posible necesario obligatorio preciso imprescindible verdad cierto de en para con más menos".split()
)


def _done_by(word: str, before: str) -> str:
    """Who has done it, where only the verb says so: `perdí` and `he perdido` are not `perdió` and `ha perdido`."""
    if not past(word):
        return ""
    if word.endswith(("é", "í")) or word in _I_DID or before == "he":
        return "yo-hice"
    return "tú-hiciste" if word.endswith(("aste", "iste")) or before == "has" else ""


_I_DID = frozenset("hice tuve obtuve puse dije vi di supe pude quise vine perdi pague recibi compre olvide".split())


def _subject_first(placed: list[Placed]) -> list[Placed]:
    """`no funciona el enlace` as `el enlace no funciona`."""
    words = [word for word, _ in placed]
    verb = next((at for at, word in enumerate(words) if word not in ("no", "ya")), 0)
    thing = words[verb + 1 :]
    if thing and words[verb] in _ALONE and thing[0] in _DETERMINERS:
        bound = any(word in ("a", "en", "de", "con", ",", "y") or infinitive(word) for word in thing[2:])
        return placed if bound else placed[verb + 1 :] + placed[: verb + 1]
    return placed


_ALONE = frozenset("funciona funcionan carga cargan arranca aparece aparecen llega llegan suena sirve va".split())
"""Verbs without an object."""


def _active(placed: list[Placed]) -> list[Placed]:
    """`por quién son firmados los contratos` as `quién firma los contratos`."""
    words = [word for word, _ in placed]
    done = next((at for at, word in enumerate(words) if past(word)), None)
    if words[:2] == ["por", "quién"] and done is not None and {"fue", "fueron"}.intersection(words[:done]):
        verb = infinitive(words[done]) or words[done]
        rest = [(word, at) for word, at in placed[2:] if at != placed[done][1] and word not in ("fue", "fueron")]
        return [placed[1], ("<past>", placed[done][1]), (verb, placed[done][1]), *rest]
    if words[:2] != ["por", "quién"] or done is None or not {"es", "son"}.intersection(words[:done]):
        return placed
    verb = infinitive(words[done]) or words[done]
    rest = [(word, at) for word, at in placed[2:] if at != placed[done][1] and word not in ("es", "son")]
    return [placed[1], (verb, placed[done][1]), *rest]


def _topic(words: list[str]) -> bool:
    """Whether it is a bare thing, without a verb: `plazo de entrega` asks what it is."""
    return infinitive(words[0]) is None and not any(
        word in _NO_TOPIC or (_finite(word) and before not in _BEFORE_NOUNS)
        for before, word in zip(["", *words], words, strict=False)
    )


def _person(words: list[str], at: int) -> str:
    """Who is meant, where only the verb says so: `dónde vive` is not `dónde vivo`."""
    word, before = words[at], words[at - 1] if at else ""
    asked = before in _WHO_ASKED or (at > 1 and words[at - 2] in _WHO_ASKED and before in ("hora", "día"))
    if not asked or not _finite(word):
        return ""
    if word.endswith("s"):
        return "" if word.endswith("mos") else "tú"
    if before == "cuándo" and word.endswith("o") and words[at + 1 : at + 2] and words[at + 1] in _DETERMINERS:
        return "yo-sujeto"
    alone = at + 1 == len(words) or words[at + 1] in (
        "a",
        "en",
        "de",
        "con",
        "por",
        "para",
        "sin",
        "desde",
        "hasta",
        ",",
    )
    return "él" if alone and word.endswith(("a", "e", "an", "en")) else ""


_WHO_ASKED = frozenset("qué cuál cuándo cuánto cuánta cuántos cuántas dónde quién".split())


def _finite(word: str) -> bool:
    """Whether it is a verb in a form that has a subject, or has pronouns behind it."""
    return (infinitive(word) not in (None, word) and not past(word)) or _taken_off(word) != word


_BEFORE_NOUNS = frozenset("el la los las un una mi mis tu tus su sus de en para por sin con a entre sobre".split())
_ASKING = frozenset("cómo qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde que como".split())
_DETERMINERS = frozenset("el la los las un una mi mis tu tus su sus este esta estos estas".split())
_POLITE = frozenset(
    "hola , me nos puedes puede podrías podría pueden podrían por favor necesito quiero que buenos buenas días tardes".split()
)


def _requests(words: list[str]) -> bool:
    """Whether something shall be done: a verb stands first, but for what makes it polite."""
    first = next((word for word in words if word not in _POLITE), "")
    return _taken_off(first) != first or infinitive(first) is not None


_PLURAL = frozenset("los las mis tus sus nuestros nuestras estos estas esos esas".split())
MANY = "varias-cosas"
"""Behind an article: in a request it matters whether one thing is meant or more."""
_NO_TOPIC = frozenset(
    "podría podrías podrían puedes podéis puede es son está están estoy hay he ha han has tengo tiene tienen puedo puede pueden debo debe deben voy va van quiero yo tú él ella usted"
    " ellos ellas no me te se nos le lo les cómo qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde como que quien"
    " cual cuando cuanto donde por-qué hola gracias fue fueron era será".split()
)
