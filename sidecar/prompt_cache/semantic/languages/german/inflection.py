"""What the inflected forms of a German word have in common."""

import re
from functools import lru_cache

from ..base import lines
from .verbs import FINITE, FOLDED_PARTICLES, PARTICIPLES, fold, infinitive, root

_PLURALS = """
ast äste
apfel äpfel
arzt ärzte ärzten arztes
ausgang ausgänge ausgängen
bad bäder bädern
band bänder bändern
bank bänke bänken
baum bäume bäumen
betrag beträge beträgen
bild bilder bildern
brot brote broten
buch bücher büchern
bundesland bundesländer bundesländern
dach dächer dächern
datum
eingang eingänge eingängen
fach fächer fächern
fahrrad fahrräder fahrrädern
fall fälle fällen
feld felder feldern
firma firmen
garten gärten
gast gäste gästen
gehalt gehälter gehältern
gerät geräte geräten
glas gläser gläsern
grund gründe gründen
grundstück grundstücke
gut güter
haus häuser häusern hauses
hand hände händen
huhn hühner
kabel kabeln
kalb kälber
kasten kästen
kind kinder kindern kindes
kleid kleider kleidern
konto konten
kopf köpfe köpfen
korb körbe
kuh kühe
kauf käufe
land länder ländern landes
loch löcher löchern
laden läden
mann männer männern mannes
maus mäuse
medium medien
mitglied mitglieder mitgliedern
mutter mütter müttern
nuss nüsse nüssen
ordner ordnern ordners
pass pässe pässen passes
passwort passwörter passwörtern passworts passwortes
kennwort kennwörter kennwörtern kennworts kennwortes
platz plätze plätzen
parkplatz parkplätze parkplätzen
arbeitsplatz arbeitsplätze arbeitsplätzen
plan pläne plänen
preis preise preisen preises
rad räder rädern
ratschlag ratschläge
raum räume räumen
reisepass reisepässe reisepässen reisepasses
saal säle
satz sätze sätzen satzes
schloss schlösser schlössern
schrank schränke schränken
sohn söhne söhnen
spiel spiele
stadt städte städten
stuhl stühle stühlen
tag tage tagen tages
thema themen
tochter töchter töchtern
topf töpfe töpfen
tuch tücher
unterschied unterschiede
ursprung ursprünge
vater väter vätern
verlust verluste
vertrag verträge verträgen vertrages vertrags
mietvertrag mietverträge mietverträgen mietvertrags mietvertrages
arbeitsvertrag arbeitsverträge arbeitsverträgen arbeitsvertrags
virus viren
vorschlag vorschläge vorschlägen
vorhang vorhänge
wald wälder wäldern
wand wände wänden
wort wörter wörtern worte worten
wunsch wünsche
zahn zähne zähnen
zug züge zügen
zuschlag zuschläge zuschlägen
zuschuss zuschüsse
kosten
daten
ferien
eltern
leute leuten
neu neuer neue neuen neuem neues
alt alter alte alten altem altes
groß großer große großen großem großes
gut guter gute guten gutem gutes
lang langer lange langen langem langes
kurz kurzer kurze kurzen kurzem kurzes
jung junger junge jungen jungem junges
hoch hoher hohe hohen hohem hohes
digital digitaler digitale digitalen digitales digitalem
öffentlich öffentlicher
"""

_PROTECTED = """
reis
reise reisen
rate raten
rat
note noten
not
bande banden
band
posten
post
kurs kurse kursen kurses
kur kuren
masse massen
maß maße maßen
buße bußen
bus busse bussen busses
see seen
weise
leiter leitern
miete
mieter mietern mieters
lose
los
ware
hafen
muse
museum museen
morgens
abends
mittags
nachts
vormittags
nachmittags
tee tees
tinte
tint
"""

_ODD = {fold(form): fold(first) for first, *others in lines(_PLURALS + _PROTECTED) for form in (first, *others)}
_DERIVED = re.compile(r"(.{2,}(?:ung|heit|keit|schaft|ion|taet))(?:en|s)?")
_ADJECTIVE = re.compile(r"(ge.{3,}(?:en|t)|.{3,}(?:lich|isch|bar|los|haft|sam|iert|ig))(?:er|e|en|em|es)")


@lru_cache(8192)
def stem(word: str) -> str:
    """The word without its inflection, umlauts folded. Derivation stays: `Zeitung` is no `Zeit`, a `Mieter` no `Miete`."""
    word = fold(word)
    if word in _ODD:
        return _ODD[word]
    if not word.isalpha() or len(word) < 4:
        return word
    plain = _undeclined(word)
    verb = infinitive(plain)
    if verb != plain or plain in FINITE:
        return root(verb)
    if found := _DERIVED.fullmatch(word):
        return found[1]
    if plain != word:
        return plain
    base = _base(word)
    return _ODD.get(base, base)


def _base(word: str) -> str:
    if word.endswith("innen"):
        return word[:-3]
    if word.endswith(("ern", "eln")) and len(word) > 5:
        return _ODD.get(word[:-1], word[:-1])
    if word.endswith(("en", "em", "es")) and len(word) > 4:
        return word[:-2]
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1]
    if (
        word.endswith("s")
        and len(word) > 4
        and word[-2] in "oybdfgklmnrt"
        and not word.endswith(("chaos", "kosmos", "nichts"))
    ):
        return word[:-1]
    return word


def _undeclined(word: str) -> str:
    """An adjective without its ending."""
    found = _ADJECTIVE.fullmatch(word)
    return found[1] if found and word not in FINITE else word


def past(word: str) -> bool:
    """Whether it is a participle: `gekündigt`, `ausgeschaltet`."""
    word = _undeclined(fold(word))
    if word in PARTICIPLES:
        return True
    return any(word.startswith(particle) and word[len(particle) :] in PARTICIPLES for particle in FOLDED_PARTICLES)
