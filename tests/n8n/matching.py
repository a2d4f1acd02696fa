"""A cache server that matches by meaning, once it is ready to."""

import time

from stack.processes import POLL_SECONDS
from stack.web import HttpClient

_QUESTIONS = ("Where is the nearest library?", "Where is the closest library?")


def wait_until_it_compares(api: HttpClient) -> None:
    """The embedder starts beside the cache server, and what two texts are compared by is loaded when it is needed."""
    deadline = time.monotonic() + 60
    asked = {"namespace": "ready", "match": "semantic"}
    missed = api.post("/v1/lookup", {"prompt": _QUESTIONS[0], **asked})
    while missed["reason"] == "embedder_unavailable":
        assert time.monotonic() < deadline, "the embedder does not come up"
        time.sleep(POLL_SECONDS)
        missed = api.post("/v1/lookup", {"prompt": _QUESTIONS[0], **asked})
    api.post(
        "/v1/store", {"key": missed["key"], "ticket": missed["ticket"], "response": {"text": "Around the corner."}}
    )
    compared = api.post("/v1/lookup", {"prompt": _QUESTIONS[1], **asked, "explain": True})
    assert compared["explanation"]["nearest"], compared
