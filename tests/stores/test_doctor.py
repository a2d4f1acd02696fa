"""What `prompt-cache doctor` finds out about real servers."""

import time
from collections.abc import Callable

import pytest

from prompt_cache.cli.doctor import Finding, Situation, examine
from prompt_cache.config import Config
from stack import Redis
from stack.processes import free_port


def examined(url: str, clock: Callable[[], float] = time.time) -> dict[str, Finding]:
    config = Config(store=url, listen=f"127.0.0.1:{free_port()}")
    return {finding.check: finding for finding in examine(Situation(config=config, clock=clock))}


@pytest.fixture(params=["redis 7", "redis 8", "cluster", "postgres"])
def server(
    request: pytest.FixtureRequest,
) -> tuple[str, str]:
    """A URL, and what the engine calls itself."""
    match request.param:
        case "redis 7":
            return request.getfixturevalue("redis_7").url, "Redis 7."
        case "redis 8":
            return request.getfixturevalue("redis_8").url, "Redis 8."
        case "cluster":
            return request.getfixturevalue("redis_cluster").url.replace("redis://", "redis+cluster://"), "Redis 8."
        case _:
            return request.getfixturevalue("postgres").url, "PostgreSQL 17."


def test_server__is_known_by_its_version_and_its_clock(server: tuple[str, str]) -> None:
    url, name = server
    findings = examined(url)
    assert (findings["store"].state, findings["clock"].state) == ("ok", "ok")
    assert findings["store"].says.startswith(name)


@pytest.mark.parametrize(("turned", "where"), [(-60, "ahead of"), (60, "behind")])
def test_server__whose_clock_is_another(redis_8: Redis, turned: float, where: str) -> None:
    finding = examined(redis_8.url, lambda: time.time() + turned)["clock"]
    assert finding.state == "mend"
    assert where in finding.says
    assert "NTP" in finding.do
