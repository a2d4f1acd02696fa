"""What the process that has the model takes together."""

import asyncio
from pathlib import Path

from prompt_cache.semantic.embedders.process import Service, _Job
from prompt_cache.semantic.embedders.wire import Answer


async def _taken(*jobs: tuple[list[str], bool]) -> list[list[str]]:
    """By turn, what is embedded in one go; of each job its texts, and whether who asked has left."""
    service = Service(Path("unused"), Path("unused"))
    for texts, left in jobs:
        reader = asyncio.StreamReader()
        if left:
            reader.feed_eof()
        service._jobs.put_nowait(_Job(texts, asyncio.get_running_loop().create_future(), reader))
    turns = []
    while not service._jobs.empty():
        together = await asyncio.wait_for(service._together(), 5)
        turns.append([text for job in together for text in job.texts])
        for job in together:
            job.answer.set_result(Answer([]))
    return turns


def test_together__is_all_that_waits_and_not_for_those_who_left() -> None:
    turns = asyncio.run(_taken((["a"], False), (["b", "c"], False), (["d"], True), (["e"], False)))
    assert turns == [["a", "b", "c", "e"]]


def test_together__is_no_more_than_others_can_wait_for() -> None:
    long = "x" * 10_000
    assert asyncio.run(_taken(*((([long]), False) for _ in range(5)))) == [[long] * 2, [long] * 2, [long]]
