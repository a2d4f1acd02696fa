"""German."""

from ..base import Language, lines
from .clauses import OBJECT_FIRST, arrange
from .inflection import past, stem
from .operators import OPERATORS
from .phrases import PHRASES
from .synonyms import ANTONYMS, SYNONYMS
from .verbs import fold

_CONTRACTIONS = """
geht's = geht es
gehts = geht es
gibt's = gibt es
gibts = gibt es
ist's = ist es
hab's = habe es
hab = habe
nich = nicht
nix = nichts
ne = eine
nen = einen
'ne = eine
'nen = einen
'n = ein
was'n = was
wie's = wie es
wenn's = wenn es
ob's = ob es
für's = für das
fürs = für das
durchs = durch das
ums = um das
übers = über das
vors = vor das
unters = unter das
hinters = hinter das
ins = in das
im = in dem
am = an dem
ans = an das
aufs = auf das
beim = bei dem
vom = von dem
zum = zu dem
zur = zu der
auf'm = auf dem
u. = und
bzw = oder
evtl = eventuell
ggf = gegebenenfalls
inkl = inklusive
zb = beispielsweise
z.b = beispielsweise
mwst = mehrwertsteuer
nr = nummer
tel = telefon
usw = etc
pls = bitte
plz = postleitzahl
thx = danke
"""

_SPELLINGS = """
email e-mail mail
emails e-mails mails
wlan w-lan wifi wi-fi
passwort pasword passwor pw
website webseite internetseite homepage
online on-line
okay ok
aufwendig aufwändig
grafik graphik
fotografie photographie
foto photo
delfin delphin
potenzial potential
joghurt jogurt
cent ct
tipp tip
tipps tips
zuhause daheim
standard standart
voraus vorraus
rhythmus rythmus
adresse addresse
termin termien
samstag sonnabend
"""

_BLOCKS = {
    "contractions": _CONTRACTIONS,
    "fillers": "eigentlich denn mal halt wohl doch gerne gern überhaupt sozusagen quasi",
    "phrases": PHRASES,
    "droppable": """
der die das den dem des ein eine einen einem einer eines
dieser diese dieses diesen diesem jene jenen folgende folgenden folgender folgendes
bin ist sind bist seid
es dort dazu davon daran darauf darin dabei dafür
""",
    "first_person": (
        "ich mich mir mein meine meinen meinem meiner meines wir uns unser unsere unseren unserem unserer unseres man sich"
    ),
    "spelled": "buchstabieren plural mehrzahl singular aussprechen konjugieren deklinieren reim übersetzen übersetzung",
    "synonyms": SYNONYMS,
    "antonyms": ANTONYMS,
    "implied": "<where> finden",
    "owners": "von",
    "owned": "preis kosten gebühr frist grund rezept",
    "loose_owners": "für",
    "condition": "wenn",
    "passive_by": "von",
    "both_ways": "zwischen unterschied vergleich vergleichen unterscheiden differenz",
    "ands": "und oder versus vs",
    "clauses": "wenn falls in bei für nach vor mit auf an ohne während seit trotz wegen",
    "number_words": """
null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn
neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend einhundert eintausend zweihundert
dreihundert vierhundert fünfhundert million millionen milliarde milliarden
""",
    "ordinals": """
erste 1.
ersten 1.
erster 1.
erstes 1.
zweite 2.
zweiten 2.
zweiter 2.
zweites 2.
dritte 3.
dritten 3.
dritter 3.
drittes 3.
vierte 4.
vierten 4.
viertes 4.
fünfte 5.
fünften 5.
sechste 6.
sechsten 6.
siebte 7.
siebten 7.
achte 8.
neunte 9.
neunten 9.
zehnte 10.
zehnten 10.
""",
    "units": """
sekunde sekunden sek s
minute minuten min
stunde stunden std h
tag tage tagen
woche wochen
monat monate monaten
jahr jahre jahren
uhr
prozent % pct
prozentpunkt prozentpunkte prozentpunkten
euro euros eur €
cent cents
dollar dollars usd $
franken chf
pfund
kilometer kilometern km
meter metern m
zentimeter zentimetern cm
millimeter millimetern mm
meile meilen mi
zoll
kilogramm kilogrammen kg kilo kilos
gramm grammen g
milligramm mg
mikrogramm µg mcg
tonne tonnen t
liter litern l
milliliter millilitern ml
deziliter dl
esslöffel el
teelöffel tl
grad
celsius °c
fahrenheit °f
kilobyte kb
megabyte mb
gigabyte gb
terabyte tb
watt w
kilowatt kw
kilowattstunde kilowattstunden kwh
quadratmeter qm m²
stück
person personen
""",
    "months": """
januar jan jänner
februar feb feber
märz mrz
april apr
mai
juni jun
juli jul
august aug
september sep sept
oktober okt
november nov
dezember dez
""",
    "weekdays": """
montag montags mo
dienstag dienstags di
mittwoch mittwochs mi
donnerstag donnerstags do
freitag freitags fr
samstag samstags sonnabend sa
sonntag sonntags so-tag
""",
    "form": """
tabelle liste aufzählung stichpunkt stichwort json xml csv html markdown absatz satz wort zeile seite kurz knapp ausführlich
formell förmlich höflich locker ton gedicht rede brief deutsch englisch französisch spanisch italienisch polnisch türkisch
""",
}


def _spellings() -> str:
    """How each of the words above is written without umlauts and ß."""
    words = {word for block in (*_BLOCKS.values(), *OPERATORS.values()) for word in _words(block)}
    written = ((word, {fold(word), word.replace("ß", "ss")} - {word}) for word in sorted(words))
    return "\n".join(f"{word} {' '.join(sorted(others))}" for word, others in written if others)


def _words(block: str) -> list[str]:
    for sign in "()|=^$/":
        block = block.replace(sign, " ")
    return [word for line in lines(block) for word in line]


GERMAN = Language(
    code="de",
    stem=stem,
    past=past,
    arrange=arrange,
    operators=OPERATORS,
    spellings=_SPELLINGS + _spellings(),
    names_by_capital=False,
    free=True,
    **_BLOCKS,
)

__all__ = ["GERMAN", "OBJECT_FIRST"]
