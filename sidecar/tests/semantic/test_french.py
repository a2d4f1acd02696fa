"""French questions: which may share an answer, which may not, and which guard says why."""

import random

import pytest

from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.languages.french.clauses import arrange
from prompt_cache.semantic.languages.french.inflection import past, stem

SAME = """
Comment est-ce qu'on modifie une réservation ? | Comment puis-je modifier une réservation ?
Quelle est la marche à suivre pour contester une amende ? | Comment contester une amende ?
Que dois-je faire pour obtenir un duplicata de ma carte ? | Comment obtenir un duplicata de ma carte ?
Où est-ce qu'on peut télécharger le formulaire ? | Où télécharger le formulaire ?
Les animaux sont-ils acceptés dans l'hôtel ? | Est-ce que les animaux sont acceptés dans l'hôtel ?
Peut-on changer de siège après l'enregistrement ? | Est-il possible de changer de siège après l'enregistrement ?
Je voudrais savoir si le colis est assuré | Est-ce que le colis est assuré ?
Qu'est-ce que je dois faire en cas de perte de ma carte ? | Que faire en cas de perte de ma carte ?
C'est quoi le numéro du support ? | Quel est le numéro du support ?
Quel est le délai de livraison ? | Quels sont les délais de livraison ?
Bonjour, pouvez-vous m'envoyer la facture de mars svp ? | Envoyez-moi la facture de mars
Reformule cette phrase : on se capte demain | Peux-tu reformuler cette phrase : on se capte demain
Merci de corriger ce paragraphe | Corrige ce paragraphe stp
Aide-moi à écrire une lettre de démission | Écris une lettre de démission
J'aimerais que tu m'expliques la récursivité | Explique la récursivité
Comment suprimer mon compte ? | Comment supprimer mon compte ?
ou est ma commande | Où est ma commande ?
A quelle heure ferme le magasin | À quelle heure ferme le magasin ?
T'as une idée de cadeau pour un collègue ? | Tu as une idée de cadeau pour un collègue ?
Je peux pas ouvrir le fichier | Je ne peux pas ouvrir le fichier
Comment joindre le support technique ? | Comment contacter le support technique ?
Où trouver mon bulletin de paie ? | Où trouver ma fiche de paie ?
Mon PC est très lent | Mon ordinateur est très lent
Prendre rdv avec la médecine du travail | Prendre rendez-vous avec la médecine du travail
Quel est le tarif d'un envoi express ? | Quel est le prix d'un envoi express ?
Comment modifier mon mdp ? | Comment changer mon mot de passe ?
Trouve-moi dix slogans pour une boulangerie | Trouve-moi 10 slogans pour une boulangerie
Quel est le sens de l'article premier ? | Quel est le sens de l'article 1er ?
Quel est le plafond de remboursement en 2025 ? | En 2025, quel est le plafond de remboursement ?
Compare le train et l'avion | Compare l'avion et le train
Qui signe les contrats ? | Par qui sont signés les contrats ?
horaires de la cantine | Quels sont les horaires de la cantine ?
Salut, j'ai une question : comment on installe Docker ? | Comment installer Docker ?
Le Wi-Fi ne marche pas | Le wifi ne fonctionne pas
Que veut dire RSE ? | Qu'est-ce que ça veut dire, RSE ?
Combien coûte le parking ? | Quel est le prix du parking ?
Quand a lieu le séminaire ? | À quelle date a lieu le séminaire ?
Explique ce que fait ce code | Peux-tu expliquer ce que fait ce code ?
Quels sont les moyens de paiement acceptés ? | Quels moyens de paiement sont acceptés ?
Vous livrez en Suisse ? | Est-ce que vous livrez en Suisse ?
Livrez-vous en Suisse ? | Vous livrez en Suisse ?
Le magasin ferme à quelle heure ? | À quelle heure ferme le magasin ?
Comment on fait pour changer d'adresse ? | Comment changer d'adresse ?
Quand est envoyée la facture ? | Quand la facture est-elle envoyée ?
Comment sont calculées les primes ? | Comment les primes sont-elles calculées ?
De quels documents ai-je besoin pour m'inscrire ? | Quels documents faut-il pour s'inscrire ?
Ai-je droit à des congés pendant ma période d'essai ? | Est-ce que j'ai droit à des congés pendant la période d'essai ?
C'est possible de payer en plusieurs fois ? | Peut-on payer en plusieurs fois ?
Où je peux voir mes factures ? | Où puis-je consulter mes factures ?
Mon abonnement se renouvelle-t-il automatiquement ? | Est-ce que mon abonnement se renouvelle automatiquement ?
Qui dois-je contacter en cas de panne ? | Qui contacter en cas de panne ?
À qui dois-je m'adresser pour un badge ? | À qui s'adresser pour un badge ?
Que se passe-t-il si je paie en retard ? | Qu'est-ce qui se passe si je paie en retard ?
Quelle est l'adresse mail du support ? | C'est quoi l'adresse e-mail du support ?
Quels sont les jours de télétravail autorisés ? | Quels jours de télétravail sont autorisés ?
Y a-t-il des frais de résiliation ? | Est-ce qu'il y a des frais de résiliation ?
Combien de jours de congé ai-je par an ? | J'ai combien de jours de congé par an ?
Faut-il être majeur pour s'inscrire ? | Doit-on être majeur pour s'inscrire ?
Résume-moi ce texte en 5 lignes | Fais un résumé de ce texte en cinq lignes
Donne-moi un synonyme de « rapide » | Quel est un synonyme de « rapide » ?
Génère un mot de passe de 12 caractères | Crée un mot de passe de 12 caractères
Rédige un email de remerciement après un entretien | Rédige-moi un mail de remerciements après un entretien
Explique la différence entre let et const | Quelle est la différence entre let et const ?
Corrige les fautes : je suis allez | Corrige les erreurs : je suis allez
Reformule ce paragraphe de façon plus simple | Reformule ce paragraphe plus simplement
Pourrais-tu lister les capitales d'Europe ? | Liste des capitales d'Europe
Calcule la moyenne de 12, 15 et 18 | Quelle est la moyenne de 12, 15 et 18 ?
Je n'arrive pas à ouvrir la pièce jointe | Je ne peux pas ouvrir la pièce jointe
L'application ne se lance plus | L'appli ne se lance plus
Je souhaite résilier mon contrat | Comment résilier mon contrat ?
J'aimerais être remboursé | Je voudrais être remboursé
Impossible de se connecter au wifi | Je n'arrive pas à me connecter au wifi
j'ai perdu mon badge que dois je faire | J'ai perdu mon badge, que faire ?
La connexion est lente aujourd'hui | Aujourd'hui, la connexion est lente
Merci de m'envoyer le formulaire de remboursement | Pouvez-vous m'envoyer le formulaire de remboursement ?
Quelle est la durée du préavis ? | Combien de temps dure le préavis ?
Comment faire une demande de remboursement ? | Comment demander un remboursement ?
Comment contacter un conseiller ? | Comment joindre un conseiller ?
Comment enlever un filtre ? | Comment retirer un filtre ?
Quels sont les avantages du télétravail ? | Quels avantages présente le télétravail ?
Comment mettre à jour l'application ? | Comment faire la mise à jour de l'application ?
Quel est votre numéro de téléphone ? | Quel est le numéro de téléphone ?
Comment se rendre au bureau de Lyon ? | Comment aller au bureau de Lyon ?
Où puis-je garer mon vélo ? | Où est-ce que je peux garer mon vélo ?
Pourquoi ma carte est refusée ? | Pourquoi ma carte est-elle refusée ?
Quel est le salaire minimum en 2025 ? | À combien s'élève le salaire minimum en 2025 ?
Est-ce que je peux annuler ma réservation ? | Je peux annuler ma réservation ?
Avez-vous un parking ? | Est-ce que vous avez un parking ?
Comment fait-on pour parrainer un ami ? | Comment puis-je parrainer un ami ?
Qu'est-ce que le télétravail ? | C'est quoi le télétravail ?
Pour quelles raisons un virement peut-il être rejeté ? | Pourquoi un virement peut-il être rejeté ?
Où sont rangés les contrats ? | Où les contrats sont-ils rangés ?
Comment accéder à l'intranet depuis l'extérieur ? | Comment j'accède à l'intranet depuis l'extérieur ?
Qui est responsable de la paie ? | Qui est le responsable de la paie ?
Est-ce que le weekend est inclus ? | Le week-end est-il inclus ?
Jusqu'à quelle heure peut-on commander ? | On peut commander jusqu'à quelle heure ?
À quelle adresse envoyer le dossier ? | À quelle adresse dois-je envoyer le dossier ?
Quel navigateur dois-je utiliser ? | Quel navigateur faut-il utiliser ?
Existe-t-il une version mobile ? | Y a-t-il une version mobile ?
Pouvez-vous me dire où se trouve la salle B12 ? | Où est la salle B12 ?
Je voudrais connaître les horaires de la piscine | Quels sont les horaires de la piscine ?
Est ce qu'on doit prévenir avant de venir ? | Doit-on prévenir avant de venir ?
Comment savoir si mon dossier est complet ? | Comment puis-je savoir si mon dossier est complet ?
Quand est-ce que les salaires sont versés ? | Quand sont versés les salaires ?
Rédige une annonce pour un poste de vendeur | Écris une annonce pour un poste de vendeur
Donne la capitale du Pérou | Quelle est la capitale du Pérou ?
Peux-tu m'expliquer ce qu'est une API ? | Explique-moi ce qu'est une API
Traduis « bonjour » en japonais | Traduire « bonjour » en japonais
Comment dit-on « bonjour » en japonais ? | Comment dire « bonjour » en japonais ?
Peux-tu me donner la recette de la ratatouille ? | Recette de la ratatouille
Écris-moi un haïku sur la pluie stp | Peux-tu écrire un haïku sur la pluie ?
Trouve une rime à « soleil » | Trouve-moi une rime à « soleil »
Je n'ai pas reçu ma commande | J'ai pas reçu ma commande
Mon ordinateur ne démarre plus | Mon PC ne démarre plus
Le lien ne fonctionne pas | Le lien ne marche pas
Je veux changer de forfait | Je souhaite changer de forfait
Quelle est la politique de remboursement ? | politique de remboursement
Quel est le rôle du CSE ? | À quoi sert le CSE ?
Comment faire une capture d'écran sur Mac ? | Comment prendre une capture d'écran sur Mac ?
Comment déclarer un arrêt maladie ? | Comment dois-je déclarer un arrêt maladie ?
Quel est le montant de la caution ? | De combien est la caution ?
"""

