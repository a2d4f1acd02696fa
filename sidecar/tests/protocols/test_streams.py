"""One answer, in one piece or as a stream: both say the same, and each can be made of the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.protocols.framing import Framing, Garbled, JsonLines, JsonList, ServerSentEvents
from prompt_cache.protocols.protocol import Streamed
from prompt_cache.responses.answer import read_answer

from .bodies import ANSWERS, CHAT, TEXT

FRAMINGS = [ServerSentEvents(), ServerSentEvents(lambda event: event.get("type"), b"[DONE]"), JsonLines(), JsonList()]
each_answer = pytest.mark.parametrize(
    ("endpoint", "body"), ANSWERS, ids=[f"{endpoint.name}-{at}" for at, (endpoint, _) in enumerate(ANSWERS)]
)


@each_answer
def test_a_body_that_went_through_a_stream_is_the_same_body(endpoint: Streamed, body: dict[str, Any]) -> None:
    assert endpoint.collected(endpoint.events(body)) == body


@each_answer
def test_a_stream_says_what_its_body_says(endpoint: Streamed, body: dict[str, Any]) -> None:
    assert read_answer(endpoint.events(body)) == read_answer(body)


@each_answer
def test_a_stream_comes_in_pieces_and_only_its_end_ends_it(endpoint: Streamed, body: dict[str, Any]) -> None:
    events = endpoint.events(body)
    assert len(events) > 2
    ends = [at for at, event in enumerate(events) if endpoint.is_last(event)]
    assert ends
    assert ends[-1] == len(events) - 1
    assert not any(endpoint.is_failure(event) for event in events)


@each_answer
def test_nothing_is_left_of_what_was_used(endpoint: Streamed, body: dict[str, Any]) -> None:
    for answer in (endpoint.without_usage(body), [endpoint.without_usage(event) for event in endpoint.events(body)]):
        usage = read_answer(answer).usage
        assert usage is None or not any(usage.counts())
        assert read_answer(answer).text == read_answer(body).text


def test_who_did_not_ask_for_usage_gets_none() -> None:
    endpoint = ANSWERS[0][0]
    told = endpoint.untold(endpoint.events(CHAT))
    assert all("usage" not in event for event in told)
    assert endpoint.collected(told)["choices"] == CHAT["choices"]


json_objects = st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53) | st.none() | st.lists(st.text()))


@given(st.lists(json_objects, max_size=6), st.sampled_from(FRAMINGS), st.data())
def test_events_arrive_whole_however_the_bytes_are_cut(
    events: list[Any], framing: Framing, data: st.DataObject
) -> None:
    sent = b"".join(framing.written(events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=12)))
    reader, arrived = framing.reader(), []
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        arrived += reader.feed(sent[start:end])
    assert arrived + reader.close() == events
    assert reader.ended


def test_events_of_any_line_end_and_with_comments() -> None:
    reader = ServerSentEvents(end=b"[DONE]").reader()
    sent = b': keep-alive\r\n\r\nevent: a\rdata: {"a":\rdata: 1}\r\rid: 7\ndata:{"b":2}\n\n'
    assert [event for byte in sent for event in reader.feed(bytes([byte]))] == [{"a": 1}, {"b": 2}]
    assert not reader.ended
    assert reader.feed(b"data: [DONE]\n\n") == []
    assert reader.ended


@pytest.mark.parametrize("framing", FRAMINGS)
def test_what_is_cut_off_is_told(framing: Framing) -> None:
    reader = framing.reader()
    try:
        events = reader.feed(b"".join(framing.written([{"text": TEXT}, {"text": TEXT}]))[:-40])
        events += reader.close()
    except Garbled:
        return
    assert len(events) < 2


def test_a_list_without_its_end_is_cut_off() -> None:
    reader = JsonList().reader()
    assert reader.feed(b'[{"a": "}]"},') == [{"a": "}]"}]
    with pytest.raises(Garbled):
        reader.close()
