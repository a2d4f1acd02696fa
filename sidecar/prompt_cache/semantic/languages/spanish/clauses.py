"""What Spanish words are by what stands around them."""

from functools import lru_cache

from ..romance import unaccented
from .inflection import VERBS, infinitive, past

_PRONOUNS = ("me", "te", "se", "nos", "lo", "la", "los", "las", "le", "les")
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
    arranged: list[Placed] = [("<which>", start)] if _topic(words[start:]) else []
    asking = not _ASKING.isdisjoint(words)
    for at, word in enumerate(words):
        if at < start:
            continue
        behind = words[at + 1] if at + 1 < len(words) else ""
        if word in _OBJECTS and infinitive(behind) and (at == 0 or words[at - 1] in _SUBJECTS):
            arranged.append((f"{word}-pronombre", at))
        elif (
            word in ("mí", "nosotros", "nosotras")
            and at
            and words[at - 1] in ("de", "sobre", "contra", "con", "por", "sin")
        ):
            arranged.append(("mí-objeto", at))
        elif len(word) > 3 and word.endswith(_PRONOUNS) and word not in _NO_VERBS and infinitive(word) is None:
            verb, *pronouns = _taken_off(word).split()
            arranged.append((verb, at))
            arranged += [(f"{pronoun}-pronombre" if pronoun in _OBJECTS else pronoun, at) for pronoun in pronouns]
        else:
            arranged.append((word, at))
            if word in _PLURAL and not asking:
                arranged.append((MANY, at))
    return _active(arranged)


def _active(placed: list[Placed]) -> list[Placed]:
    """`por quién son firmados los contratos` as `quién firma los contratos`."""
    words = [word for word, _ in placed]
    done = next((at for at, word in enumerate(words) if past(word)), None)
    if words[:2] != ["por", "quién"] or done is None or not {"es", "son"}.intersection(words[:done]):
        return placed
    verb = infinitive(words[done]) or words[done]
    rest = [(word, at) for word, at in placed[2:] if at != placed[done][1] and word not in ("es", "son")]
    return [placed[1], (verb, placed[done][1]), *rest]


def _topic(words: list[str]) -> bool:
    """Whether it is a bare thing, without a verb: `plazo de entrega` asks what it is."""
    return (
        bool(words)
        and infinitive(words[0]) is None
        and not any(
            word in _NO_TOPIC or (infinitive(word) not in (None, word) and not past(word)) or _taken_off(word) != word
            for word in words
        )
    )


_ASKING = frozenset("cómo qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde que como".split())
_PLURAL = frozenset("los las mis tus sus nuestros nuestras estos estas esos esas".split())
MANY = "varias-cosas"
"""Behind an article: in a request it matters whether one thing is meant or more."""
_NO_TOPIC = frozenset(
    "podría podrías podrían puedes podéis puede es son está están estoy hay he ha han has tengo tiene tienen puedo puede pueden debo debe deben voy va van quiero yo tú él ella usted"
    " ellos ellas no me te se nos le lo les cómo qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde como que quien"
    " cual cuando cuanto donde por-qué hola gracias fue fueron era será".split()
)
