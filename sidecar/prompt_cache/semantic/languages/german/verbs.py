"""The forms of German verbs, and the particles that stand apart from them."""

import re

from ..base import lines

PARTICLES = (
    "ab an auf aus bei ein fest fort frei her heraus herauf herein herunter hin hinein hinauf hinzu hoch los mit nach nieder"
    " rein raus runter rauf um vor vorbei weg weiter zu zurück zusammen statt teil dar krank gesund bloß bereit"
    " durch über unter wieder voran voraus heim fern still auseinander gegenüber zurecht"
).split()
"""What stands apart from its verb, and changes it: `schalte ... ein` is no `schalte ... aus`."""

_REGULAR = """
abonnieren absolvieren achten addieren adoptieren agieren aktivieren aktualisieren akzeptieren analysieren ändern antworten
arbeiten archivieren ärgern argumentieren atmen bauen beachten beanspruchen beantragen beantworten bearbeiten beauftragen
bedanken bedauern bedeuten bedienen bedrohen beeinflussen beenden befassen befestigen befördern befragen befreien befürchten
begegnen begeistern beglaubigen begleiten begrenzen begründen begünstigen behandeln behaupten beheben beherrschen beklagen
belasten belegen beleidigen beleuchten bemerken bemühen benachrichtigen benennen benötigen benutzen beobachten berechnen
berichten berichtigen berücksichtigen beruhigen berühren beschädigen beschäftigen bescheinigen beschleunigen beschränken
beschweren besetzen besiegen besorgen bestätigen bestellen bestimmen besuchen beteiligen betonen betrachten betreuen bevorzugen
bewahren bewegen bewerten bewirken bezahlen bezeichnen blockieren bloggen brauchen bremsen brennen buchen buchstabieren chatten
checken danken dauern deaktivieren debuggen decken definieren dehnen deinstallieren deployen deuten dienen diskutieren
dividieren dokumentieren dominieren drängen drehen drohen drücken drucken dulden duplizieren duschen eignen einigen engagieren
entdecken entfernen entschlüsseln entschuldigen entsorgen enttäuschen entwickeln erarbeiten erben erfassen erfolgen erfordern
erfüllen ergänzen erhöhen erholen erinnern erklären erlangen erlauben erläutern erleben erledigen ermitteln ermöglichen erneuern
ernten erobern eröffnen erreichen errichten ersetzen erstatten erstellen erteilen erwähnen erwarten erweitern erzählen erzeugen
erzielen etablieren existieren exportieren extrahieren fakturieren färben fassen fehlen feiern filmen filtern finanzieren
flüchten folgen fordern fördern formatieren formulieren fotografieren fragen freuen fühlen führen füllen funktionieren fürchten
füttern garantieren gefährden gehören gelangen genehmigen genügen gestalten gewähren gießen glauben gliedern googeln grillen
gründen grüßen gucken haften handeln hassen heilen heiraten heizen heulen hindern hoffen holen hören identifizieren ignorieren
impfen importieren informieren inspirieren installieren integrieren interessieren interpretieren investieren isolieren jagen
kämpfen kaufen kehren kennzeichnen kippen klagen klappen klären klassifizieren kleben klettern klicken klingeln klingen klopfen
knüpfen kochen kombinieren kommentieren kompilieren komprimieren konfigurieren kontaktieren kontrollieren konvertieren
konzentrieren kopieren korrigieren kosten kriegen kritisieren kühlen kümmern kündigen kürzen küssen lächeln lachen laden lagern lauten
landen leben legen lehren leisten leiten lenken lernen leuchten leugnen lieben liefern listen loben lohnen löschen lösen machen
mahlen mahnen malen markieren meinen melden merken mieten mischen montieren motivieren mounten multiplizieren nähen nähern
nennen nerven notieren nutzen nützen öffnen ordnen organisieren orientieren packen parken passen passieren pausieren pflanzen
pflegen planen platzen platzieren posten prägen präsentieren produzieren profitieren programmieren protestieren protokollieren
prüfen pumpen putzen qualifizieren rabattieren rasieren rauchen räumen reagieren realisieren rechnen rechtfertigen reden
reduzieren regeln regieren registrieren regnen reichen reinigen reisen reizen rennen renovieren reparieren reservieren retten
richten röntgen rufen rühren sagen sammeln schädigen schaffen schälen schalten schätzen schauen scheitern schenken schicken
schildern schlucken schmecken schmerzen schonen schulden schütteln schützen senden senken setzen sichern siegen skalieren sorgen
sortieren sparen speichern sperren spielen spülen spüren stapeln stärken starten stecken steigern stellen steuern stimmen
stoppen stören stornieren streamen studieren stürzen suchen synchronisieren tanken tanzen täuschen tauschen teilen testen
trainieren träumen trennen trocknen üben überarbeiten überholen überleben überlegen übernachten überprüfen überraschen
übersetzen übertragen überwachen überweisen überzeugen umfassen umwandeln unterdrücken unterrichten untersagen unterstellen
unterstützen untersuchen unterzeichnen urteilen verabschieden verändern veranlassen veranstalten verarbeiten verbessern
verbrauchen verbreiten verbuchen verdienen vereinbaren vereinigen vererben verfassen verfolgen verfügen vergrößern verhindern
verkaufen verklagen verkleinern verknüpfen verkünden verkürzen verlangen verlängern verletzen verlieben vermehren vermieten
vermissen vermitteln vermuten vernachlässigen veröffentlichen verpacken verpassen verpflichten verringern versagen versammeln
versäumen verschicken verschieben verschlüsseln verschönern versetzen versichern versorgen verstärken verstecken versuchen
vertauschen verteidigen verteilen vertrauen verursachen verurteilen vervielfachen verwalten verwandeln verweigern verwenden
verzichten verzögern wählen wandeln wandern warnen warten waschen wechseln wecken wehren weinen wenden werben wickeln widmen
wiederholen wirken wohnen wundern wünschen würdigen würzen zahlen zählen zeichnen zeigen zerlegen zerstören zielen zitieren
zögern züchten zweifeln
"""

