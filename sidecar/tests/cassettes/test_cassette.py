"""Recorded once, replayed for ever: files that people read, edit and commit."""

import errno
import fcntl
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from prompt_cache.cassettes.cassette import Cassette
from prompt_cache.cassettes.difference import differences
from prompt_cache.core.errors import InvalidRequest, NotRecorded
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.policy import NotStored
from prompt_cache.core.rules import NamespaceRules, Recording, Rules
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.base import StoreFull
from sidecar.tests.keying.test_key_properties import REQUESTS
from sidecar.tests.support import ANSWER, Asker, decoded, request

QUESTION = "What is the capital of France?"
PAIRS = json.loads((Path(__file__).parents[1] / "keying/golden_pairs.json").read_text(encoding="utf-8"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "a.jsonl"


def recording(file: Path, **rules: Any) -> Asker:
    return _asker(file, "record", **rules)


def replaying(file: Path, **rules: Any) -> Asker:
    return _asker(file, "replay", **rules)


def _asker(file: Path, mode: Literal["record", "replay"], scrub: tuple[str, ...] = (), **rules: Any) -> Asker:
    recorded = NamespaceRules(recording=Recording(mode=mode, path=str(file), scrub=scrub), **rules)
    return Asker(rules=Rules(NamespaceRules(), {"default": recorded, "tests*": recorded}))


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def why(asker: Asker, prompt: str = QUESTION, **fields: Any) -> str:
    with pytest.raises(NotRecorded) as raised:
        asker.ask(prompt, **fields)
    return str(raised.value)


def test_what_was_recorded_is_replayed(file: Path) -> None:
    recording(file).fill(model="gpt-4o-mini", system="Be brief.", params={"temperature": 0})
    replayed = replaying(file).ask(QUESTION, model="gpt-4o-mini", system="Be brief.", params={"temperature": 0})
    assert replayed.status == "hit"
    assert decoded(replayed) == ANSWER


def test_a_line_is_an_exchange_in_the_words_of_the_api(file: Path) -> None:
    recording(file).fill(model="gpt-4o-mini", system="Be brief.", params={"temperature": 0, "seed": 1})
    assert lines(file) == [
        {"format": "prompt-cache-cassette", "version": 1},
        {
            "request": {
                "prompt": QUESTION,
                "system": "Be brief.",
                "model": "gpt-4o-mini",
                "params": {"seed": 1, "temperature": 0},
            },
            "response": ANSWER,
        },
    ]


def test_the_same_recorded_again_is_the_same_file(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.jsonl"
    recording(file).fill(params={"temperature": 0, "seed": 1})
    recording(other).fill(params={"seed": 1, "temperature": 0.0})
    assert file.read_bytes() == other.read_bytes()


def test_a_question_is_recorded_once_and_served_from_then_on(file: Path) -> None:
    asker = recording(file)
    asker.fill()
    assert asker.ask().status == "hit"
    asker.fill("Another?")
    assert len(lines(file)) == 3
    again = recording(file)
    assert again.ask().status == "hit"
    again.clock.turn(10 * 365 * 86400)
    assert again.ask(max_age=0).status == "hit"


def test_what_is_stored_is_no_recording(file: Path) -> None:
    """A cache that is full already records all the same: otherwise the file would lack what it knew."""
    asker = Asker()
    asker.fill()
    asker = Asker(lambda _: asker.store, rules=_asker(file, "record").cache._rules)
    assert asker.ask().status == "miss"


@given(fields=REQUESTS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_recorded_is_found_again(fields: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "any.jsonl"
    file.unlink(missing_ok=True)
    asker = recording(file)
    try:
        outcome = asker.cache.lookup(Lookup(request=request(**fields)))
    except (InvalidRequest, msgspec.ValidationError):
        return
    assert asker.answer(outcome.key).stored
    assert replaying(file).cache.lookup(Lookup(request=request(**fields))).status == "hit"


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_replay_tells_apart_what_keys_tell_apart(pair: dict[str, Any], file: Path) -> None:
    asker, both = recording(file), [msgspec.convert(pair[side], type=dict[str, Any]) for side in "ab"]
    asker.answer(asker.cache.lookup(Lookup(request=request(**both[0]))).key)
    replay = replaying(file)
    assert replay.cache.lookup(Lookup(request=request(**both[0]))).status == "hit"
    if pair["same"]:
        assert replay.cache.lookup(Lookup(request=request(**both[1]))).status == "hit"
    else:
        with pytest.raises(NotRecorded):
            replay.cache.lookup(Lookup(request=request(**both[1])))


def test_what_is_one_question_by_some_steps_is_two_by_others(file: Path) -> None:
    """A line tells by which steps it was asked, where those are not the namespace's own."""
    asker = recording(file)
    asker.fill("Is Polish hard?", normalize="loose")
    asker.fill("Is Polish hard?", {"text": "By hand, yes."}, normalize="none")
    assert [line["request"].get("normalize") for line in lines(file)[1:]] == ["loose", "none"]
    replay = replaying(file)
    assert decoded(replay.ask("is polish hard?", normalize="loose")) == ANSWER
    assert decoded(replay.ask("Is Polish hard?", normalize="none")) == {"text": "By hand, yes."}
    why(replay, "is polish hard?", normalize="none")
    said = why(replay, "Is Polish hard?")
    assert 'normalize.0 (recorded nothing, asked "unicode")' in said


def test_lines_may_be_written_by_hand(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"response": "Paris", "request": {"prompt": "  What is   the capital? "}}', encoding="utf-8")
    assert decoded(replaying(file).ask("What is the capital?")) == "Paris"


def test_a_file_without_its_last_line_break_goes_on_in_a_new_line(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"request": {"prompt": "One?"}, "response": 1}', encoding="utf-8")
    asker = recording(file)
    asker.fill("Two?")
    assert [line["request"]["prompt"] for line in lines(file)] == ["One?", "Two?"]
    assert replaying(file).ask("One?").status == replaying(file).ask("Two?").status == "hit"


def test_a_file_may_come_from_windows(file: Path) -> None:
    file.parent.mkdir()
    line = '{"request": {"prompt": "%s"}, "response": 1}\r\n'
    file.write_bytes(b"\xef\xbb\xbf" + (line % "One?" + line % "Two?").encode())
    asker = recording(file)
    assert asker.ask("One?").status == asker.ask("Two?").status == "hit"
    asker.fill("Three?")
    assert "line 3" in why(replaying(file), "Three!", model="a")


def test_who_records_counts_lines_as_who_replays(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"request": {"prompt": "Why is grass green?"}, "response": 1}', encoding="utf-8")
    asker = recording(file)
    asker.fill("Two?")
    asker.fill("Three?")
    (cassette,) = asker.cache._recordings._cassettes.values()
    question = asker.cache.question(Lookup(request=request(prompt="Three!")))
    nearest = cassette.nearest(question.parts)
    assert nearest is not None
    assert nearest.line == 3


def test_what_was_recorded_is_not_read_again_for_each_line(file: Path) -> None:
    asker = recording(file)
    asker.fill("One?")
    (cassette,) = asker.cache._recordings._cassettes.values()
    read = cassette._read
    for at in range(5):
        asker.fill(f"Question {at}?")
        assert cassette._read is read
        assert cassette.current


def test_a_file_may_be_edited_while_it_is_replayed(file: Path) -> None:
    recording(file).fill()
    replay = replaying(file)
    assert replay.ask().status == "hit"
    file.write_text('{"request": {"prompt": "Other?"}, "response": 1}\n', encoding="utf-8")
    assert replay.ask("Other?").status == "hit"
    assert "line 1" in why(replay)


# -- what is not recorded -----


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
    asker = _asker(file, mode)  # type: ignore[arg-type]
    assert asker.ask(namespace="tests-a").status == "hit"
    if mode == "replay":
        why(asker, namespace="tests-b")
    else:
        assert asker.ask(namespace="tests-b").status == "miss"


# -- what is of one run alone -----


def test_who_pays_and_which_run_it_is_do_not_count(file: Path) -> None:
    recording(file).fill(attributes={"tenant": "a", "n8n.runs": "manual", "prompt-cache.payer": "1"})
    assert "payer" not in file.read_text(encoding="utf-8")
    replay = replaying(file)
    assert replay.ask(attributes={"tenant": "a"}).status == "hit"
    assert replay.ask(attributes={"tenant": "a", "prompt-cache.payer": "2"}).status == "hit"
    why(replay, attributes={"tenant": "b"})


def test_secrets_are_neither_written_nor_compared(file: Path) -> None:
    one, other = ("sk-" + letter * 24 for letter in "ab")
    response = {"text": f"Your key is {one}."}
    recording(file, scrub=(r"CUST-\d+",)).fill(f"My key is {one} of CUST-1", response)
    assert one not in file.read_text(encoding="utf-8")
    assert "CUST-1" not in file.read_text(encoding="utf-8")
    replayed = replaying(file, scrub=(r"CUST-\d+",)).ask(f"My key is {other} of CUST-2")
    assert decoded(replayed) == {"text": "Your key is [secret]."}


# -- what answers are recorded -----


@pytest.mark.parametrize(
    ("response", "recorded"),
    [
        ({"choices": [{"finish_reason": "length", "message": {"role": "assistant", "content": "Par"}}]}, True),
        ({"choices": [{"finish_reason": "content_filter", "message": {"role": "assistant", "content": "P"}}]}, True),
        ({"error": {"message": "overloaded", "type": "server_error"}}, False),
    ],
)
def test_what_a_cache_may_not_keep_a_test_may_want(file: Path, response: Any, recorded: bool) -> None:
    asker = recording(file)
    assert not asker.answer(asker.ask().key, response).stored
    assert file.exists() is recorded
    if recorded:
        assert decoded(replaying(file).ask()) == response


def test_an_answer_of_several_lines_is_one_line(file: Path) -> None:
    asker = recording(file)
    asker.cache.store(NewEntry(response=b'{\n  "text": "Paris"\n}', key=asker.ask().key))
    assert lines(file)[1]["response"] == {"text": "Paris"}


# -- faults -----


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: "),
        ("Hello", "this is no JSON"),
        ("[1]", "object"),
        ("\0", "this is no JSON"),
        ('{"request": {"prompt": "a"}}', "response"),
        ('{"request": {}, "response": 1}', "request.prompt"),
        ('{"request": {"prompt": "a", "promt": 1}, "response": 1}', "promt"),
        ('{"request": {"prompt": "a", "normalize": "none"}, "response": 1, "extra": 1}', "extra"),
        ('{"format": "prompt-cache-export", "version": 1}', "prompt-cache-cassette"),
        ('{"format": "prompt-cache-cassette", "version": 9}', "version 1"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(file: Path, line: str, said: str) -> None:
    file.parent.mkdir()
    file.write_text('{"request": {"prompt": "One?"}, "response": 1}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{file}, line 2") as raised:
        replaying(file).cache.check_cassettes()
    assert said in str(raised.value)
    assert f"{file}, line 2" in why(replaying(file), "One?")  # no answer, and no model either


def test_a_line_that_is_cut_off_is_said_to_be(file: Path) -> None:
    """As when a recording is killed in the middle of it."""
    recording(file).fill("One?")
    file.write_bytes(file.read_bytes() + b'{"request":{"prompt":"Two?"},"resp')
    for asker in (replaying(file), recording(file)):
        with pytest.raises(ValueError, match="line 3: it is cut off: delete it, and record again"):
            asker.cache.check_cassettes()
        with pytest.raises(NotRecorded, match="line 3: it is cut off"):
            asker.ask("One?")


def test_what_cannot_be_read_again_is_not_written(file: Path) -> None:
    """Scrubbed, the name of a namespace is none any more; the file stays whole."""
    asker = recording(file, scrub=("sts-a",))
    asker.fill("One?")
    with pytest.raises(StoreFull, match=r"without its secrets.*namespace"):
        asker.fill("Two?", namespace="tests-a")
    assert asker.ask("One?").status == "hit"
    replaying(file).cache.check_cassettes()


def test_half_a_line_does_not_stay_where_the_disk_is_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asker = recording(file)
    asker.fill("One?")
    before = file.read_bytes()

    def half(to: FileIO, text: bytes) -> None:
        to.write(text[: len(text) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("prompt_cache.cassettes.cassette._write", half)
        with pytest.raises(StoreFull, match="No space left"):
            asker.fill("Two?")
    assert file.read_bytes() == before
    asker.fill("Two?")
    assert replaying(file).ask("Two?").status == "hit"


def test_who_may_not_write_is_told_before_a_model_is_paid(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda place, _mode: place != file.parent.parent)
    with pytest.raises(ValueError, match=f"{file.parent.parent} may not be written"):
        recording(file).cache.check_cassettes()


def test_what_is_not_there_cannot_be_replayed(file: Path) -> None:
    with pytest.raises(ValueError, match="is not there: record it first"):
        replaying(file).cache.check_cassettes()
    recording(file).cache.check_cassettes()


def test_a_file_that_cannot_be_written_is_said(file: Path) -> None:
    file.mkdir(parents=True)
    asker = recording(file)
    with pytest.raises((StoreFull, NotRecorded), match=str(file)):
        asker.answer(asker.ask().key)


def test_a_file_that_is_replaced_meanwhile_is_the_one_that_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an editor saves, while another program writes."""
    asker = recording(file)
    asker.fill("One?")
    flock, outcome = fcntl.flock, asker.ask("Two?")

    def replaced(held: FileIO, operation: int) -> None:
        if operation == fcntl.LOCK_EX and (saved := file.with_suffix(".new")) and len(lines(file)) == 2:
            saved.write_text(file.read_text(encoding="utf-8").replace("One?", "Uno?") + "\n", encoding="utf-8")
            saved.rename(file)
            monkeypatch.undo()
        flock(held, operation)

    monkeypatch.setattr("fcntl.flock", replaced)
    asker.answer(outcome.key)
    asked = [json.loads(line)["request"]["prompt"] for line in file.read_text(encoding="utf-8").split("\n")[1:] if line]
    assert asked == ["Uno?", "Two?"]


def test_a_folder_is_no_cassette(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{tmp_path} is a folder; name a file in it"):
        replaying(tmp_path).cache.check_cassettes()


def test_many_write_at_once_and_nothing_is_lost_or_doubled(file: Path) -> None:
    caches = [recording(file) for _ in range(4)]
    barrier = threading.Barrier(4)

    def fill(asker: Asker) -> None:
        barrier.wait()
        for at in range(25):
            prompt = f"Question {at}?"
            outcome = asker.ask(prompt)
            if outcome.status == "miss":
                asker.answer(outcome.key, {"text": "x" * 5000})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, caches))
    prompts = [line["request"]["prompt"] for line in lines(file)[1:]]
    assert sorted(prompts) == sorted(f"Question {at}?" for at in range(25))


# -- what takes long -----


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
