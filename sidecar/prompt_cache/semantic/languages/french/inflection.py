"""The forms of French words."""

from functools import lru_cache

from ..base import lines
from ..romance import Verbs, french, unaccented

_REGULAR = """
abandonner aborder aboutir abuser accepter accompagner accorder accrocher acheminer acquitter activer adapter additionner adhérer
administrer admirer adopter adresser afficher affecter agir aider aimer ajouter ajuster alerter aligner alimenter allouer allonger
allumer améliorer aménager amener analyser animer annoncer annoter annuler anonymiser anticiper appliquer apporter apprécier
approuver archiver argumenter arranger arrêter arriver arrondir articuler aspirer assembler assigner assister associer assurer attacher attaquer
attribuer augmenter authentifier automatiser autoriser avaler avancer avouer baisser balayer barrer bâtir bénéficier bloquer blesser
boucher bouger brancher briser brûler cacher calculer caler calmer capter capturer caractériser casser catégoriser causer cesser changer
chanter charger chauffer chercher chiffrer circuler citer classer classifier cliquer clôturer cocher coder coller colorer combiner
commander commenter commencer communiquer comparer compiler compléter compresser compter concerner condamner configurer confirmer confier
congeler connecter conseiller conserver considérer consister constater constituer consulter consommer contacter contester continuer
contourner contracter contribuer contrôler convoquer coordonner copier corriger coter couler couper coûter créer crier critiquer croiser crypter
cuisiner cuire cumuler danser dater déballer débarrasser débiter débloquer déboguer déboucher débrancher débuter décaler décharger déchiffrer
déchirer décider déclarer déclencher décliner décocher décoder décoller décommander décompresser déconnecter déconseiller découper
décourager décrypter dédicacer dédommager dédoubler déduplicater défiler définir dégager déguster délivrer déléguer demander démarrer déménager
démissionner démonter dénoncer dépanner dépasser dépenser déplacer déployer déposer dérouler désabonner désactiver désarchiver désigner
désinstaller désinscrire désirer dessiner détacher détailler détecter déterminer détester deviner développer déverrouiller dévier
dialoguer dicter différencier différer diffuser diminuer discuter disposer distinguer distribuer diviser documenter donner doubler doter
douter dresser dupliquer durer échanger échapper échouer éclairer économiser écouter éditer éduquer effacer effectuer élaborer élargir
élever éliminer éloigner emballer embaucher émettre emmener empêcher empiler emporter emprunter encadrer encaisser encoder encourager
endommager énerver enfoncer engager énoncer enregistrer enseigner entamer entourer entraîner entrer énumérer envisager épargner épeler
épingler épouser équiper espacer estimer étaler étudier évaluer éviter évoluer évoquer exagérer examiner excuser exécuter exercer exiger exister
expédier expérimenter expirer expliquer exploiter explorer exporter exposer exprimer fabriquer facturer falsifier fatiguer favoriser
fermer figer filmer filtrer finaliser financer fixer flasher fonctionner fonder forcer formater former formuler fouiller frapper
freiner fréquenter fumer fusionner gagner garder garer gaspiller gêner générer gérer glisser goûter gratter graver grimper grouper guider habiter
habiller héberger hésiter heurter identifier ignorer illustrer imaginer imiter immatriculer impacter impliquer importer imposer imprimer improviser
inciter incliner incorporer indemniser indexer indiquer influencer informer initialiser initier insérer insister inspecter inspirer installer
instaurer insulter intégrer intensifier interagir intercepter interdire intéresser interpréter interroger intituler inventer inverser
inviter isoler itérer jouer juger justifier jumeler lancer laver légaliser libérer licencier lier limiter lister livrer localiser
loger louer maîtriser majorer manger manipuler manquer marcher marier marquer masquer masser mélanger mémoriser menacer mener mentionner
mériter mesurer migrer minimiser modérer moderniser modifier monter montrer motiver mouler multiplier munir murer naviguer négliger négocier
nettoyer nommer noter notifier nourrir numériser numéroter obéir objecter obliger observer occuper offenser omettre opérer opposer optimiser
ordonner organiser orienter oublier paginer parcourir paramétrer pardonner parier parler partager participer passer patienter pauser
pêcher pénaliser penser percer perdre permuter personnaliser peser photographier piloter piquer placer plaider plaindre planifier planter plier
pointer porter poser positionner poster postuler pousser pratiquer précéder préciser préconiser prédéfinir préparer présenter préserver
présider presser prêter prévaloir privilégier procéder proclamer procurer profiter programmer progresser projeter prolonger promouvoir
prononcer proposer prospecter protéger prouver provenir provoquer publier purger qualifier quantifier quitter raccorder raccourcir raconter
rafraîchir ramasser ramener ranger rapporter rapprocher rassembler rassurer rater rattacher rattraper réactiver réagir réaliser réclamer
récapituler réchauffer rechercher recommander recommencer récompenser réconcilier reconduire recopier rectifier recruter recueillir reculer
recycler redémarrer rédiger redimensionner rediriger réécrire rééditer référencer référer refuser réfuter regarder regrouper régulariser
réinitialiser réinstaller réinvestir rejeter relancer relier relire remanier remarquer rembourser remercier remplacer remporter remuer
rémunérer rencontrer renforcer renommer renseigner rentrer réparer repasser repérer répartir répliquer reporter reposer représenter
réserver résider résilier résister résumer retarder retirer retoucher retourner retrouver réunir réutiliser révéler réviser révoquer
reformuler regretter rouler ruiner sacrifier saler saluer sanctionner sauter sauvegarder sauver scanner scinder secouer sécher sécuriser
sélectionner sembler séparer signaler signer signifier simplifier simuler situer soigner solliciter sonner souhaiter soulager souligner soupçonner
spécifier stationner stocker structurer subir subventionner succéder suggérer suivre superviser supporter supposer supprimer surligner
surveiller survoler synchroniser synthétiser taper tarder tarifer télécharger téléphoner télétravailler témoigner tenter terminer tester
tirer tomber toucher tourner tousser tracer traiter trancher transcoder transférer transformer transiter transporter travailler
traverser trembler tricher tromper troquer trouver tuer unifier urger user utiliser vacciner valider valoriser varier veiller ventiler verbaliser
vérifier verrouiller verser vexer vider vieillir violer virer visiter visualiser vitrer voler voter voyager zoomer
laisser rester respecter diriger dîner déjeuner remonter attirer pleurer faciliter affirmer assumer
rêver lâcher concentrer démontrer réveiller amuser exploser renoncer embrasser manifester consacrer accomplir
fêter grandir respirer approcher franchir inquiéter chasser racheter rajouter composer repousser serrer
attraper combler compenser guérir renverser creuser promener reprocher écraser accuser risquer pénétrer
punir viser balancer détourner surmonter priver redonner traîner écarter dévoiler honorer mêler
ralentir comporter restaurer décrocher déranger enfermer embarquer féliciter hurler mobiliser débarquer récolter
demeurer nager remédier suicider approfondir cultiver soucier susciter apaiser habituer étouffer dominer
sensibiliser absorber adorer enterrer basculer tailler trahir consoler repenser approprier assassiner ennuyer
regagner frotter griller revendiquer compliquer confronter embêter gonfler perturber pourrir collecter dissimuler
débrouiller expulser incarner reconstituer boucler choquer enchaîner humilier propager redresser tolérer atténuer
clarifier affaiblir atterrir accumuler aggraver recharger stabiliser trier assimiler coopérer invoquer jurer
maigrir neutraliser persuader questionner recréer refroidir savourer écouler infliger massacrer opter précipiter
salir éprouver accoucher effondrer éclaircir cibler rénover innover substituer généraliser afficher essuyer
louper équilibrer accentuer concrétiser foncer relâcher diversifier dégrader alléger arroser divertir maximiser
concurrencer disperser décorer exciter réprimer ériger déguiser démarquer perfectionner pirater agiter injecter
focaliser refléter brosser amplifier refermer bouleverser flotter torturer interviewer approvisionner conforter divulguer
accommoder altérer entraver affiner légitimer troubler commercialiser liquider réciter réorganiser décerner embellir
régaler fédérer hériter présumer octroyer résulter adoucir nécessiter stresser familiariser rincer harmoniser
amorcer amortir conjuguer diagnostiquer démêler emménager hausser réglementer lisser concéder contaminer confisquer
dynamiser redéfinir déformer diluer polluer recenser élucider attester aviser collectionner devancer certifier
immobiliser interférer spécialiser nuancer renégocier alterner arbitrer bricoler illuminer paralyser plaisanter ratifier
délimiter détériorer léguer cautionner rallumer étoffer actionner embarrasser moduler actualiser capitaliser converger
ficher gifler expliciter modéliser privatiser fidéliser reverser centraliser normaliser aliéner amputer délibérer
enclencher coïncider solder agréer aiguiser cotiser comptabiliser conditionner formaliser parrainer réessayer feuilleter
exonérer tutoyer délocaliser désinfecter recadrer mutualiser profiler réévaluer restructurer sécuriser invalider annihiler
fragiliser prioriser rallonger implémenter ressasser réécouter surcharger fluidifier cartographier paraphraser répertorier uniformiser
consigner répercuter débloquer calibrer hiérarchiser dynamiser étiqueter cataloguer colorier titrer créditer solutionner
reformater surligner visionner vulgariser renouveler plafonner pondérer intervertir ralentir aboutir nourrir rougir
élargir réunir punir unir trahir bannir vieillir rajeunir enrichir durcir raccourcir reformatter
recalculer recontacter relocaliser retraiter basculer cumuler badger pointer défrayer attribuer planifier horodater
tarifer bosser démissionner externaliser internaliser délibérer prospecter recruter licencier muter refacturer préfinancer
abonner abréger accéder accélérer acheter achever appeler cacheter céder célébrer espérer geler harceler jeter lever enlever élever
prélever soulever libérer modeler renouveler rappeler récupérer répéter posséder préférer suspecter régler céder mener semer
choisir finir remplir fournir agrandir réussir garantir établir rétablir investir réfléchir avertir saisir convertir grossir
envoyer renvoyer payer essayer employer appuyer effrayer
"""

