"""What is not recorded: no model is asked, and the message leads to what is."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prompt_cache.cassettes.cassette import Cassette
from prompt_cache.cassettes.difference import differences
from prompt_cache.core.errors import NotRecorded
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.policy import NotStored
from prompt_cache.core.rules import NamespaceRules, Recording, Rules
from prompt_cache.core.store import NewEntry
from sidecar.tests.support import Asker, request

from .recorded import QUESTION, asker_of, recording, replaying, why


def test_replay_names_the_nearest_and_what_differs(file: Path) -> None:
    asker = recording(file)
    asker.fill("What is the weather like in Rome today?", model="gpt-4o-mini")
    asker.fill(model="gpt-4o-mini", params={"temperature": 0, "top_p": 1}, attributes={"tenant": "a"})
    said = why(
        replaying(file), model="gpt-4o-mini", params={"temperature": 0.7, "top_p": 1}, attributes={"tenant": "b"}
    )
    assert f'The nearest is line 3 ("{QUESTION}")' in said
    assert "params.temperature (recorded 0, asked 0.7)" in said
    assert 'attributes.tenant (recorded "a", asked "b")' in said
    assert "top_p" not in said
    assert f"prompt-cache record {file}" in said


def test_the_nearest_is_found_among_many_that_differ_in_their_questions_alone(file: Path) -> None:
    asker = recording(file)
    for at in range(300):
        asker.fill(f"Tell me of number {at}, and of {at % 7}.", model="gpt-4o-mini")
    asker.fill("Which river is the longest?", model="gpt-4o-mini")
    asker.fill("Tell me of nothing.", model="gpt-4o-mini")
    assert "The nearest is line 302" in why(replaying(file), "Which river is longest?", model="gpt-4o-mini")


def test_replay_shows_where_texts_begin_to_differ(file: Path) -> None:
    recording(file).fill("word " * 100 + "apples, please")
    said = why(replaying(file), "word " * 100 + "oranges, please")
    assert 'line 2 ("word word word' in said
    assert 'recorded "...word word word word apples, please"' in said
    assert 'asked "...word word word word oranges, please"' in said
    assert len(said) < 600


def test_replay_quotes_a_short_question_once(file: Path) -> None:
    recording(file).fill("Near?")
    said = why(replaying(file), "Far?")
    assert 'The nearest is line 2, which differs in question (recorded "Near?", asked "Far?")' in said


def test_replay_shows_the_beginning_of_a_digest(file: Path) -> None:
    recording(file).fill(attributes={"n8n.aiNodes": "1" * 64})
    said = why(replaying(file), attributes={"n8n.aiNodes": "2" * 64})
    assert 'differs in attributes.n8n.aiNodes (recorded "11111111...", asked "22222222...")' in said


def test_replay_finds_the_place_in_a_tool(file: Path) -> None:
    def tool(description: str) -> dict[str, Any]:
        return {"type": "function", "function": {"name": "search", "description": description, "parameters": {}}}

    recording(file).fill(tools=[tool("Search the web.")])
    said = why(replaying(file), tools=[tool("Search the archive.")])
    assert "tools.0.function.description" in said


@pytest.mark.parametrize(
    ("field", "settings"),
    [("prompt", "`normalize` with `mask:clock` makes"), ("system", "`mask:clock` and `mask_system: true` makes")],
)
def test_replay_says_how_dates_become_one(file: Path, field: str, settings: str) -> None:
    recording(file).fill(**{"prompt": "News?", field: "Today is 2026-11-24, 10:00. What is new?"})
    asked: dict[str, Any] = {"prompt": "News?", field: "Today is 2026-11-25, 11:30. What is new?"}
    said = why(replaying(file), **asked)
    assert "Only dates and times differ in" in said
    assert settings in said
    masked = replaying(file, normalize=("unicode", "mask:clock"), mask_system=True)
    assert masked.ask(**asked).status == "hit"
    assert "Only dates" not in why(replaying(file), **{**asked, field: "Today is 2026-11-25. What is old?"})


def test_lines_that_nothing_asks_for_are_listed(file: Path) -> None:
    asker = recording(file)
    for at in range(6):
        asker.fill(f"Question {at}?")
    assert asker.cache.recorded == [f"answers recorded in {file}: 6"]
    replay = replaying(file)
    replay.cache.check_cassettes()
    for prompt in ("Question 1?", "Question 5?"):
        replay.ask(prompt)
    assert replay.cache.recorded == [f"lines of {file} that nothing asked for: 2, 4 to 6"]
    for at in range(6):
        replay.ask(f"Question {at}?")
    assert replay.cache.recorded == [f"every line of {file} was asked for"]


def test_a_line_counts_as_asked_in_whatever_namespace(file: Path) -> None:
    recording(file).fill(namespace="tests-a")
    recording(file).fill(namespace="tests-b")
    recorded = [
        NamespaceRules(recording=Recording(mode="replay", path=str(file), scrub=scrub)) for scrub in (("x9",), ("y9",))
    ]
    replay = Asker(rules=Rules(NamespaceRules(), {"tests-a": recorded[0], "tests-b": recorded[1]}))
    replay.cache.check_cassettes()
    replay.ask(namespace="tests-a")
    assert replay.cache.recorded == [f"lines of {file} that nothing asked for: 3"]
    replay.ask(namespace="tests-b")
    assert replay.cache.recorded == [f"every line of {file} was asked for"]


def test_replay_of_an_empty_file_says_so(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    assert f"nothing is recorded in {file}" in why(replaying(file))


def test_replay_asks_nothing_and_stores_nothing(file: Path) -> None:
    recording(file).fill()
    before = file.read_bytes()
    replay = replaying(file)
    why(replay, "Another?", lease=10.0)
    stored = replay.cache.store(NewEntry(response=b'"1"', request=request(prompt="Another?")))
    assert (stored.stored, stored.reason) == (False, NotStored.REPLAYED)
    assert file.read_bytes() == before
    why(replay, "Another?")


def test_in_a_batch_the_place_is_named_and_others_are_not_hurt(file: Path) -> None:
    recording(file).fill()
    replay = replaying(file)
    recorded, other = Lookup(request=request()), Lookup(request=request(prompt="Another?"))
    with pytest.raises(NotRecorded) as raised:
        replay.cache.lookup_many([recorded, other])
    assert raised.value.loc == ("items", 1)
    together = replay.cache.lookup_each([(each, replay.cache.question(each)) for each in (other, recorded)])
    assert isinstance(together[0], NotRecorded)
    assert getattr(together[1], "status", None) == "hit"


def test_a_namespace_without_a_cassette_goes_on_as_ever(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    asker = replaying(file)
    assert asker.ask(namespace="prod").status == "miss"
    mixed = [Lookup(request=request(namespace="prod")), Lookup(request=request())]
    results = asker.cache.lookup_each([(each, asker.cache.question(each)) for each in mixed])
    assert [isinstance(each, NotRecorded) for each in results] == [False, True]


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_another_namespace_is_another_question(file: Path, mode: str) -> None:
    recording(file).fill(namespace="tests-a")
    asker = asker_of(file, mode)  # type: ignore[arg-type]
    assert asker.ask(namespace="tests-a").status == "hit"
    if mode == "replay":
        why(asker, namespace="tests-b")
    else:
        assert asker.ask(namespace="tests-b").status == "miss"


@pytest.mark.parametrize("text", ["a" * 3000, "ab" * 1500, "word " * 600])
def test_the_nearest_of_many_like_ones_is_found_soon(file: Path, text: str) -> None:
    asker = recording(file)
    for at in range(60):
        asker.fill(f"{at} {text}")
    replay = replaying(file)
    began = time.process_time()
    assert "The nearest is line" in why(replay, f"x {text}")
    assert time.process_time() - began < 2


def test_where_long_texts_begin_to_differ_is_found_soon() -> None:
    text = "word " * 1_000_000
    began = time.process_time()
    (difference,) = differences({"question": text + "b"}, {"question": text + "a"})
    took = time.process_time() - began
    assert difference[1:] == ('"...word word word word a"', '"...word word word word b"', False)
    began = time.process_time()
    assert all(one == other for one, other in zip(text, text, strict=True))
    assert took < (time.process_time() - began) / 4


@given(alike=st.text(max_size=9), one=st.text(max_size=9), other=st.text(max_size=9))
def test_texts_are_shown_from_where_they_differ(alike: str, one: str, other: str) -> None:
    assume(one[:1] != other[:1])
    (difference,) = differences({"model": alike + one}, {"model": alike + other})
    assert difference.asked == f'"{alike + one}"'.replace("\n", " ")
    (difference,) = differences({"model": "x" * 60 + alike + one}, {"model": "x" * 60 + alike + other})
    begin = 60 + len(alike) - 20
    assert difference.asked == f'"...{("x" * 60 + alike + one)[begin:]}"'.replace("\n", " ")


def test_of_a_batch_only_the_first_is_compared(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording(file).fill()
    compared: list[Any] = []
    nearest = Cassette.nearest

    def counted(self: Cassette, parts: Any) -> Any:
        compared.append(parts)
        return nearest(self, parts)

    monkeypatch.setattr(Cassette, "nearest", counted)
    batch = [Lookup(request=request(prompt=f"Question {at}?")) for at in range(100)]
    with pytest.raises(NotRecorded, match="Question 0") as raised:
        replaying(file).cache.lookup_many([Lookup(request=request()), *batch])
    assert raised.value.loc == ("items", 1)
    assert len(compared) == 1


def test_what_takes_long_is_not_done_at_once(file: Path) -> None:
    """A hit by reading alone is made on the event loop, where a file that has changed is not read."""
    asker = recording(file)
    asker.fill("Small?")
    asker.fill("Large?", {"text": "x" * 100_000})
    replay = replaying(file).cache

    def hit(prompt: str) -> bool:
        lookup = Lookup(request=request(prompt=prompt))
        return replay.hit(lookup, replay.question(lookup)) is not None

    assert not hit("Small?")
    assert replay.lookup(Lookup(request=request(prompt="Small?"))).status == "hit"
    assert hit("Small?")
    assert not hit("Large?")
    assert replay.lookup(Lookup(request=request(prompt="Large?"))).status == "hit"
    asker.fill("Other?")
    assert not hit("Small?")
