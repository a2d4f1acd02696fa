"""German words that mean the same in every sentence, and words that tell two sentences apart."""

SYNONYMS = """
löschen entfernen
kaufen erwerben
brauchen benötigen
bekommen erhalten kriegen
ändern abändern verändern
anfangen beginnen beginn anfang
senden schicken versenden verschicken abschicken absenden losschicken
zusenden zuschicken
zurücksenden zurückschicken retournieren
reden sprechen
anschauen ansehen angucken
schauen gucken
prüfen überprüfen kontrollieren checken nachprüfen
nutzen benutzen verwenden nützen
erklären erläutern
erstellen anlegen
speichern abspeichern
herunterladen runterladen downloaden
hochladen uploaden raufladen
drucken ausdrucken
scannen einscannen
öffnen aufmachen
schließen zumachen
aktualisieren updaten
aktualisierung update
umwandeln konvertieren
auflisten aufzählen
reinigen säubern putzen saubermachen
bezahlen zahlen begleichen
beheben lösen
erstatten zurückerstatten rückerstatten
einfrieren tiefkühlen einfrosten
auswählen aussuchen
verbieten untersagen
erlauben gestatten
helfen weiterhelfen
anzeigen darstellen
programmieren coden
testen austesten
einloggen anloggen
fortfahren weitermachen
übernachten nächtigen
stoppen anhalten
mischen mixen vermischen vermengen
korrigieren berichtigen
stehlen klauen
kurieren heilen
schmerzen wehtun
stornieren annullieren
reparieren instandsetzen
umtauschen eintauschen
zerkleinern kleinschneiden
loswerden wegbekommen
auto pkw
handy smartphone mobiltelefon
computer rechner pc
laptop notebook
passwort kennwort
benutzername nutzername username
benutzer nutzer anwender user
benutzerkonto nutzerkonto useraccount
konto account
telefonnummer rufnummer
handynummer mobilnummer mobilfunknummer
gehaltsabrechnung lohnabrechnung gehaltszettel lohnzettel gehaltsnachweis
firma unternehmen
chef vorgesetzter boss
chefin vorgesetzte
krankenhaus klinik spital
medikament arzneimittel arznei
fahrkarte fahrschein
fahrrad velo
aufzug lift fahrstuhl
müll abfall
mülleimer abfalleimer
kartoffel erdapfel
sahne rahm
möhre karotte mohrrübe
brötchen semmel
blumenkohl karfiol
aprikose marille
orange apfelsine
hefe germ
puderzucker staubzucker
pfannkuchen palatschinken
pilz schwammerl
nudel pasta
eiweiß protein
dose büchse
streichholz zündholz
treppe stiege
metzger fleischer schlachter
tischler schreiner
klempner installateur
friseur frisör
fernseher tv fernsehgerät
anschrift adresse
lieferadresse lieferanschrift versandadresse
rechnungsadresse rechnungsanschrift
rücksendung retoure
rückerstattung erstattung
stornierung storno
besprechung meeting
besprechungsraum meetingraum besprechungszimmer konferenzraum meetingroom
bildschirm monitor
tastatur keyboard
ordner verzeichnis
datei file
anwendung applikation
schaltfläche button knopf
zeichenkette string
datenbank db
kopfschmerz kopfweh
bauchschmerz bauchweh
halsschmerz halsweh
zahnschmerz zahnweh
rückenschmerz rückenweh kreuzweh
grippe influenza
bluthochdruck hypertonie
niedrigblutdruck hypotonie
schlaganfall hirnschlag
durchfall diarrhö diarrhoe
verstopfung obstipation
tumor geschwulst
spritze injektion
impfung schutzimpfung
kinderarzt pädiater
hautarzt dermatologe
augenarzt ophthalmologe
frauenarzt gynäkologe
arztpraxis praxis
führerschein fahrerlaubnis
personalausweis perso
mehrwertsteuer umsatzsteuer mwst ust
kredit darlehen
bargeld cash
girocard ec-karte
dienstreise geschäftsreise
homeoffice heimarbeit home-office
unterlage dokument
frist deadline
anhang attachment
screenshot bildschirmfoto
druckerpatrone tintenpatrone
flugticket flugschein
rechnungsnummer rechnungsnr
kundennummer kundennr
öffnungszeit geschäftszeit
kundendienst kundenservice kundensupport
gutschein voucher
rabatt preisnachlass
lieferzeit lieferdauer
zahlungsart zahlungsmethode zahlungsweise zahlungsmöglichkeit
sendungsnummer trackingnummer paketnummer
sendungsverfolgung paketverfolgung
abo abonnement
bedienungsanleitung gebrauchsanleitung gebrauchsanweisung
werbung reklame
gefrierschrank tiefkühler tiefkühlschrank
ergebnis resultat
vorteil pluspunkt
nachteil minuspunkt
ende schluss
team mannschaft
vorhaben projekt
lebensmittel nahrungsmittel
stau verkehrsstau
stichpunkt bulletpoint
spiegelstrich aufzählungszeichen
kollege arbeitskollege
lehrling azubi auszubildender
bewerbungsgespräch vorstellungsgespräch jobinterview
lebenslauf cv
umzug wohnungswechsel
stromzähler elektrozähler
heizkörper radiator
waschbecken lavabo
kaputt defekt
kostenlos gratis kostenfrei unentgeltlich
schnell rasch zügig
eventuell vielleicht möglicherweise
außerdem zudem ferner
günstig preiswert
teuer kostspielig
verpflichtend obligatorisch
nötig notwendig erforderlich
erlaubt gestattet
verboten untersagt
endgültig dauerhaft permanent
falsch inkorrekt
richtig korrekt
verschieden unterschiedlich
automatisch selbsttätig
normalerweise üblicherweise gewöhnlich
lecker schmackhaft
deshalb deswegen daher darum
inklusive einschließlich
gleichzeitig zeitgleich simultan
dringend eilig
hinzufügen zufügen
erhöhen anheben
umformulieren umschreiben
entwerfen aufsetzen
passieren geschehen
einschalten anschalten
ausschalten abschalten
verpassen versäumen
studierender student
"""

