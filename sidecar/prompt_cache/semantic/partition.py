"""What must be the very same before two questions are compared at all: everything but the last user text."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from msgspec import Struct

from ..keying.keys import Keyer
from ..keying.messages import is_user, speaks, texts_of

MOST_MESSAGES = 4
"""A longer talk says too much that its last text only hints at."""
MOST_CHARACTERS = 2000
"""In a longer text a small difference drowns: two fillings of one template look alike to any embedder."""

BLINDING = frozenset(("casefold", "strip_punctuation"))
"""Steps of normalization after which no guard sees where pasted text begins, nor what is a name."""

# Where the model is to work on a text instead of answering it, each wording has an answer of its own.
_ON_THE_WORDING = re.compile(
    r"translat|transcri|transliterat|proof-?read|spell-?check|rewrit|rephras|reword|paraphras"
    r"|(?:correct|fix|improve|polish|edit) (?:the|any|all|their|his|her|its|this|these|my|user|spelling|grammar|typo)"
    r"|tradu[ic]|retranscri|réécri|reformul|corrige|orthograph"
    r"|übersetz|umformulier|umschreib|korrigier|rechtschreib"
    r"|traduz|transcrib|reescrib|parafrase|corrig|ortograf",
    re.IGNORECASE,
)


class Place(Struct, frozen=True):
    """Where a question stands among others."""

    partition: str
    """The digest of all but its last user text; two questions of different partitions are never compared."""
    text: str
    """Its last user text."""

    def space(self, embedder: str, dimension: int) -> str:
        """Where its vector is kept: vectors of another model say nothing beside it."""
        return sha256(f"{self.partition}\n{embedder}\n{dimension}".encode()).hexdigest()


class Unplaced(Struct, frozen=True):
    """That a question is not compared with others, and why, as a sentence for people."""

    why: str


def place_of(parts: Mapping[str, Any], keyer: Keyer) -> Place | Unplaced:
    """Where the question of a canonical request stands."""
    messages = parts["messages"]
    if not BLINDING.isdisjoint(parts["normalize"]):
        return Unplaced("its letters or marks are taken away by `normalize`, and by them questions are told apart")
    if len(messages) > MOST_MESSAGES:
        return Unplaced(f"a talk of more than {MOST_MESSAGES} messages is compared as a whole")
    if not is_user(messages[-1]):
        return Unplaced("its last message is not the user's")
    if any(map(_shows, messages)):
        return Unplaced("it shows an image or a file")
    if any(map(_works_on_the_wording, messages[:-1])):
        return Unplaced("its instructions are to translate, correct or rewrite: then the wording is what counts")
    text = _text_of(messages[-1])
    if text is None:
        return Unplaced("the user's last message is more than one text")
    if not text.strip():
        return Unplaced("the user's last message is empty")
    if len(text) > MOST_CHARACTERS:
        return Unplaced(f"the user's last message is longer than {MOST_CHARACTERS:,} characters")
    last = {name: value for name, value in messages[-1].items() if name not in ("content", "parts")}
    rest = {**parts, "messages": [*messages[:-1], last], "partition": True}
    return Place(keyer.key(rest), text)


def _text_of(message: Mapping[str, Any]) -> str | None:
    """What a message says, where it is one text and nothing else."""
    content = message.get("content", message.get("parts"))
    if isinstance(content, list) and len(content) == 1:
        (only,) = content
        content = only.get("text") if isinstance(only, dict) and only.keys() <= {"type", "text"} else only
    return content if isinstance(content, str) else None


def _shows(message: Mapping[str, Any]) -> bool:
    content = message.get("content", message.get("parts"))
    if not isinstance(content, list):
        return False
    return any(isinstance(part, dict) and not isinstance(part.get("text"), str) for part in content)


def _works_on_the_wording(message: Mapping[str, Any]) -> bool:
    """Whether whoever runs the model has it work on what the user writes."""
    if is_user(message) or not speaks(message):
        return False
    content = message.get("content", message.get("parts"))
    texts = [content] if isinstance(content, str) else texts_of(content) if isinstance(content, list) else []
    return any(_ON_THE_WORDING.search(text) for text in texts)
