"""What is read of a text."""

import pytest

from prompt_cache.semantic.languages import LANGUAGES
from prompt_cache.semantic.reading import Reading, read


def keys(text: str) -> list[str]:
    return [token.key for token in read(text).tokens]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset my password?", "en"),
        ("reset password", "en"),
        ("Comment annuler ma commande ?", "fr"),
        ("Wie storniere ich meine Bestellung?", "de"),
        ("¿Cómo cancelo mi pedido?", "es"),
        ("Come posso annullare il mio ordine?", None),
        ("Como posso cancelar o meu pedido?", None),
        ("Hoe kan ik mijn bestelling annuleren?", None),
        ("Как отменить заказ?", None),
        ("12345", None),
        ("", None),
    ],
)
def test_the_language_is_told_by_the_words(text: str, language: str | None) -> None:
    assert read(text).language == language


def test_pasted_text_does_not_tell_the_language() -> None:
    assert (
        read("Translate this sentence into English: Wo ist der Bahnhof, und wann fährt der nächste Zug?").language
        == "en"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How can I reset my passwords?", ["<how>", "reset", "i", "password"]),
        (
            "Hello, could you please tell me how to reset a password? Thank you!",
            ["<how>", "reset", "password"],
        ),
        ("the capital of France", ["france", "capital"]),
        ("the capital of the north of France", ["france", "north", "capital"]),
        ("What is France's capital?", ["<what>", "france", "capital"]),
        ("In Python, how do I sort?", ["<how>", "sort", "in", "python"]),
        ("the difference between tea and coffee", ["difference", "between", "coffee", "and", "tea"]),
        ("How is tea made?", ["<how>", "create", "tea"]),
        ("Is tea made by Tom?", ["<whether>", "tom", "create", "tea"]),
        ("Why did he not pay?", ["<why>", "<past>", "he", "not", "payment"]),
    ],
)
def test_what_may_be_said_in_several_ways_is_read_as_one(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("for 30 days", "number", "30 day"),
        ("for thirty days", "number", "30 day"),
        ("a 30-day trial", "number", "30 day"),
        ("for 1,000.50 dollars", "number", "1000.5 dollar"),
        ("for $1.5k", "number", "1500 dollar"),
        ("by 50%", "number", "50 percent"),
        ("5 MB is enough", "number", "5 mb"),
        ("5 Mb is enough", "number", "5 megabit"),
        ("the 3rd floor", "number", "3."),
        ("the third floor", "number", "3."),
        ("on March 5, 2024", "date", "2024-3-5"),
        ("on the 5th of March 2024", "date", "2024-3-5"),
        ("on 2024-03-05", "date", "2024-3-5"),
        ("on 03/05/2024", "date", "3/5/2024"),
        ("in May 2024", "date", "2024-5-*"),
        ("at 5:30 pm", "date", "17:30"),
        ("at 17:30", "date", "17:30"),
        ("at 5pm", "date", "17:00"),
        ("on Mondays", "date", "day 1"),
        ("see https://a.io/b/", "address", "https://a.io/b"),
        ("mail to anna@a.io.", "address", "anna@a.io"),
        ("say “Good  morning”", "quote", '"Good morning"'),
        ("run `ls -a` now", "quote", '"ls -a"'),
        ("the file main_v2.py", "identifier", "main_v2.py"),
        ("the option --force", "identifier", "--force"),
        ("a loop in C++", "identifier", "C++"),
        ("people in the US", "identifier", "US"),
        ("how it is in Teams", "name", "team"),
    ],
)
def test_what_is_no_plain_word_is_read_as_what_it_is(text: str, kind: str, key: str) -> None:
    assert (kind, key) in [(token.kind, token.key) for token in read(f"How do I do it {text}?").tokens]


def test_a_comma_and_a_point_are_read_as_the_language_has_them() -> None:
    assert "1.5" in keys("How long are 1.5 of them?")
    assert "1500" in keys("Was kosten 1.500 davon in dem Laden?")
    assert "1.5" in keys("Combien coûtent 1,5 de ces choses ?")


def test_what_follows_a_colon_or_the_first_line_is_kept_to_the_letter() -> None:
    assert keys("Translate to French: Good  Morning!")[-1] == '"Good Morning!"'
    assert keys("Summarize this\n\nGood Morning,\nTom")[-1] == '"Good Morning, Tom"'
    assert keys("Correct this sentence. He go home.")[-1] == '"He go home."'
    assert keys("My question: how do I pay?") == keys("How do I pay?")


def test_what_nobody_sees_is_left_out() -> None:
    assert read("How do I\u200b pa\u00ady?").tokens == read("How do I pay?").tokens


def test_the_same_text_is_read_once() -> None:
    first: Reading = read("How do I read this only once?")
    assert read("How do I read this only once?") is first


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: str(language.code))
def test_the_blocks_of_a_language_are_in_order(language: object) -> None:
    words = next(known.words for known in LANGUAGES if known is language)
    assert sorted(set(words.months.values())) == list(range(1, 13))
    assert sorted(set(words.weekdays.values())) == list(range(1, 8))
    assert words.no
    for one, others in words.opposites.items():
        assert one not in others, f"{one} is told apart from itself"
        assert all(one in words.opposites[other] for other in others)
