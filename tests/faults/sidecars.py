"""What clients of a sidecar do, and see, while something breaks; for any engine."""

import http.client
import threading
from collections.abc import Sequence

from stack import Sidecar

from .load import Answer, post

SLACK = 2.0
"""Seconds a busy machine may add to a request that was given up."""


def look_up(sidecar: Sidecar, thread: int, turn: int) -> Answer:
    """Look up what is stored as `known`, or something new; anything but the right answer or a 503 is an assertion."""
    known = turn % 2 == 0
    answer = post(sidecar.url, "/v1/lookup", {"prompt": "known" if known else f"new {thread}/{turn}"})
    if answer.status == 503:
        assert int(answer.headers["Retry-After"]) >= 1, answer
        assert answer.body["type"] == "urn:prompt-cache:problem:store-unavailable", answer
    else:
        assert answer.status == 200, answer
        assert answer.body["status"] == ("hit" if known else "miss"), answer
        assert not known or answer.body["response"] == "answer", answer
    return answer


def told_to_wait(results: Sequence[Answer]) -> bool:
    return sum(answer.status == 503 for answer in results) >= 10


def recovered(results: Sequence[Answer]) -> bool:
    return len(results) >= 30 and {answer.status for answer in results[-20:]} == {200}


def promptly(results: Sequence[Answer], timeout: float) -> bool:
    """Whether nobody waited longer than about the store's timeout."""
    return max(answer.seconds for answer in results) < timeout + SLACK


class Stored:
    """Which prompts were answered 201."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prompts: list[str] = []

    def note(self, prompt: str) -> None:
        with self._lock:
            self._prompts.append(prompt)

    def missing(self, sidecars: Sequence[Sidecar]) -> list[str]:
        """Those that some sidecar does not serve (any more)."""
        return [
            prompt
            for prompt in self._prompts
            for sidecar in sidecars
            if post(sidecar.url, "/v1/lookup", {"prompt": prompt}).body.get("response") != f"answer to {prompt}"
        ]


def remember_one(sidecars: Sequence[Sidecar], stored: Stored, thread: int, turn: int) -> bool:
    """Look up and store one prompt, as a client behind a load balancer: where one sidecar is away, by the other."""
    prompt = f"prompt {thread}/{turn}"
    for attempt in range(8):
        url = sidecars[(thread + turn + attempt) % len(sidecars)].url
        try:
            missed = post(url, "/v1/lookup", {"prompt": prompt})
            assert missed.status == 200, missed
            kept = post(url, "/v1/store", {"key": missed.body["key"], "response": f"answer to {prompt}"})
        except (OSError, http.client.HTTPException):
            continue
        assert kept.status == 201, kept
        stored.note(prompt)
        return True
    return False