_IRREGULAR = """
backen backt bäckt bäckst backe
bekommen bekommt bekomme bekommst
beginnen beginnt beginne
behalten behält
betragen beträgt
bieten bietet biete
bitten bittet
bleiben bleibt bleibe
braten brät brätst brate
brechen bricht brichst breche
bringen bringt bringe
bestehen besteht bestehe
einladen einlädt
empfehlen empfiehlt empfiehlst empfehle
enthalten enthält
entscheiden entscheidet entscheide
erhalten erhält erhalte erhältst
erscheinen erscheint
essen isst esse
fahren fährt fährst fahre
fallen fällt fällst falle
fangen fängt fängst fange
finden findet finde findest
fliegen fliegt fliege fliegst
frieren friert friere
geben gibt gibst gebe gib
gehen geht gehst gehe
gelten gilt
geschehen geschieht
gewinnen gewinnt gewinne
greifen greift greife
halten hält hältst halte
hängen hängt hänge
heben hebt hebe
heißen heißt heiße
helfen hilft hilfst helfe hilf
kennen kennt kenne
kommen kommt komme kommst
lassen lässt lasse
laufen läuft läufst laufe
leiden leidet leide
leihen leiht leihe
lesen liest lese lies
liegen liegt liege
lügen lügt
messen misst messe miss
nehmen nimmt nimmst nehme nimm
raten rät
riechen riecht
rufen ruft rufe
scheinen scheint
schlafen schläft schlafe
schlagen schlägt schlage
schließen schließt schließe
schmelzen schmilzt
schneiden schneidet schneide
schreiben schreibt schreibe schreibst schreib
schwimmen schwimmt schwimme
sehen sieht siehst sehe
singen singt singe
sitzen sitzt sitze
sprechen spricht sprichst spreche sprich
springen springt
stehen steht stehe stehst
steigen steigt steige
sterben stirbt
streichen streicht streiche
tragen trägt trägst trage
treffen trifft triffst treffe
treten tritt trittst trete
trinken trinkt trinke
tun tut tue tust
überweisen überweist überweise
unterscheiden unterscheidet unterscheide
unterschreiben unterschreibt unterschreibe
verbieten verbietet verbiete
verbinden verbindet verbinde
vergessen vergisst vergesse
vergleichen vergleicht vergleiche
verlieren verliert verliere
verstehen versteht verstehe verstehst
vertreten vertritt vertrete
wachsen wächst
waschen wäscht wasche
weisen weist
werben wirbt
werfen wirft werfe wirf
wiegen wiegt wiege
wissen weiß weißt wisse
ziehen zieht ziehe ziehst
"""

