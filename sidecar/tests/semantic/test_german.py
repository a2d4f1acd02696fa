"""German questions: which may share an answer, and which may not."""

import pytest

from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.languages.german.clauses import OBJECT_FIRST, arrange
from prompt_cache.semantic.languages.german.inflection import past, stem

SAME = """
Wie kann ich mein Passwort zurücksetzen? | Wie setze ich mein Passwort zurück?
Wie kann mein Passwort zurückgesetzt werden? | Wie setzt man das Passwort zurück, bitte?
Wie schaltet man den Flugmodus aus? | Wie kann ich den Flugmodus ausschalten?
Auf welche Weise lässt sich ein PDF verkleinern? | Wie kann ich ein PDF verkleinern?
Gibt es eine Möglichkeit, die Lieferadresse zu ändern? | Kann ich die Lieferadresse ändern?
Guten Tag, könnten Sie mir bitte sagen, wo ich meinen Ausweis finde? Vielen Dank! | Wo finde ich meinen Ausweis?
Wissen Sie, wo ich ein Ticket kaufen kann? | Wo kann ich ein Ticket kaufen?
Welche Gebuehren fallen fuer eine Auslandsueberweisung an? | Welche Gebühren fallen für eine Auslandsüberweisung an?
Wie lange ist denn eigentlich die Garantie? | Wie lange ist die Garantie?
Wie lösche ich mein Konto endgültig? | Wie entferne ich mein Konto dauerhaft?
Wie viele Urlaubstage habe ich nach fünf Jahren? | Wie viele Urlaubstage habe ich nach 5 Jahren?
Wie komme ich zu dem Bahnhof in Halle? | Wie komme ich zum Bahnhof in Halle?
Von wem werden Dienstreisen ins Ausland genehmigt? | Wer genehmigt Dienstreisen ins Ausland?
Wenn ich im Urlaub krank werde, muss ich es dann melden? | Muss ich es melden, wenn ich im Urlaub krank werde?
Wie teuer ist der neue Reisepass? | Was kostet der neue Reisepass?
Was ist der Unterschied zwischen Butter und Margarine? | Was ist der Unterschied zwischen Margarine und Butter?
Bitte übersetzen Sie ins Englische: Guten Morgen | Übersetze ins Englische: Guten Morgen
Wann fängt der Kurs an? | Wann beginnt der Kurs?
weiß jemand wie man einen termin verschiebt | Wie verschiebt man einen Termin?
hallo ich wollte fragen ob ich den termin verschieben kann | Kann ich den Termin verschieben?
wie lösch ich mein konto | Wie lösche ich mein Konto?
wie kann ich mein passwort zurück setzen | Wie kann ich mein Passwort zurücksetzen?
Wie sortiere ich in Python eine Liste? | Wie lässt sich eine Liste in Python sortieren?
Was heißt "ex nunc"? | Was bedeutet "ex nunc"?
Habt ihr am Sonntag geöffnet? | Haben Sie sonntags geöffnet?
Darf man auf dem Balkon rauchen? | Ist Rauchen auf dem Balkon gestattet?
"""

DIFFERENT = """
Wie schalte ich die Mailbox ein? | Wie schalte ich die Mailbox aus?
Wie melde ich mich beim Portal an? | Wie melde ich mich beim Portal ab?
Wie stimme ich dem Plan zu? | Wie stimme ich über den Plan ab?
Darf der Vermieter den Mieter besuchen? | Darf der Mieter den Vermieter besuchen?
Den Chef hat der Kollege beleidigt. | Der Chef hat den Kollegen beleidigt.
Den Chef hat der Kollege beleidigt. | Den Kollegen hat der Chef beleidigt.
Hilft der Chef der Kollegin? | Hilft dem Chef die Kollegin?
Wer hat Anna angerufen? | Wen hat Anna angerufen?
Wird der Vater vom Sohn vertreten? | Wird der Sohn vom Vater vertreten?
Wie wandle ich Kilometer in Meilen um? | Wie wandle ich Meilen in Kilometer um?
Wann fährt der nächste Zug von Ulm nach Passau? | Wann fährt der nächste Zug von Passau nach Ulm?
Wann fährt der nächste Zug? | Wann fährt der letzte Zug?
Wie heißt die Mutter des Besitzers? | Wie heißt der Besitzer der Mutter?
Wenn ich kündige, bekomme ich eine Abfindung? | Wenn ich eine Abfindung bekomme, kündige ich?
Was darf ich essen? | Was darf ich nicht essen?
Rezepte mit Nüssen | Rezepte ohne Nüsse
Ist die Kündigung wirksam? | Ist die Kündigung unwirksam?
Wer hat die Rechnung bezahlt? | Wer bezahlt die Rechnung?
Wie kann ich Projekte fördern? | Wie kann ich Projekte fordern?
Wie kann ich Seiten drucken? | Wie kann ich Seiten drücken?
Ich konnte teilnehmen. Was nun? | Ich könnte teilnehmen. Was nun?
Wo finde ich die Zeitung? | Wo finde ich die Zeit?
Welche Pflichten hat der Mieter? | Welche Pflichten hat die Miete?
Welche Pflichten hat der Arbeitgeber? | Welche Pflichten hat der Arbeitnehmer?
Wie hoch ist der Zuschlag bei 1,5 Stunden? | Wie hoch ist der Zuschlag bei 15 Stunden?
Was kosten 1.500 Stück? | Was kosten 1,5 Stück?
Treffen um halb acht | Treffen um acht
Darf ich täglich 400 mg Magnesium nehmen? | Darf ich täglich 400 g Magnesium nehmen?
Habt ihr am 24. Dezember geöffnet? | Habt ihr am 27. Dezember geöffnet?
Öffnungszeiten morgen | Öffnungszeiten morgens
Bekommen alle Mitarbeiter einen Bonus? | Bekommen einige Mitarbeiter einen Bonus?
Dürfen nur Mitglieder Gäste einladen? | Dürfen Mitglieder nur Gäste einladen?
Kann man Tomaten roh einfrieren? | Soll man Tomaten roh einfrieren?
Warum wurde der Antrag abgelehnt? | Wurde der Antrag abgelehnt?
Wie lehne ich eine Bitte ab? | Wie lehne ich ab?
Wie groß ist die Leiter? | Wie groß ist der Leiter?
Können Sie meine Daten sehen? | Kann ich Ihre Daten sehen?
Wann ruft mich der Chef an? | Wann rufe ich den Chef an?
Wann ruft der Chef an? | Wann rufe ich den Chef an?
Wann wird der Chef angerufen? | Wann ruft der Chef an?
Was passiert, wenn den Mieter der Vermieter verklagt? | Was passiert, wenn der Mieter den Vermieter verklagt?
Wie ziehe ich mich um? | Wie ziehe ich um?
Welchen Kunden hat der Verkäufer beraten? | Welcher Kunde hat den Verkäufer beraten?
Darf ein Arzt mit Fieber Patienten behandeln? | Darf ein Arzt Patienten mit Fieber behandeln?
Kann ich sagen, ob er lügt? | Lügt er?
Wie erkläre ich, was ein Atom ist? | Was ist ein Atom?
"""


