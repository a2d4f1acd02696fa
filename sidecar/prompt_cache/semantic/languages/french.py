"""French."""

from functools import lru_cache

from .base import Language, lines
from .french_phrases import PHRASES
from .french_verbs import infinitive, past
from .romance import unaccented

_WORDS_OF_THEIR_OWN = frozenset(
    "pêche pêches péché péchés tâche tâches mûr jeûne forêt forêts foret pâte pâtes pâté côte côtes côté côtés sûr dû là dès où à".split()
)
"""What an accent tells from another word."""
_INVARIABLE = frozenset(
    "sans dans moins temps sens fils corps cours pays fois mois bois repas bras cas pas accès succès procès avis devis permis tapis"
    " colis paris bus virus campus plus tous jus refus abus os dos repos propos héros gaz sous vers hors ras matelas secours discours"
    " concours parcours recours univers divers suis très après dès près lors alors ailleurs toujours jamais puis depuis parmis mais"
    " ananas cadenas express process business news jeans sms tva css js aws pls iris souris logis compromis croquis relais palais anglais"
    " français portugais japonais polonais irlandais mauvais frais rabais délais congrès exprès progrès".split()
) - {"délais"}
_MASCULINE = """
gratuit important différent suivant précédent grand petit haut long ancien entier complet discret concret secret général principal
social national légal final mondial commercial régional spécial normal local total prochain certain humain voisin personnel
professionnel manuel individuel récent fréquent urgent permanent présent absent violent existant intéressant suffisant courant constant
brillant vivant français anglais allemand espagnol italien chinois japonais américain portugais européen fort court vert froid chaud
lourd plein parfait exact direct correct distinct strict intelligent élégant original mensuel annuel actuel virtuel officiel partiel
essentiel potentiel contractuel bleu noir gris clair client étudiant assistant adjoint formel informel gentil prêt indépendant
dépendant entrant sortant croissant décroissant premier dernier léger étranger familier régulier particulier financier actif
positif négatif sportif administratif définitif exclusif attractif collectif nominatif sérieux dangereux nombreux heureux malheureux
"""
_FEMININE = (
    ("er", "ère"),
    ("if", "ive"),
    ("eux", "euse"),
    ("el", "elle"),
    ("en", "enne"),
    ("et", "ète"),
    ("il", "ille"),
    ("", "e"),
)
_ODD = {
    form: first
    for first, *forms in lines("""
bon bonne bonnes
nouveau nouvelle nouvelles nouvel nouveaux
public publique publiques
bas basse basses
gros grosse grosses
vieux vieille vieilles vieil
beau belle belles bel
faux fausse fausses
blanc blanche blanches
sec sèche sèches
net nette nettes
travail travaux
journal journaux
animal animaux
cheval chevaux
canal canaux
hôpital hôpitaux
signal signaux
tribunal tribunaux
local locaux
capital capitaux
principal principaux
social sociaux
général généraux
national nationaux
légal légaux
mondial mondiaux
commercial commerciaux
régional régionaux
spécial spéciaux
monsieur messieurs m. mr
madame mesdames mme
mademoiselle mlle
œil yeux
bail baux
émail émaux
vœu vœux
jeu jeux
lieu lieux
milieu milieux
cheveu cheveux
feu feux
""")
    for form in forms
} | {
    adjective.removesuffix(ending) + feminine + plural: adjective
    for adjective in _MASCULINE.split()
    for ending, feminine in [next(pair for pair in _FEMININE if adjective.endswith(pair[0]))]
    for plural in ("", "s")
}