DIFFERENT = """
order | Comment le vendeur peut-il évaluer l'acheteur ? | Comment l'acheteur peut-il évaluer le vendeur ?
order | Remplace Marie par Paul dans le planning | Remplace Paul par Marie dans le planning
order | Comment lier mon compte Google à mon compte Notion ? | Comment lier mon compte Notion à mon compte Google ?
order | Ajoute la colonne Prix après la colonne Stock | Ajoute la colonne Stock après la colonne Prix
order | Pourquoi l'héritage est préférable à la composition ? | Pourquoi la composition est préférable à l'héritage ?
order | Est-ce que l'API appelle la base ou l'inverse ? | Est-ce que la base appelle l'API ou l'inverse ?
order | Combien vaut un franc suisse en euros ? | Combien vaut un euro en francs suisses ?
order | Le médecin du travail informe-t-il l'employeur ? | L'employeur informe-t-il le médecin du travail ?
order | Mettre la photo à gauche du texte | Mettre le texte à gauche de la photo
order | Transforme ce code JavaScript en TypeScript | Transforme ce code TypeScript en JavaScript
order | Soustrais la TVA du prix TTC | Soustrais le prix TTC de la TVA
question | Peut-on céder son bail à un associé ? | Un associé peut-il céder son bail ?
question | Peut-on rendre un article soldé ? | Faut-il rendre un article soldé ?
question | Je dois prévenir mon chef ? | Je devrais prévenir mon chef ?
question | Est-il interdit de fumer sur la terrasse ? | Est-il permis de fumer sur la terrasse ?
question | Où faut-il renvoyer le matériel ? | Quand faut-il renvoyer le matériel ?
question | Pourquoi changer de mot de passe ? | Comment changer de mot de passe ?
question | Quel est l'intérêt d'un index ? | Quel est le fonctionnement d'un index ?
question | Avec qui se fait l'entretien annuel ? | Quand se fait l'entretien annuel ?
question | Combien de personnes participent ? | Quelles personnes participent ?
question | Puis-je déduire mes frais kilométriques ? | Comment déduire mes frais kilométriques ?
question | Est-ce que le magasin ouvre le dimanche ? | À quelle heure le magasin ouvre le dimanche ?
question | Le frère de Paul est-il invité ? | Paul est-il invité ?
question | Chaque membre peut-il inviter ? | Un membre peut-il être invité ?
operators | Que faire quand il pleut ? | Que faire même s'il pleut ?
operators | Comment sortir du mode plein écran ? | Comment sortir en mode plein écran ?
operators | Comment parler de mon patron ? | Comment parler à mon patron ?
operators | Puis-je travailler pour un concurrent ? | Puis-je travailler avec un concurrent ?
operators | Imprimer sur les deux faces | Imprimer sous les deux faces
operators | Qui vote pour le budget ? | Qui vote le budget ?
operators | Que faire si on me vole mon badge ? | Que faire si on lui vole son badge ?
operators | Quel est mon solde ? | Quel est son solde ?
operators | Je veux qu'il me rappelle | Je veux qu'il la rappelle
operators | Qui remplace Nadia ? | Qui Nadia remplace-t-elle ?
operators | À qui dois-je de l'argent ? | Qui me doit de l'argent ?
operators | Qui paie les frais de dossier ou de garde ? | Qui paie les frais de dossier et de garde ?
operators | Le vol part à 8 h | Le vol part avant 8 h
operators | Faut-il une autorisation pour filmer dans la rue ? | Faut-il une autorisation pour filmer de la rue ?
operators | Elle habite près de la gare ? | Elle habite loin de la gare ?
remainder | Où se trouve le bureau de Paul ? | Où se trouve Paul ?
remainder | Comment est-ce que je me fais rembourser ? | Comment est-ce que je rembourse ?
remainder | Le salarié est apte à reprendre | Le salarié est inapte à reprendre
remainder | Qui travaille sur le projet Atlas ? | Qui travaillait sur le projet Atlas ?
remainder | Comment monter le son de l'alarme ? | Comment couper le son de l'alarme ?
remainder | Quels sont les vols aller ? | Quels sont les vols retour ?
remainder | Combien coûte la location d'une perceuse ? | Combien coûte l'achat d'une perceuse ?
remainder | Qui gère le service courrier ? | Qui gère le service coursier ?
remainder | Donne la recette de la tarte aux pommes | Donne la recette de la tarte aux poires
remainder | Quel est le salaire d'un comptable ? | Quel est le salaire d'un expert-comptable ?
remainder | Quel forfait à 20 euros par mois ? | Quel forfait à 20 euros par an ?
remainder | Rédige une invitation pour les parents | Rédige une invitation pour les élèves
remainder | Écris un discours en tant que maire | Écris un discours en tant qu'opposant
remainder | Donne un exemple d'anaphore | Donne une définition d'anaphore
negation | Donne la liste des fichiers sans extension | Donne la liste des fichiers avec extension
negation | Puis-je venir avec mon chien ? | Puis-je venir sans mon chien ?
negation | Je ne peux que modifier le titre | Je ne peux pas modifier le titre
negation | Ce plat contient-il du gluten ? | Ce plat ne contient-il pas de gluten ?
negation | Je ne veux plus recevoir de publicité | Je veux plus de publicité
negation | Quels employés ont signé la charte ? | Quels employés n'ont pas encore signé la charte ?
negation | Personne ne m'a répondu | Quelqu'un m'a répondu
negation | Écris un texte où rien n'est traduit | Écris un texte où tout est traduit
negation | Explique sans jargon la fission | Explique avec jargon la fission
negation | Quelles dépenses sont imposables ? | Quelles dépenses sont non imposables ?
negation | Que se passe-t-il si je réponds au mail ? | Que se passe-t-il si je ne réponds pas au mail ?
negation | jai recu le colis que faire | jai pas recu le colis que faire
negation | Est-ce remboursé dès que j'annule ? | Est-ce remboursé à moins que j'annule ?
quotes | Quel est le ton de ce message ? Merci pour tout. | Quel est le ton de ce message ? Merci pour rien.
antonyms | Combien de temps avant la réunion ? | Combien de temps après la réunion ?
antonyms | Comment se désinscrire de la newsletter ? | Comment s'inscrire à la newsletter ?
antonyms | Comment ouvrir un ticket ? | Comment fermer un ticket ?
antonyms | Que faire avant l'arrivée des invités ? | Que faire avant le départ des invités ?
antonyms | Comment rejoindre un groupe ? | Comment quitter un groupe ?
antonyms | Comment verrouiller une cellule ? | Comment déverrouiller une cellule ?
antonyms | Les avantages du leasing | Les inconvénients du leasing
antonyms | Comment crypter un disque ? | Comment décrypter un disque ?
antonyms | Comment prêter un livre numérique ? | Comment emprunter un livre numérique ?
antonyms | Compresse ce fichier | Décompresse ce fichier
antonyms | Quel est le meilleur vendeur du mois ? | Quel est le pire vendeur du mois ?
antonyms | Quels sont les plats les moins chers ? | Quels sont les plats les plus chers ?
antonyms | Présente-moi les nouveaux tarifs | Présente-moi les anciens tarifs
antonyms | Rappelle-moi la réunion de mardi prochain | Rappelle-moi la réunion de mardi dernier
dates | Peut-on rouler de nuit ? | Peut-on rouler de jour ?
dates | Quels contrats expirent ce mois-ci ? | Quels contrats expirent le mois prochain ?
dates | Que s'est-il passé en juin ? | Que s'est-il passé en juillet ?
dates | Menu de demain midi | Menu de demain soir
dates | Que s'est-il passé hier soir sur le serveur ? | Que se passe-t-il ce soir sur le serveur ?
entities | Quel temps fait-il à Lille ? | Quel temps fait-il à Liège ?
entities | Rédige un mot de remerciement pour Mme Leroy | Rédige un mot de remerciement pour M. Leroy
entities | Comment envoyer un colis en Autriche ? | Comment envoyer un colis en Australie ?
entities | Que fait SELECT DISTINCT ? | Que fait SELECT ?
entities | Qui a écrit Germinal ? | Qui a écrit Nana ?
identifiers | Configurer Outlook sur Android | Configurer Outlook sur iPhone
identifiers | Le rendez-vous du 12/03 est-il confirmé ? | Le rendez-vous du 03/12 est-il confirmé ?
identifiers | Que fait ls -a ? | Que fait ls -A ?
numbers | Résume en une phrase | Résume en deux phrases
numbers | le premier trimestre est-il bon ? | le deuxième trimestre est-il bon ?
numbers | Compare les formules à 10 et 20 euros | Compare les formules à 10 et 30 euros
numbers | Combien font 12 pouces ? | Combien font 12 pieds ?
form | Écris une lettre de motivation pour un poste de vendeur | Écris un mail de motivation pour un poste de vendeur
form | Résume ce texte en français | Résume ce texte en anglais
quotes | Résume : le comité a validé le budget | Résume : le comité a rejeté le budget
quotes | Traduis « il pleut des cordes » en espagnol | Traduis « il pleut des cornes » en espagnol
"""


