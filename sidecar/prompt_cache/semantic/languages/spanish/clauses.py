"""What Spanish words are by what stands around them."""

from functools import lru_cache

from ..romance import unaccented
from .inflection import VERBS, infinitive

_PRONOUNS = ("me", "te", "se", "nos", "lo", "la", "los", "las", "le", "les")
_OBJECTS = frozenset(("lo", "la", "los", "las"))


@lru_cache(8192)
def _taken_off(word: str) -> str:
    """The verb and the pronouns behind it: `enviárselo` is `enviar se lo`."""
    for pronoun in sorted(_PRONOUNS, key=len, reverse=True):
        if not word.endswith(pronoun) or len(word) < len(pronoun) + 3:
            continue
        verb = word[: -len(pronoun)]
        plain = unaccented(verb)
        if (plain.endswith(("ar", "er", "ir")) and plain in VERBS.infinitives) or plain in _IMPERATIVES:
            return f"{plain} {pronoun}"
        inner = _taken_off(verb)
        if inner != verb:
            return f"{inner} {pronoun}"
    return word


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


def arrange(words: list[str]) -> list[tuple[str, int]]:
    """The words of a sentence, with pronouns taken off their verb, and `la` before a verb as the pronoun that it is."""
    arranged: list[tuple[str, int]] = []
    for at, word in enumerate(words):
        behind = words[at + 1] if at + 1 < len(words) else ""
        if word in _OBJECTS and infinitive(behind) and (at == 0 or words[at - 1] in _SUBJECTS):
            arranged.append(("lo-pronombre", at))
        elif len(word) > 4 and word.endswith(_PRONOUNS) and word not in _NO_VERBS and infinitive(word) is None:
            verb, *pronouns = _taken_off(word).split()
            arranged.append((verb, at))
            arranged += [("lo-pronombre" if pronoun in _OBJECTS else pronoun, at) for pronoun in pronouns]
        else:
            arranged.append((word, at))
    return arranged