_IRREGULAR = """
peindre: peins peint peignez peignent / peinte peints peintes
craindre: crains craint craignez craignent
restreindre: restreins restreint restreignez / restreinte
contraindre: contrains contraint contraignez / contrainte
teindre: teins teint teignez / teinte
défendre: défends défend défendez défendent / défendu
mentir: mens ment mentez mentent / menti
battre: bats bat battez battent / battu
combattre: combats combat combattez / combattu
admettre: admets admet admettez admettent / admis admise
commettre: commets commet commettez / commis commise
promettre: promets promet promettez promettent / promis promise
souffrir: souffre souffrez souffrent / souffert
parvenir: parviens parvient parvenez parviennent / parvenu
appartenir: appartiens appartient appartenez appartiennent / appartenu
entretenir: entretiens entretient entretenez entretiennent / entretenu
soutenir: soutiens soutient soutenez soutiennent / soutenu
détenir: détiens détient détenez détiennent / détenu
acquérir: acquiers acquiert acquérez acquièrent / acquis acquise
accueillir: accueille accueilles accueillez accueillent / accueilli
recueillir: recueille recueillez recueillent / recueilli
rompre: romps rompt rompez / rompu
tendre: tends tend tendez tendent / tendu
confondre: confonds confond confondez confondent / confondu
fondre: fonds fond fondez / fondu
compromettre: compromets compromet / compromis
redescendre: redescends redescend / redescendu
revendre: revends revend revendez / revendu
répandre: répands répand / répandu
suffire: suffis suffit suffisez suffisent
rire: ris rit riez rient
coudre: couds coud cousez / cousu
mordre: mords mord / mordu
tordre: tords tord
endormir: endors endort endormez / endormi
ressortir: ressors ressort ressortez / ressorti
repartir: repars repart repartez / reparti
faire: fais fait faisons faites font fasse fassent / faite faits faites
voir: vois voit voyons voyez voient / vu vue vus vues
revoir: revois revoit revoyons revoyez / revu revue
prévoir: prévois prévoit prévoyons prévoyez prévoient / prévu prévue prévus prévues
recevoir: reçois reçoit recevons recevez reçoivent / reçu reçue reçus reçues
apercevoir: aperçois aperçoit apercevez / aperçu aperçue
concevoir: conçois conçoit concevez / conçu conçue
percevoir: perçois perçoit percevez perçoivent / perçu perçue
mettre: mets met mettons mettez mettent / mis mise mises
permettre: permets permet permettez permettent / permis permise
transmettre: transmets transmet transmettez transmettent / transmis transmise transmises
soumettre: soumets soumet soumettez soumettent / soumis soumise
remettre: remets remet remettez remettent / remis remise
prendre: prends prend prenons prenez prennent prenne / pris prise prises
comprendre: comprends comprend comprenez comprennent / compris comprise
apprendre: apprends apprend apprenez apprennent / appris
reprendre: reprends reprend reprenez reprennent / repris reprise
surprendre: surprend / surpris
tenir: tiens tient tenez tiennent / tenu tenue tenus tenues
obtenir: obtiens obtient obtenons obtenez obtiennent / obtenu obtenue obtenus obtenues
contenir: contiens contient contenez contiennent / contenu
maintenir: maintiens maintient maintenez maintiennent / maintenu maintenue
retenir: retiens retient retenez retiennent / retenu retenue
venir: viens vient venons venez viennent / venu venue venus
devenir: deviens devient devenez deviennent / devenu devenue devenus
revenir: reviens revient revenez reviennent / revenu
convenir: convient conviennent / convenu
prévenir: préviens prévient prévenez préviennent / prévenu
intervenir: intervient intervenez interviennent / intervenu
dire: dis dit disons dites disent / dite dits
lire: lis lit lisons lisez lisent / lu lue lus lues
écrire: écris écrit écrivons écrivez écrivent / écrite écrits écrites
réécrire: réécris réécrit réécrivez / réécrite
inscrire: inscris inscrit inscrivons inscrivez inscrivent / inscrite inscrits inscrites
désinscrire: désinscris désinscrit désinscrivez / désinscrite
décrire: décris décrit décrivez décrivent / décrite décrits
souscrire: souscris souscrit souscrivez souscrivent / souscrite
transcrire: transcris transcrit transcrivez transcrivent / transcrite
traduire: traduis traduit traduisons traduisez traduisent / traduite traduits traduites
produire: produis produisez produisent / produite
conduire: conduis conduit conduisez conduisent
réduire: réduis réduit réduisez réduisent / réduite
construire: construis construit construisez construisent / construite
déduire: déduis déduit déduisez déduisent / déduite déduits déduites
introduire: introduis introduit introduisez / introduite
détruire: détruis détruit détruisez / détruite
répondre: réponds répond répondons répondez répondent / répondu
vendre: vends vend vendons vendez vendent / vendu vendue vendus vendues
rendre: rends rend rendons rendez rendent / rendu rendue
attendre: attends attend attendons attendez attendent / attendu attendue
entendre: entends entend entendez entendent / entendu
perdre: perds perd perdons perdez perdent / perdu perdue perdus perdues
descendre: descends descend descendez descendent / descendu
étendre: étends étend étendez / étendu
suspendre: suspends suspend suspendez suspendent / suspendu suspendue
dépendre: dépends dépend dépendez dépendent / dépendu
suivre: suit suivons suivez suivent / suivi suivie suivis
poursuivre: poursuis poursuit poursuivez poursuivent / poursuivi
vivre: vis vit vivons vivez vivent / vécu
connaître: connais connaît connait connaissons connaissez connaissent / connu connue
reconnaître: reconnais reconnaît reconnait reconnaissez reconnaissent / reconnu
apparaître: apparais apparaît apparait apparaissent / apparu
disparaître: disparais disparaît disparait disparaissent / disparu
croire: crois croit croyons croyez croient / cru
ouvrir: ouvre ouvres ouvrons ouvrez ouvrent / ouvert ouverte ouverts ouvertes
couvrir: couvre couvres couvrez couvrent / couvert couverte couverts couvertes
découvrir: découvre découvrez découvrent / découvert
offrir: offre offres offrez offrent / offert offerte offerts
partir: pars partons partez partent / parti partie
sortir: sors sort sortons sortez sortent / sorti sortie
servir: sers sert servons servez servent / servi
dormir: dors dort dormez dorment / dormi
sentir: sens sent sentez sentent / senti
consentir: consens consent consentez
courir: cours court courez courent / couru
parcourir: parcours parcourt parcourez / parcouru
mourir: meurs meurt mourez meurent / mort
boire: bois boit buvez boivent / bu
joindre: joins joint joignons joignez joignent / jointe joints jointes
rejoindre: rejoins rejoint rejoignez rejoignent
éteindre: éteins éteint éteignez éteignent / éteinte
atteindre: atteins atteint atteignez atteignent / atteinte
plaindre: plains plaint plaignez plaignent
résoudre: résous résout résolvons résolvez résolvent / résolu résolue
conclure: conclus conclut concluez concluent / conclue
inclure: inclus inclut incluez incluent / incluse
exclure: exclus exclut excluez excluent / exclue
interrompre: interromps interrompt interrompez / interrompu
extraire: extrais extrait extrayons extrayez extraient / extraite extraits
soustraire: soustrais soustrait soustrayez
cuire: cuis cuit cuisez cuisent / cuite
appeler: appelle appelles appelons appelez appellent / appelé appelée appelés
rappeler: rappelle rappelles rappelez rappellent / rappelé rappelée
épeler: épelle épelles épelez
renouveler: renouvelle renouvelles renouvelez renouvellent / renouvelé renouvelée
jeter: jette jettes jetez jettent / jeté
rejeter: rejette rejettes rejetez rejettent / rejeté rejetée
projeter: projette projettes projetez / projeté
acheter: achète achètes achetons achetez achètent / acheté achetée achetés achetées
peser: pèse pèses pesez pèsent / pesé
lever: lève lèves levez lèvent / levé
enlever: enlève enlèves enlevez enlèvent / enlevé enlevée
soulever: soulève soulevez
élever: élève élèves élevez élèvent
prélever: prélève prélevez prélèvent / prélevé prélevée prélevés
mener: mène mènes menez mènent / mené
amener: amène amenez amènent / amené
emmener: emmène emmenez / emmené
achever: achève achevez / achevé
geler: gèle gelez / gelé
payer: paie paies paye payes payons payez paient payent / payé payée payés payées
essayer: essaie essaies essaye essayez / essayé
renvoyer: renvoie renvoies renvoyez renvoient / renvoyé renvoyée renvoyés
interdire: interdis interdit interdisez interdisent / interdite
plaire: plaît plais
élire: élis élit élisez / élu élue
relire: relis relit relisez / relu
vouloir:
savoir: sais sait savons savez savent sache / su
valoir: vaux vaut valent
pleuvoir: pleut / plu
employer: emploie emploies emploient employez
"""

VERBS = Verbs(_REGULAR, _IRREGULAR, french)

_WRITTEN = (
    "court courts cours arrivée arrivées employé employée employés employées salarié congé congés marché marchés clé résumé résumés café traité arrêté société"
    " délégué passé exposé énoncé tracé carré relevé relevés soirée journée année durée entrée idée donnée données pensée arrivée"
    " partie parties mise remise prise reprise sortie sorties suite revue vue retenue tenue revenu revenus contenu permis"
    " produits écrits entreprise écrit couvert garantie garanties"
).split()
_NOUNS = frozenset(_WRITTEN) | frozenset(map(unaccented, _WRITTEN)) - VERBS.present
"""What people mean by these is no verb."""


def past(word: str) -> bool:
    return word in VERBS.past and word not in _NOUNS


def infinitive(word: str) -> str | None:
    """The verb of which this is a form."""
    return None if word in _NOUNS else VERBS.infinitives.get(word)


_WORDS_OF_THEIR_OWN = frozenset(
    "marché marchés pêche pêches péché péchés tâche tâches mûr jeûne forêt forêts foret pâte pâtes pâté côte côtes côté côtés sûr dû là dès où à".split()
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
