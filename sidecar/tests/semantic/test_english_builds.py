"""English sentences of several builds that ask for one thing, and their neighbours that do not."""

import pytest

from prompt_cache.semantic.guards.comparing import compare

SAME = """
Are guests allowed to park here? | Can guests park here?
Are dogs allowed on the train? | Can I bring dogs on the train?
Is smoking allowed on the balcony? | Can I smoke on the balcony?
Is breakfast included in the price? | Does the price include breakfast?
What is included in the rent? | What does the rent include?
Is parking available at the hotel? | Is there parking at the hotel?
Does the hotel have a pool? | Is there a pool in the hotel?
Is mixing bleach and vinegar dangerous? | Is it dangerous to mix bleach and vinegar?
Is paying by card possible? | Is it possible to pay by card?
How often does the plant need to be watered? | How often should I water the plant?
How can duplicates be removed from a list? | How do I remove duplicates from a list?
How should tomatoes be stored? | How do I store tomatoes?
What size should I buy? | What size do I buy?
At what temperature should I wash towels? | What temperature should towels be washed at?
How much water should I drink a day? | How much water should I drink every day?
Who is responsible for approving overtime? | Who approves overtime?
How far is the hotel from the beach? | What's the distance between the beach and the hotel?
How long does it take for paint to dry? | How long does paint need to dry?
Can I replace butter with oil? | Can I use oil instead of butter?
Can I cancel after I have paid? | Can I cancel after paying?
Write a 50-word product description for a mouse | Write a product description for a mouse in 50 words
Give me a summary of this report in two sentences: Sales rose. | Summarize this report in two sentences: Sales rose.
How do I turn the alarm off when I leave? | How do I turn off the alarm when I leave?
How do I make my query faster? | How do I speed up my query?
How do I keep my mirror from fogging? | How can I stop my mirror from fogging?
Do you ship to Norway? | Is shipping to Norway available?
I need a Python script to rename files | Write a Python script that renames files
Python script to rename files | Write a Python script to rename files
Setting up a printer | How do I set up a printer?
Setting up a printer, how? | How do I set up a printer?
invoice address change | How do I change the invoice address?
When does the card expire? | What is the expiry date of the card?
How do let and var differ in JavaScript? | What's the difference between let and var in JavaScript?
What is the normal heart rate of an adult? | What is the normal heart rate for adults?
Who was the telephone invented by? | Who invented the telephone?
In which year was the tower built? | When was the tower built?
"""
DIFFERENT = """
Are guests allowed to park here? | Do guests park here?
Is smoking allowed on the balcony? | Is smoking forbidden on the balcony?
Does the price include tax? | Does the tax include the price?
What does the rent include? | What includes the rent?
Does the room have a balcony? | Does the balcony have a room?
Is there a note on the desk? | Is there a note in the desk?
Is it dangerous to swim here? | Is it legal to swim here?
How often must the filter be cleaned? | How often can the filter be cleaned?
How can the admin be removed by the owner? | How can the owner be removed by the admin?
What size should I buy? | What size can I buy?
How much water should I drink a day? | How much water should I drink the first day?
How far is it from Rome to Pisa? | How long does it take from Rome to Pisa?
How long does paint take to dry? | How long can paint dry?
Can I replace butter with oil? | Can I replace oil with butter?
Can I cancel after I have paid? | Can I cancel after you have paid?
Write a 50-word text about cats | Write a text about 50 cats in words
How do I turn the alarm off? | How do I turn the alarm on?
How do I make my query faster? | How do I make my query shorter?
How do I prevent my cat from eating plants? | How do I prevent plants from eating my cat?
Do you offer parking? | Do you park?
What is a Python function? | Write a Python function
address change | How do I address a change?
order cancellation | How do I order a cancellation?
In what year was the bridge built? | On what day was the bridge built?
Who paid for overtime? | Who is paid for overtime?
Who was invited by Anna? | Who invited Anna?
Who is my landlord? | Who is a landlord?
How can I check if the file exists? | How can I check when the file exists?
How do I take a screenshot on a Mac? | How do I take a screenshot of a Mac?
Is it OK to use my phone in the library? | Is it OK to use the library phone?
What should I do at the station? | What can I do at the station?
After I was paid, what do I owe? | After I paid, what do I owe?
The following customers paid late, who are they? | The customers paid late, who are they?
Where should I sign the contract? | Where can I sign the contract?
"""


def cases(block: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in block.strip().splitlines()]


def refusing(asked: str, stored: str) -> list[str]:
    return [f"{verdict.guard}: {verdict.saw}" for verdict in compare(asked, stored) if not verdict.agrees]


@pytest.mark.parametrize(("asked", "stored"), cases(SAME))
def test_one_thing_in_two_builds_is_served(asked: str, stored: str) -> None:
    assert refusing(asked, stored) == []
    assert refusing(stored, asked) == []


@pytest.mark.parametrize(("asked", "stored"), cases(DIFFERENT))
def test_two_things_in_one_build_are_not(asked: str, stored: str) -> None:
    assert refusing(asked, stored)
    assert refusing(stored, asked)