@lru_cache(8192)
def stem(word: str) -> str:
    """The infinitive of a verb's form; of any other word the singular, and the masculine where it is a usual adjective."""
    if word in _WORDS_OF_THEIR_OWN:
        return word
    if verb := infinitive(word):
        return unaccented(verb)
    word = _ODD.get(word, word)
    if word.endswith("eaux") or (
        len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "ous")) and word not in _INVARIABLE
    ):
        word = word[:-1]
    return unaccented(infinitive(word) or word)


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
téléphone telephone tél tel
rendezvous rdv rendez-vous
ordinateur pc ordi
application appli app
info information
infos informations
facture facutre
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
est sont être es êtes sommes
ce cet cette ces cela ça ceci ci
ai as a ont avez avons avoir
que qui dont
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
peut peux pouvons pouvez peuvent puis pourrait pourrais pourriez pourrions pourraient pouvoir
doit dois devons devez doivent devoir faut
devrait devrais devriez devrions devraient faudrait
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
dernier dernière derniers dernières précédent précédente précédents
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
en-lui
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
bien-que quoique
""",
    "date": """
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

_SYNONYMS = """
supprimer effacer
rédiger écrire
salarié collaborateur
société entreprise
rapidement vite
débuter commencer
terminer finir achever
acheter acquérir
contacter joindre
afficher montrer
fonctionner marcher
tarif prix coût
fichepaie
voiture automobile
image photo
vérifier contrôler
changer modifier
réparer dépanner
expédier envoyer
suggérer proposer
erreur faute
aider assister
avis commentaire
congé vacances
essayer tenter
habiter résider
permettre autoriser
utiliser employer
souci problème
réinitialiser
synthèse résumé
résumer synthétiser
remplir compléter
paramétrer configurer
paramètre réglage
facile simple
difficile compliqué
interdire prohiber
obligatoire requis
nécessaire indispensable
trier ordonner
choisir sélectionner
énumérer lister
licencier congédier
prolonger étendre
localisation emplacement
partager
stagiaire
montant somme
crypter chiffrer
décrypter déchiffrer
remboursement rembourser
annulation annuler
résiliation résilier
livraison livrer
paiement payer règlement
suppression supprimer
création créer
modification modifier
activation activer
désactivation désactiver
installation installer
désinstallation désinstaller
réinitialisation réinitialiser
conversion convertir
traduction traduire
téléchargement télécharger
inscription inscrire
renouvellement renouveler
expédition expédier
déclaration déclarer
validation valider
réservation réserver
utilisation utiliser
fonctionnement fonctionner
signature signer
calcul calculer
importation importer import
exportation exporter export
configuration configurer
acquitter payer
"""

_ANTONYMS = """
activer / désactiver
ouvrir / fermer
augmenter monter / diminuer baisser réduire
ajouter / supprimer enlever retirer
installer / désinstaller
connecter brancher / déconnecter débrancher
archiver / désarchiver
verrouiller bloquer / déverrouiller débloquer
abonner inscrire / désabonner désinscrire
acheter / vendre
louer / acheter
prêter / emprunter
donner / recevoir
envoyer / recevoir
entrer / sortir
arriver / partir
arrivée / départ
commencer / terminer
allumer / éteindre
accepter / refuser
autoriser / interdire
importer / exporter
crypter / décrypter
compresser / décompresser
cocher / décocher
monter / descendre
gagner / perdre
avantage / inconvénient
premier / dernier
prochain / dernier
ancien vieux / nouveau récent
grand / petit
haut / bas
long / court
rapide / lent
facile / difficile
bon / mauvais
meilleur / pire
fort / faible
chaud / froid
plein / vide
public / privé
interne / externe
entrant / sortant
croissant / décroissant
positif / négatif
minimum / maximum
minimal / maximal
possible / impossible
disponible / indisponible
présent / absent
gratuit / payant
formel / informel
majuscule / minuscule
matin / soir
jour / nuit
pour / contre
avec / sans
plus / moins
avant / après
employeur / employé salarié
acheteur / vendeur
client / fournisseur
locataire / propriétaire
bailleur / locataire
masquer / afficher
agrandir / réduire
encaisser / payer
embaucher / licencier
rejoindre / quitter
"""