ANTONYMS = """
einschalten anschalten anmachen / ausschalten abschalten ausmachen
aktivieren / deaktivieren
installieren / deinstallieren
öffnen / schließen
aufmachen / zumachen
kaufen / verkaufen
mieten / vermieten
leihen / verleihen
ausleihen / zurückgeben
anmelden / abmelden ummelden
einloggen / ausloggen
anfangen / aufhören enden
starten / stoppen beenden
erhöhen steigern anheben / senken verringern reduzieren vermindern
steigen / sinken fallen
vergrößern / verkleinern
verlängern / verkürzen kündigen
hochladen / herunterladen
importieren / exportieren
einzahlen / auszahlen abheben
einatmen / ausatmen
einsteigen / aussteigen
anziehen / ausziehen
zunehmen / abnehmen
aufbauen / abbauen
aufdrehen / zudrehen abdrehen
aufhängen / abhängen
heraufsetzen / herabsetzen
zustimmen / ablehnen
annehmen / ablehnen
gewinnen / verlieren
senden / empfangen
geben / nehmen
fragen / antworten
kommen / gehen
ankommen / abfahren
sperren / entsperren
blockieren / freigeben
verschlüsseln / entschlüsseln
komprimieren / entpacken
einfrieren / auftauen
einstellen / entlassen
loben / kritisieren
lieben / hassen
erlauben / verbieten
erlaubt / verboten
hoch / niedrig tief
groß / klein
lang / kurz
alt / neu jung
heiß warm / kalt
schnell / langsam
teuer / billig günstig
gut / schlecht
richtig / falsch
leicht / schwer
hell / dunkel
voll / leer
früh / spät
stark / schwach
öffentlich / privat
intern / extern
formell förmlich / informell locker
höflich / unhöflich
möglich / unmöglich
wirksam / unwirksam
gültig / ungültig
sicher / unsicher
aufsteigend / absteigend
positiv / negativ
maximal / minimal
mindestens / höchstens
kurz knapp / ausführlich
vorteil / nachteil
vor / nach
käufer / verkäufer
mieter / vermieter
absender / empfänger
arbeitgeber / arbeitnehmer
gläubiger / schuldner
einnahme / ausgabe
gewinn / verlust
eingang / ausgang
ankunft / abfahrt abflug
einfuhr / ausfuhr
nachfrage / angebot
brutto / netto
bruttogehalt / nettogehalt
bruttolohn / nettolohn
minimum / maximum
mindestmenge / höchstmenge
mindestalter / höchstalter
vergangenheit / zukunft
norden / süden
osten / westen
links / rechts
oben / unten
innen / außen
tag / nacht
sommer / winter
hypertonie / hypotonie
vorname / nachname
"""
