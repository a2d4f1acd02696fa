"""How fast keys are made: bytes of a request per second, and the time of a short one, in this process."""

import json
import time
from typing import Any

import msgspec

from prompt_cache.core.questions import Questions
from prompt_cache.core.rules import Rules
from prompt_cache.keying.keys import Keyer
from prompt_cache.keying.normalize import Normalizers
from prompt_cache.keying.request import Request

_SENTENCES = "It's late (so they say), and nobody at the office knows what it costs - does anybody? Ask at 5 o'clock. "
_ACCENTS = "Où est l'école, s'il vous plaît ? Déjà fermée : c'est l'été, et la façade à côté du café sèche. "
_CODE = "def price(of, size=1):\n    return {'tea': 2, \"milk\": 1}[of] * size  # each\n\n\n"
_ENOUGH = 0.2


def run() -> None:
    """Print one line per kind of request; the best of five turns."""
    print("Keys: from a decoded request to its canonical form and key; default normalization")
    print(f"{'request':<34} {'bytes':>9} {'us':>9} {'MB/s':>7}")
    for name, fields in _requests():
        size = len(msgspec.json.encode(fields))
        seconds = _best(fields)
        print(f"{name:<34} {size:>9} {seconds * 1e6:>9.1f} {size / seconds / 1e6:>7.0f}", flush=True)


def _requests() -> list[tuple[str, dict[str, Any]]]:
    paragraphs = "\n\n".join([_SENTENCES * 5] * 200)
    return [
        ("a short question", {"prompt": "What does a repeated call cost?", "model": "gpt-4o"}),
        ("long prose", {"prompt": paragraphs}),
        ("long prose with accents", {"prompt": _ACCENTS * 1000}),
        ("the same with typographic marks", {"prompt": _ACCENTS.replace("'", "’") * 1000}),
        ("code", {"prompt": "Explain:\n" + _CODE * 1200}),
        ("an agent's history of 60 messages", {"messages": _history(20)}),
    ]


def _history(turns: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for turn in range(turns):
        call = {"name": "find", "arguments": json.dumps({"about": f"order {turn}", "notes": _SENTENCES * 5})}
        messages += [
            {"role": "user", "content": _SENTENCES * 5},
            {"role": "assistant", "content": None, "tool_calls": [{"id": f"call_{turn}", "function": call}]},
            {"role": "tool", "tool_call_id": f"call_{turn}", "content": json.dumps([{"order": turn}] * 50)},
        ]
    return messages


def _best(fields: dict[str, Any]) -> float:
    questions = Questions(Rules(), Keyer(), Normalizers())
    body = msgspec.json.encode(fields)
    best = float("inf")
    for _ in range(5):
        taken, calls = 0.0, 0
        while taken < _ENOUGH / 5:
            # Each anew, as it comes over the wire: a text that was encoded before keeps its bytes.
            fresh = [msgspec.json.decode(body, type=Request) for _ in range(20)]
            begun = time.process_time()
            for request in fresh:
                questions.of(request)
            taken += time.process_time() - begun
            calls += len(fresh)
        best = min(best, taken / calls)
    return best