_DETERMINERS = frozenset(
    "le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces".split()
)
_SUBJECTS = frozenset("je tu il elle on nous vous ils elles ne qui me te lui".split())
_AUXILIARIES = frozenset(
    "est sont a ont va vont peut peuvent doit doivent faut suis es ai as êtes sommes avez avons peux pouvez pouvons dois devez devons"
    " puis pourrais pourrait pourriez savez sais sera seront était étaient aura auront".split()
)
_NEGATIONS = frozenset("pas jamais rien aucun aucune personne ni".split())


def arrange(words: list[str]) -> list[tuple[str, int]]:
    """The words of a sentence, read by what stands around them: `ne marche plus`, `les prix augmentent-ils`, `je la modifie`."""
    placed = [(word, at) for at, word in enumerate(words)]
    asks: set[int] = set()
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        behind = words[at + 1] if at + 1 < len(words) else ""
        if word == "ne":
            _negate(words, placed, at)
        elif (
            word in ("le", "la", "les") and infinitive(behind) and (before in _SUBJECTS or infinitive(behind) == behind)
        ):
            placed[at] = ("le-lui", at)
        elif word in ("il", "elle", "ils", "elles") and (before in _AUXILIARIES or infinitive(before)):
            start = _clause(words, at)
            if _DETERMINERS.intersection(words[start : at - 1]):
                placed[at] = ("", -1)
                if words[start] in _DETERMINERS:
                    asks.add(start)
        elif (
            word in ("vous", "tu")
            and infinitive(before)
            and before not in _AUXILIARIES
            and before.endswith(("ez", "s"))
        ):
            placed[at - 1], placed[at] = placed[at], placed[at - 1]
            if _clause(words, at) == at - 1:
                asks.add(at - 1)
    arranged: list[tuple[str, int]] = []
    for at, (word, place) in enumerate(placed):
        if at in asks:
            arranged.append(("<whether>", at))
        if place >= 0:
            arranged.append((word, place))
    return arranged


def _clause(words: list[str], at: int) -> int:
    """Where the clause begins in which this word stands."""
    while at and words[at - 1] != ",":
        at -= 1
    return at


def _negate(words: list[str], placed: list[tuple[str, int]], at: int) -> None:
    """`ne` says nothing beside `pas`; with `plus` or `que` the two say something of their own."""
    placed[at] = ("", -1)
    if words[at - 1] in ("personne", "rien") or {"aucun", "aucune"}.intersection(words[:at]):
        return
    for further in range(at + 1, min(at + 8, len(words))):
        if words[further] in _NEGATIONS:
            return
        if words[further] in ("plus", "que"):
            placed[further] = ("ne-plus" if words[further] == "plus" else "seulement", further)
            return
    placed[at] = ("pas", at)


FRENCH = Language(
    code="fr",
    stem=stem,
    arrange=arrange,
    past=past,
    contractions=_CONTRACTIONS,
    spellings=_SPELLINGS,
    fillers="t svp stp merci juste vraiment simplement bonjour bonsoir salut euh",
    phrases=PHRASES,
    droppable=_DROPPABLE,
    first_person=_FIRST_PERSON,
    operators=_OPERATORS,
    synonyms=_SYNONYMS,
    antonyms=_ANTONYMS,
    actions="""
supprimer annuler réinitialiser changer modifier mettre-à-jour installer désinstaller créer traduire résumer écrire rédiger envoyer télécharger
acheter vendre payer demander obtenir recevoir exporter importer convertir corriger générer extraire classer comparer expliquer décrire
ajouter activer désactiver configurer ouvrir fermer partager imprimer calculer trier lister chercher trouver proposer reformuler
renouveler résilier déclarer contacter réserver commander livrer rembourser valider vérifier
""",
    owners="de",
    owned="prix délai date recette raison durée tarif montant procédure adresse différence formulaire motif",
    loose_owners="pour",
    passive_by="par",
    both_ways="entre comparer comparaison différence avantage inconvénient distance point-commun",
    ands="et ou versus",
    clauses="si quand dans pour en avec après avant sur à depuis pendant chez",
    number_words=(
        "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante"
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
