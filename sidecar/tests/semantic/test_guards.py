"""What each guard refuses, and what none of them does."""

from collections.abc import Collection

import pytest

from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.guards.names import GUARDS

REFUSED = """
quotes | Translate to French: Good morning | Translate to French: Good evening | Good morning here, Good evening there
quotes | What does "deprecated" mean? | What does "obsolete" mean? | deprecated here, obsolete there
quotes | What does `ls -a` do? | What does `ls -l` do? | ls -a here, ls -l there
links | Summarize https://a.io/a | Summarize https://a.io/b | https://a.io/a here, https://a.io/b there
links | Write a mail to anna@a.example | Write a mail to hanna@a.example | anna@a.example here, hanna@a.example there
identifiers | What is in config_dev.yaml? | What is in config_prod.yaml? | config_dev.yaml here, config_prod.yaml there
identifiers | What is new in version v2.1? | What is new in version v2.2? | v2.1 here, v2.2 there
identifiers | What does the option --force do? | What does the option --quiet do? | --force here, --quiet there
identifiers | How do I write a loop in C++? | How do I write a loop in C#? | C++ here, C# there
numbers | Can I return shoes after 30 days? | Can I return shoes after 60 days? | 30 days here, 60 days there
numbers | Can I return shoes after 30 days? | Can I return shoes after 30 weeks? | 30 days here, 30 weeks there
numbers | How do I split a bill in two? | How do I split a bill in three? | two here, three there
numbers | What can I buy for $50? | What can I buy for €50? | $50 here, €50 there
numbers | Comment payer en 3 fois ? | Comment payer en 4 fois ? | 3 here, 4 there
numbers | Wie lange dauern 20 Minuten Pause? | Wie lange dauern 30 Minuten Pause? | 20 Minuten here, 30 Minuten there
numbers | ¿Puedo devolver zapatos en 30 días? | ¿Puedo devolver zapatos en 15 días? | 30 días here, 15 días there
dates | Is the shop open on Monday? | Is the shop open on Tuesday? | Monday here, Tuesday there
dates | What happened on March 5, 2024? | What happened on March 6, 2024? | March 5 2024 here, March 6 2024 there
dates | Book a table for 5pm | Book a table for 6pm | 5pm here, 6pm there
dates | Is 25,000 am an hour? | Is 26,000 am an hour? | 25,000 here, 26,000 there
dates | What's the weather like today? | What's the weather like tomorrow? | today here, tomorrow there
negation | Why is my card accepted? | Why is my card not accepted? | not only there
negation | Can I book without a card? | Can I book with a card? | without here, with there
antonyms | How do I enable 2FA? | How do I disable 2FA? | enable here, disable there
antonyms | How do I turn on the alarm? | How do I turn off the alarm? | turn on here, turn off there
antonyms | Can I cancel before the trial ends? | Can I cancel after the trial ends? | before here, after there
entities | What is the capital of France? | What is the capital of Spain? | France here, Spain there
entities | How do I add a person to Teams? | How do I add a person to Team? | Teams here, Team there
question | How do I cancel my order? | Why do I cancel my order? | How do I here, Why do there
question | Can I cancel my order? | Do I need to cancel my order? | Can I here, Do I need to there
question | Is it possible to bring a dog? | Am I allowed to bring a dog? | Is it possible to here, Am I allowed to there
form | Give me the list as a table | Give me the list as markdown | table here, markdown there
form | Explain recursion | Explain recursion briefly | briefly only there
operators | Do all users get a key? | Do most users get a key? | all here, most there
operators | Are there notes on the desk? | Are there notes under the desk? | on here, under there
operators | Is my order sent? | Was my order sent? | Was only there
operators | Can he see my messages? | Can she see my messages? | he here, she there
operators | How do I handle a cancelled order? | How do I handle a cancel order? | cancelled here, cancel there
order | Convert a string to a number | Convert a number to a string | ‘string to number’ here, ‘number to string’ there
order | Does Tom call Ann? | Does Ann call Tom? | ‘Tom call Ann’ here, ‘Ann call Tom’ there
remainder | How do I peel a mango? | How do I peel an orange? | mango here, orange there
remainder | Is this a new organ? | Is this a new organization? | organ here, organization there
"""