def _pairs(block: str) -> list[tuple[str, str]]:
    return [(left, right) for line in block.strip().splitlines() for left, right in [line.split(" | ")]]


def _refused(asked: str, stored: str) -> list[str]:
    return [f"{verdict.guard}: {verdict.saw}" for verdict in compare(asked, stored) if not verdict.agrees]


@pytest.mark.parametrize(("asked", "stored"), _pairs(SAME))
def test_what_is_asked_in_other_words_is_the_same_question(asked: str, stored: str) -> None:
    assert _refused(asked, stored) == []
    assert _refused(stored, asked) == []


@pytest.mark.parametrize(("asked", "stored"), _pairs(DIFFERENT))
def test_what_looks_alike_is_another_question(asked: str, stored: str) -> None:
    assert _refused(asked, stored)
    assert _refused(stored, asked)


@pytest.mark.parametrize(
    ("forms", "of"),
    [
        ("zurücksetze zurückgesetzt zurückzusetzen zurueckzusetzen", "zurücksetzen"),
        ("fährt fahre", "fahren"),
        ("passwörter passworts", "passwort"),
        ("häusern hauses", "haus"),
        ("gebrochener gebrochenen", "gebrochen"),
        ("rechnungen", "rechnung"),
        ("mitarbeitern mitarbeiters", "mitarbeiter"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str, of: str) -> None:
    assert {stem(form) for form in forms.split()} == {stem(of)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fordern", "fördern"),
        ("miete", "mieter"),
        ("zeit", "zeitung"),
        ("drucker", "drucken"),
        ("reis", "reise"),
        ("not", "note"),
        ("rat", "rate"),
        ("kur", "kurs"),
        ("schnell", "schneller"),
        ("käufer", "kaufen"),
        ("einschalten", "ausschalten"),
        ("kollege", "kollegin"),
    ],
)
def test_two_words_never_have_one_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_a_participle_is_told_from_what_is_still_to_be_done() -> None:
    assert past("ausgeschaltet")
    assert past("gekündigt")
    assert not past("ausschalten")


def test_the_two_parts_of_a_verb_come_together_at_the_end() -> None:
    words = ["wie", "setze", "ich", "mein", "passwort", "am", "handy", "zurück"]
    assert [word for word, _ in arrange(words)] == ["wie", "ich", "mein", "passwort", "am", "handy", "zuruecksetzen"]


def test_only_an_object_in_front_of_its_subject_is_marked() -> None:
    assert OBJECT_FIRST in {word for word, _ in arrange(["den", "chef", "hat", "der", "kollege", "beleidigt"])}
    assert OBJECT_FIRST not in {word for word, _ in arrange(["der", "chef", "hat", "den", "kollegen", "beleidigt"])}
    assert OBJECT_FIRST not in {word for word, _ in arrange(["bei", "dem", "chef", "hat", "der", "kollege", "gefragt"])}
    assert OBJECT_FIRST not in {word for word, _ in arrange(["den", "antrag", "kann", "ich", "wo", "stellen"])}


def test_where_a_word_stood_is_told_of_each() -> None:
    words = ["wenn", "ich", "krank", "werde", ",", "muss", "ich", "es", "dann", "melden"]
    assert all(0 <= at < len(words) for _, at in arrange(words))
    assert arrange([]) == []
    assert arrange([","]) == [(",", 0)]
