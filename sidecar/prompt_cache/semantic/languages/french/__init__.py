"""French."""

from ..base import Language
from ..romance import bare_spellings
from .clauses import arrange
from .inflection import VERBS, past, stem
from .phrases import PHRASES
from .synonyms import ANTONYMS, SYNONYMS

_CONTRACTIONS = """
l' = le
d' = de
j' = je
m' = me
t' = te
s' = se
n' = ne
c' = ce
qu' = que
jusqu' = jusque
lorsqu' = lorsque
puisqu' = puisque
s'il = si il
s'ils = si ils
aujourd'hui = aujourdhui
quelqu'un = quelquun
prud'hommes = prudhommes
d'accord = accord
d'abord = abord
n'importe = importe
du = de le
des = de les
au = à le
aux = à les
jai = je ai
cest = ce est
quest = que est
ya = y a
qu = que
j = je
y'a = y a
t'avais = tu avais
t'as = tu as
t'es = tu es
"""

_SPELLINGS = """
email e-mail mail courriel mél emails e-mails mails courriels
wifi wi-fi
clé clef
clés clefs
être etre
même meme
très tres
déjà deja
après apres
numéro numero n°
problème probleme
différence difference
connaître connaitre
téléphone telephone tél
rendezvous rdv rendez-vous
ordinateur pc ordi
application appli app
info information
infos informations
facture facutre
arrive arive
arriver ariver
supprimer suprimer
adresse addresse adress
combien conbien
comment coment commment
pourquoi pourkoi pk
quand kand
beaucoup bcp
toujours tjs tjrs
parce-que pcq
télétravail télé-travail
weekend week-end
"""

_DROPPABLE = """
le la les un une l
est sont être es suis êtes sommes
ce cet cette ces cela ça ceci ci
que
ne
y
je-me
t
donc alors bien
faire-pour
"""

_FIRST_PERSON = "je j me m moi mon ma mes mien mienne miens nous notre nos on se s soi"

_OPERATORS = {
    "negation": """
pas non
jamais
ni
aucun aucune aucuns aucunes nul nulle
rien
personne
sans
sauf excepté excepter hormis
ne-plus
pas-encore
""",
    "quantity": """
tout toute tous toutes entier entière intégralité
chaque chacun chacune
certain certains certaine certaines quelques quelque
plusieurs
plusieurs-choses
beaucoup nombreux nombreuses
un-peu
peu
seulement uniquement exclusivement seul seule seuls seules
aussi également
autre autres
même mêmes
demi moitié
assez suffisamment
trop
presque quasiment
environ approximativement
toujours
parfois
souvent fréquemment
rarement
plupart
minimum
maximum
plus-que
moins-que
double
encore
tous-gens
quelque-chose
quelquun
l'un-l'autre
ou-inverse
nouveau-fois
trop
tant
directement
automatiquement
gratuitement
""",
    "modality": """
avoir ai as a ont avez avons
peut peux pouvons pouvez peuvent puis pourrait pourrais pourriez pourrions pourraient pouvoir
doit dois devons devez doivent devoir faut
devrait devrais devriez devrions devraient faudrait
soi-même
à-faire
veux veut voulons voulez veulent voudrais voudrait souhaite souhaites souhaitez souhaitons aimerais aimerait vouloir
""",
    "time": """
<past> été était étais étaient étions étiez avait avais avaient avions
<future> va vais vas vont allons allez sera serai seront serez serons aura aurai auront aurez ira
avant
après
depuis
jusque
pendant durant
quand
déjà
maintenant
bientôt
tard
tôt
ensuite puis-après
dernier dernière précédent précédente
derniers dernières précédents précédentes
prochain prochaine prochains prochaines
dès
récemment
immédiat
tandis
""",
    "place": """
dans
sur
sous
à
de d
par
pour
avec
vers
entre
chez
contre
contre-que
hors
via
devant
derrière
parmi
selon
malgré
en
près
loin
autour
face
au-dessus
au-dessous
au-delà
à-droite
à-gauche
comme
plutôt
dedans
dehors
ici
là là-bas
partout
""",
    "comparison": """
plus
moins
mieux meilleur meilleure meilleurs meilleures
pire pires
autant
versus vs
""",
    "person": """
tu te toi vous
ton ta tes votre vos
il ils
elle elles
lui
leur leurs
son sa ses
le-lui
la-lui
les-lui
moi-objet
te-objet vous-objet
""",
    "link": """
et
ou
si
parce
mais
car
donc
sinon
qui
dont
bien-que quoique
""",
    "date": """
ce-jour
aujourdhui
demain
hier
après-demain
avant-hier
weekend
matin
soir soirée
midi
minuit
après-midi
nuit
ce-mois
cette-semaine
cette-année
""",
}


