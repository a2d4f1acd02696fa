"""Recorded once, replayed for ever: files that people read, edit and commit."""

import errno
import fcntl
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache.cassettes.scrub import SCRUBBED
from prompt_cache.core.errors import InvalidRequest, NotRecorded
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.base import StoreFull
from sidecar.tests.keying.test_key_properties import REQUESTS
from sidecar.tests.support import ANSWER, Asker, decoded, request

from .recorded import QUESTION, asker_of, lines, recording, replaying, why

PAIRS = json.loads((Path(__file__).parents[1] / "keying/golden_pairs.json").read_text(encoding="utf-8"))


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
    asker = Asker(lambda _: asker.store, rules=asker_of(file, "record").cache._rules)
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


PIECES = ["sk-abcDEF0123456789", "zz", "a ", "password", "=", ": ", '"', "hunter22", "Bearer ", "{", "}", "é", SCRUBBED]
SECRETIVE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@given(texts=st.lists(SECRETIVE, min_size=8, max_size=8), steps=st.sampled_from([None, "none", "loose"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_holds_secrets_is_found_again(texts: list[str], steps: str | None, tmp_path: Path) -> None:
    """Names may have another place in their order once they are scrubbed, and ids of calls be one."""
    file = tmp_path / "secrets.jsonl"
    file.unlink(missing_ok=True)
    arguments = json.dumps({"password": texts[0], texts[1]: "a"})
    call = {"id": texts[2], "type": "function", "function": {"name": "f", "arguments": arguments}}
    asked = request(
        messages=[
            {"role": "system", "content": texts[3]},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": texts[4], "content": texts[5]},
            {"role": "user", "content": texts[6]},
        ],
        params={texts[7]: 1, "a": texts[0], "n": 2, "z": 3},
        normalize=steps,
    )
    asker = recording(file)
    asker.answer(asker.cache.lookup(Lookup(request=asked)).key)
    assert replaying(file).cache.lookup(Lookup(request=asked)).status == "hit"


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


def test_a_secret_that_is_told_in_pieces_is_not_recorded(file: Path) -> None:
    asker = recording(file)
    pieces = ["Your key is sk-pr", "oj-abcDEF0123456", "789_abcDEF."]
    events = [{"id": "c", "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    asker.answer(asker.ask().key, [*events, {"id": "c", "choices": [{"index": 0, "finish_reason": "stop"}]}])
    assert "abcDEF" not in file.read_text(encoding="utf-8")
    replayed = decoded(replaying(file).ask())
    assert replayed[0]["choices"][0]["delta"]["content"] == "Your key is [secret]."


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


def test_what_is_nested_too_deeply_is_said_to_be(file: Path) -> None:
    def nested(levels: int) -> Any:
        return {"a": nested(levels - 1)} if levels else 1

    asker = recording(file)
    with pytest.raises(NotRecorded, match="nested so deeply"):
        asker.ask(params={"a": nested(700)})
    with pytest.raises(StoreFull, match="nested so deeply"):
        asker.cache.store(NewEntry(response=b'{"a":' * 700 + b"1" + b"}" * 700, key=asker.ask().key))
    assert not file.exists()


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