ODD = [
    ",",
    "",
    "comment",
    "combien",
    "quel",
    "à",
    "quelle",
    "heure",
    "de",
    "besoin",
    "ai",
    "je",
    "dois",
    "par",
    "qui",
    "est",
    "sont",
    "il",
    "vous",
    "ne",
    "que",
    "plus",
    "pas",
    "le",
    "la",
    "les",
    "envoyée",
    "payer",
    "ferme",
    "facture",
]


def _pairs(block: str) -> list[list[str]]:
    return [[part.strip() for part in line.split(" | ")] for line in block.strip().splitlines()]


@pytest.mark.parametrize(("asked", "stored"), _pairs(SAME))
def test_one_answer_serves_both(asked: str, stored: str) -> None:
    for one, other in ((asked, stored), (stored, asked)):
        assert [verdict for verdict in compare(one, other) if not verdict.agrees] == []


@pytest.mark.parametrize(("guard", "asked", "stored"), _pairs(DIFFERENT))
def test_the_guard_whose_concern_it_is_refuses(guard: str, asked: str, stored: str) -> None:
    for one, other in ((asked, stored), (stored, asked)):
        refused = [verdict for verdict in compare(one, other) if not verdict.agrees]
        assert guard in [verdict.guard for verdict in refused]
        assert all(verdict.saw for verdict in refused)


