"""French words of one meaning, and of opposite ones."""

SYNONYMS = """
supprimer effacer suppression
rédiger écrire rédaction
salarié collaborateur
rapidement vite
débuter commencer
terminer finir achever
acheter acquérir
contacter joindre
afficher montrer
fonctionner marcher fonctionnement
tarif prix
voiture automobile
vérifier vérification
changer modifier modification changement
réparer dépanner réparation
expédier envoyer expédition envoi
suggérer proposer
avis commentaire
congé vacances
essayer tenter
habiter résider
permettre autoriser
utiliser utilisation
souci problème
résumé synthèse résumer synthétiser
remplir compléter
paramétrer configurer configuration
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
localisation emplacement
montant somme
crypter chiffrer
décrypter déchiffrer
rembourser remboursement
annuler annulation
résilier résiliation
livrer livraison
payer paiement acquitter
créer création générer génération
activer activation
désactiver désactivation
installer installation
désinstaller désinstallation
réinitialiser réinitialisation
convertir conversion
traduire traduction
télécharger téléchargement
inscrire inscription
renouveler renouvellement
déclarer déclaration
valider validation
réserver réservation
signer signature
calculer calcul
importer importation import
exporter exportation export
renvoyer retourner
stopper arrêter
enlever retirer ôter
énorme immense
refuser décliner
bogue bug
"""

ANTONYMS = """
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