_TAKEN = VERBS.infinitives.keys() | {
    "a",
    "ou",
    "la",
    "des",
    "du",
    "tache",
    "cote",
    "mur",
    "jeune",
    "peche",
    "foret",
    "pate",
    "marche",
}
"""What means something else without an accent."""

FRENCH = Language(
    code="fr",
    stem=stem,
    arrange=arrange,
    past=past,
    contractions=_CONTRACTIONS,
    spellings=_SPELLINGS + bare_spellings(_TAKEN, PHRASES, _DROPPABLE, *_OPERATORS.values()),
    fillers="t svp stp juste vraiment euh",
    phrases=PHRASES,
    droppable=_DROPPABLE,
    first_person=_FIRST_PERSON,
    own="mon ma mes notre nos ton ta tes votre vos",
    operators=_OPERATORS,
    synonyms=SYNONYMS,
    antonyms=ANTONYMS,
    actions="""
supprimer annuler réinitialiser changer modifier mettre-à-jour installer désinstaller créer traduire résumer écrire rédiger envoyer télécharger
acheter vendre payer demander obtenir recevoir exporter importer convertir corriger générer extraire classer comparer expliquer décrire
ajouter activer désactiver configurer ouvrir fermer partager imprimer calculer trier lister chercher trouver proposer reformuler
renouveler résilier déclarer contacter réserver commander livrer rembourser valider vérifier
""",
    owners="de",
    condition="si",
    implied="<what> signifier",
    pasted="ce cette suivant suivante / texte phrase paragraphe message email avis code commentaire",
    adverbs="définitivement temporairement rapidement facilement correctement manuellement gratuitement automatiquement",
    owned="idée exemple prix délai date recette raison durée tarif montant procédure adresse différence formulaire motif",
    loose_owners="pour",
    passive_by="par",
    both_ways="entre comparer comparaison différence avantage inconvénient distance point-commun",
    ands="et ou versus",
    clauses="si quand dans pour en avec après avant sur à depuis pendant chez",
    number_words=(
        "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante"
        " cinquante soixante septante huitante nonante cent cents mille million millions milliard milliards"
    ),
    ordinals="""
premier 1er
première 1ère
deuxième 2e
second 2e
seconde 2e
troisième 3e
quatrième 4e
cinquième 5e
sixième 6e
septième 7e
huitième 8e
neuvième 9e
dixième 10e
""",
    units="""
seconde secondes sec s
minute minutes min mn
heure heures h hr
jour jours j
semaine semaines sem
mois
an ans année années
percent pourcent %
euro euros eur €
dollar dollars usd $
livre livres gbp £
franc francs chf
kilomètre kilomètres km kms
mètre mètres m
centimètre centimètres cm
millimètre millimètres mm
kilogramme kilogrammes kg kilo kilos
gramme grammes g
tonne tonnes t
litre litres l
millilitre millilitres ml
ko kilo-octet
mo méga mégas
go giga gigas
to téra
celsius °c
degré degrés °
pouce pouces
pied pieds
mot mots
page pages
ligne lignes
""",
    months="""
janvier janv
février fév févr fevrier
mars
avril avr
mai
juin
juillet juil
août aout
septembre sept
octobre oct
novembre nov
décembre déc decembre
""",
    weekdays="""
lundi lun lundis
mardi mar mardis
mercredi mer mercredis
jeudi jeu jeudis
vendredi ven vendredis
samedi sam samedis
dimanche dim dimanches
""",
    form="""
tableau liste puce json xml csv html markdown paragraphe phrase mot ligne page bref court détaillé long formel informel ton style français
anglais allemand espagnol italien email lettre poème haïku message article résumé détail brièvement
""",
)