@pytest.mark.parametrize(
    ("forms", "of"),
    [
        ("envoie envoies envoyez envoyons envoyé envoyée envoyes", "envoyer"),
        ("reçois reçoit recevez reçu reçues", "recevoir"),
        ("traduis traduisez traduite", "traduire"),
        ("choisis choisissez choisie", "choisir"),
        ("résilie resilier résiliée", "résilier"),
        ("professionnelle professionnels", "professionnel"),
        ("travaux", "travail"),
        ("bureaux", "bureau"),
        ("nouvelle nouveaux", "nouveau"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str, of: str) -> None:
    assert {stem(form) for form in forms.split()} == {stem(of)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("marche", "marché"),
        ("employé", "employeur"),
        ("emploi", "employé"),
        ("règlement", "régler"),
        ("fonction", "fonctionner"),
        ("pêche", "péché"),
        ("tâche", "tache"),
        ("présidera", "présider"),
        ("travaillait", "travailler"),
        ("port", "porte"),
        ("court", "courir"),
        ("activité", "activer"),
    ],
)
def test_two_words_never_have_one_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_what_is_done_is_told_from_what_is_still_to_be_done() -> None:
    assert past("payées")
    assert past("reçu")
    assert not past("payer")
    assert not past("salarié")
    assert not past("marché")


@pytest.mark.parametrize(
    ("words", "arranged"),
    [
        ("le magasin ferme à quelle heure ?", "à quelle heure le magasin ferme"),
        ("quand est envoyée la facture ?", "quand la facture est envoyée"),
        ("par qui les contrats sont signés ?", "qui signer les contrats"),
        ("de quels documents ai je besoin pour louer ?", "quels documents faut il pour louer"),
        ("les frais sont ils remboursés ?", "<whether> les frais sont remboursés"),
        ("vous livrez en suisse ?", "<whether> vous livrez en suisse"),
        ("un acces a mon compte", "<which> un acces à mon compte"),
        ("paul a le badge égaré", "paul a le badge égaré"),
        ("le lien ne marche plus", "le lien marche ne-plus"),
        ("on ne paie que par chèque", "on paie seulement par chèque"),
        ("je la modifie", "je la-lui modifie"),
        ("délai de remboursement", "<which> délai de remboursement"),
        ("explique comment le magasin ferme", "explique comment le magasin ferme"),
    ],
)
def test_words_are_read_by_what_stands_around_them(words: str, arranged: str) -> None:
    assert " ".join(word for word, _ in arrange(words.split())) == arranged


def test_where_a_word_stood_is_told_of_each_whatever_is_written() -> None:
    chance = random.Random(7)
    for _ in range(5000):
        words = [chance.choice(ODD) for _ in range(chance.randrange(8))]
        assert all(0 <= at < len(words) for _, at in arrange([*words, *["?"] * chance.randrange(2)]))