_PARTICIPLES = """
backen gebacken
bieten geboten
bitten gebeten
bleiben geblieben
brechen gebrochen
brennen gebrannt
bringen gebracht
braten gebraten
denken gedacht
essen gegessen
fahren gefahren
fallen gefallen
fangen gefangen
finden gefunden
fliegen geflogen
frieren gefroren
geben gegeben
gehen gegangen
gießen gegossen
greifen gegriffen
halten gehalten
heben gehoben
heißen geheißen
helfen geholfen
kennen gekannt
kommen gekommen
laden geladen
lassen gelassen
laufen gelaufen
leihen geliehen
lesen gelesen
liegen gelegen
messen gemessen
nehmen genommen
nennen genannt
reiben gerieben
rufen gerufen
schlafen geschlafen
schlagen geschlagen
schließen geschlossen
schmelzen geschmolzen
schneiden geschnitten
schreiben geschrieben
sehen gesehen
senden gesendet gesandt
sitzen gesessen
sprechen gesprochen
stehen gestanden
steigen gestiegen
streichen gestrichen
tragen getragen
treffen getroffen
treten getreten
trinken getrunken
tun getan
waschen gewaschen
weisen gewiesen
wenden gewendet gewandt
werfen geworfen
wiegen gewogen
wissen gewusst
ziehen gezogen
verlieren verloren
vergessen vergessen
verstehen verstanden
verbieten verboten
verbinden verbunden
verschreiben verschrieben
vergleichen verglichen
unterschreiben unterschrieben
überweisen überwiesen
beginnen begonnen
gewinnen gewonnen
empfehlen empfohlen
entscheiden entschieden
beschreiben beschrieben
"""

_SHARP = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def fold(word: str) -> str:
    """`für` as `fuer`: both are written. An umlaut is never merely dropped, `fordern` is not `fördern`."""
    return word.translate(_SHARP)


def root(infinitive: str) -> str:
    """`änder` of `ändern`, `schalt` of `schalten`."""
    return infinitive.removesuffix("en") if infinitive.endswith("en") else infinitive.removesuffix("n")


def _present(infinitive: str) -> list[str]:
    base = root(infinitive)
    soft = base.endswith(("t", "d", "tm", "ffn", "chn", "gn"))
    if base.endswith("el"):
        return [base[:-2] + "le", base + "st", base + "t"]
    endings = ("e", "est", "et") if soft else ("e", "t") if base.endswith(("s", "ß", "z", "x")) else ("e", "st", "t")
    return [base + ending for ending in endings]


FINITE: dict[str, str] = {
    **{fold(form): fold(verb) for verb in _REGULAR.split() for form in (verb, *_present(verb))},
    **{fold(form): fold(verb) for verb, *forms in lines(_IRREGULAR) for form in (verb, *forms)},
}
"""The infinitive of a verb's form in the present, umlauts folded."""

PARTICIPLES: dict[str, str] = {
    **{
        fold("ge" + root(verb) + ("et" if _present(verb)[-1].endswith("et") else "t")): fold(verb)
        for verb in _REGULAR.split()
        if not verb.startswith(("be", "ent", "er", "ver", "zer", "über", "unter", "wieder"))
        and not verb.endswith("ieren")
    },
    **{fold(form): fold(verb) for verb, *forms in lines(_PARTICIPLES) for form in forms},
}

FOLDED_PARTICLES = tuple(sorted(map(fold, PARTICLES), key=len, reverse=True))
_TO = re.compile(rf"({'|'.join(FOLDED_PARTICLES)})zu(.{{2,}}n)")
_NOT_TO = ("auszubildend", "auszug")


def infinitive(word: str) -> str:
    """`ausschalten` of `auszuschalten`, `ausgeschaltet`, `ausschaltet`; of another word the word. Umlauts come folded."""
    if word in FINITE:
        return FINITE[word]
    if (found := _TO.fullmatch(word)) and not word.startswith(_NOT_TO) and found[1] + "zu" not in FOLDED_PARTICLES:
        return found[1] + FINITE.get(found[2], found[2])
    for particle in FOLDED_PARTICLES:
        rest = word[len(particle) :]
        if word.startswith(particle) and (rest in PARTICIPLES or rest in FINITE):
            return particle + (FINITE.get(rest) or PARTICIPLES[rest])
    return PARTICIPLES.get(word, word)


def parted(word: str) -> bool:
    """Whether it is a verb in the present with its particle in front: `anruft`."""
    return any(word.startswith(particle) and word[len(particle) :] in FINITE for particle in FOLDED_PARTICLES)
