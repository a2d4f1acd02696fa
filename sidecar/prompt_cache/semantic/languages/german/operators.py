"""German's small words that change what is asked."""

OPERATORS = {
    "negation": """
nicht
noch-nicht
nicht-mehr
kein keine keinen keinem keiner keines keinerlei
nie niemals
ohne
weder
nichts
niemand niemanden niemandem
nirgends nirgendwo
kaum
außer ausgenommen ausgeschlossen
außer-wenn
statt anstatt
""",
    "quantity": """
alle aller allen alles sämtliche sämtlichen
jeder jede jedes jeden jedem jeweils
einige manche mehrere etliche einigen manchen mehreren einiger
viel viele vielen vieler
wenig wenige wenigen weniger
beide beiden beides
nur lediglich bloß ausschließlich
sogar selbst
meiste meisten meistens
halb halbe halben halber halbes
andere anderen anderer anderes anderem
gleiche gleichen gleicher gleiches selbe selben derselbe dieselbe dasselbe
auch ebenfalls
entweder
genug ausreichend
fast beinahe nahezu
mindestens wenigstens mindest
höchstens maximal höchst
mehr-als
weniger-als
ungefähr circa zirka ca etwa
einmal
zweimal
dreimal
immer stets
manchmal
oft häufig
selten
einzig einzige einzigen einziger einziges
ganz ganze ganzen ganzer ganzes gesamt gesamte gesamten gesamtes komplett komplette
pro je
zu
sehr
so
""",
    "modality": """
kann können könnt kannst könnte könnten könntest
muss müssen musst müsst müsste müssten
soll sollen sollst sollt sollte sollten
darf dürfen darfst dürft dürfte dürften
möchte möchten möchtest will wollen willst wollt
würde würden würdest
lassen lässt lasse lässt
""",
    "time": """
<past> war waren wurde wurden hatte hatten
haben hat habe hast habt
werden wird werde wirst
vor bevor
nach nachdem
bis
seit
ab
während
schon bereits
noch
wieder erneut nochmal nochmals
jetzt aktuell derzeit momentan gerade zurzeit
später
bald
nächste nächsten nächster nächstes nächstem kommende kommenden
letzte letzten letzter letztes letztem vorige vorigen vergangene vergangenen
erst
zuerst zunächst
dann danach anschließend
sofort umgehend
früher
immer-noch
täglich
wöchentlich
monatlich
jährlich
""",
    "place": """
in innerhalb
an
auf
aus
außerhalb
bei
zu-ort
von
mit
für
über
unter
durch
gegen
um
zwischen
neben
hinter
per via
trotz
wegen
laut gemäß
entlang
hin
her
hier
oben
unten
links
rechts
vorne vorn
hinten
innen drinnen
außen draußen
""",
    "comparison": """
mehr
weniger
als
besser bessere besseren besserer besseres
beste besten bester bestes
schlechter
lieber
versus vs
""",
    "person": """
du dich dir dein deine deinen deinem deiner deines euch euer eure eurem euren eurer eures ihnen
sie
ihr ihre ihren ihrem ihrer ihres
er ihn ihm
sein seine seinen seinem seiner seines
jemand jemanden jemandem
einander
wen
""",
    "link": """
und
oder
wenn falls sofern
ob
weil da
damit
dass
obwohl
aber sondern jedoch
sobald
solange
<object-first>
<named-subject>
<to-me>
<myself>
""",
    "date": """
heute
morgen
gestern
übermorgen
vorgestern
wochenende wochenenden
werktag werktags werktagen
""",
}