def cases(block: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in block.strip().splitlines()]


def refusing(asked: str, stored: str, guards: Collection[str] = GUARDS) -> dict[str, str]:
    return {verdict.guard: verdict.saw for verdict in compare(asked, stored, guards) if not verdict.agrees}


@pytest.mark.parametrize(("guard", "asked", "stored", "saw"), cases(REFUSED))
def test_a_difference_is_told_by_the_guard_whose_concern_it_is_and_by_it_alone(
    guard: str, asked: str, stored: str, saw: str
) -> None:
    assert refusing(asked, stored) == {guard: saw}
    assert refusing(asked, stored, [name for name in GUARDS if name != guard]) == {}


def test_every_guard_has_a_case() -> None:
    assert {case[0] for case in cases(REFUSED)} | {"language"} == set(GUARDS)


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("Come posso reimpostare la mia password?", "Come posso reimpostare la mia password"),
        ("Jak mogę zresetować hasło do konta?", "Jak mogę zresetować hasło do konta"),
        ("パスワードを再設定するには", "パスワードを再設定するには?"),
        ("Как сбросить пароль?", "Как сбросить пароль"),
    ],
)
def test_a_language_that_is_not_known_is_refused(asked: str, stored: str) -> None:
    assert refusing(asked, stored)["language"] == "a language that is not known well enough"
    assert not refusing(asked, asked)


def test_two_languages_are_refused_though_the_words_are_the_same() -> None:
    assert "language" in refusing("How do I cancel my order?", "Wie storniere ich meine Bestellung?")
    assert "language" in refusing("Comment annuler ma commande ?", "¿Cómo cancelo mi pedido?")


def test_without_the_guard_of_languages_words_of_an_unknown_one_are_still_compared() -> None:
    others = [name for name in GUARDS if name != "language"]
    assert refusing("Come posso reimpostare la password?", "Come posso cancellare la password?", others)


def test_a_verdict_is_given_of_each_guard_that_is_asked_in_its_order() -> None:
    verdicts = compare("How do I pay?", "How do I pay in March?", ["remainder", "dates", "numbers"])
    assert [verdict.guard for verdict in verdicts] == ["numbers", "dates", "remainder"]
    assert [verdict.agrees for verdict in verdicts] == [True, False, True]


SERVED = r"""
How do I reset my password? | Hi there, could you please tell me how I can reset my password? Thanks!
How do I reset my password? | I'd like to reset my password
How do I reset my password? | What steps do I need to take to reset the password?
How do I reset my password? | I was wondering if there is a way to reset my password.
How do I reset my password? | i need help resetting my password
What is France's capital? | What is the capital of France?
In Python, how do I reverse a list? | How can I reverse a list in Python?
If my card is lost, can I still pay? | Can I pay if my card is lost?
What is the difference between a list and a tuple? | What's the difference between tuples and lists?
How do I delete my account permanently? | How can I permanently remove my account?
How many days do I have after twenty-five days? | How many days do I have after 25 days?
How much does the room cost? | What is the price of the room?
How is the bonus calculated? | How do you calculate the bonus?
Am I allowed to bring my dog? | Can I bring my dog?
Is it possible to bring my dog? | Can I bring my dog?
Is the restuarant open on Sundays? | Is the restaurant open on Sundays?
What is the colour of the logo? | What is the color of the logo?
Explain how garbage collection works in Go. | How does garbage collection work in Go?
Can you translate this to French: Good morning | Translate this into French: Good morning
What happened on March 5, 2024? | What happened on the 5th of March 2024?
Book a table for 5pm | Book a table for 17:00
How do I pay 1,000 dollars? | How do I pay $1000?
Hi,\n\nhow do I reset my password?\n\nThanks | How do I reset my password?
"""


@pytest.mark.parametrize(("asked", "stored"), cases(SERVED))
def test_what_is_said_in_other_words_is_served(asked: str, stored: str) -> None:
    asked = asked.replace("\\n", "\n")
    assert refusing(asked, stored) == {}
    assert refusing(stored, asked) == {}
