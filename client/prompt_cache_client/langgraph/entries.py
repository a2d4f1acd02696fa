"""How a node's answer stands in the cache: what it is asked by, its tags, its value as JSON."""

import hashlib
import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Sequence
from typing import Any

from langgraph.cache.base import FullKey, Namespace

from .serde import PLAIN

ALL = "langgraph"
"""The tag of every answer of a node."""
_LONGEST = 256
_UNFINISHED = frozenset(("__error__", "__interrupt__"))
"""What a node writes to that did not come to its end. Not every LangGraph keeps these from its cache."""


def node_of(namespace: Namespace) -> str:
    """The name of a node or task. LangGraph's namespaces are (mark, function, node), or (mark, module and function)."""
    if len(namespace) == 2:
        return namespace[1].rpartition(".")[2]
    return namespace[-1] if namespace else ""


def request_of(key: FullKey, serde: str, depends_on: Sequence[str]) -> dict[str, Any]:
    """The request that stands for a key, the serializer of its value (by name), and the names that it depends on.

    These names belong to it, because no bump outdates what was stored before its node depended on them. Nobody's prompt
    is equal to it.
    """
    namespace, digest = key
    params = {"cache": ALL, "serde": serde, **({"depends_on": list(depends_on)} if depends_on else {})}
    return {"prompt": _text([*namespace, digest]), "params": params, "normalize": "none"}


def source_of(namespace: Namespace) -> dict[str, str]:
    """Who asks, for the statistics."""
    return {"node": _name("", node_of(namespace))}


def tags_of(namespace: Namespace) -> list[str]:
    """What an answer is found by: its node, and each namespace it lies in, which can be cleared with all below."""
    above = [tag_of(namespace[:depth]) for depth in range(len(namespace) + 1)]
    return [_name("node:", node_of(namespace)), *above]


def tag_of(namespace: Namespace) -> str:
    """The tag of all that lies in a namespace or below it."""
    return _name(f"{ALL}:", _text(namespace)) if namespace else ALL


def is_finished(value: Any) -> bool:
    """Whether it is what a node gave back in the end: a hit on anything else would skip the node, and raise nothing."""
    return not isinstance(value, deque) or bool(value and _UNFINISHED.isdisjoint(channel for channel, _ in value))


def packed(value: tuple[str, bytes]) -> dict[str, Any]:
    """A serialized value as JSON. It is never empty, and no name in it means anything to who judges models' answers."""
    encoding, data = value
    if encoding == PLAIN:
        return {"of": ALL, "writes": json.loads(data)}
    return {"of": ALL, "serde": encoding, "base64": b64encode(data).decode()}


def unpacked(response: Any) -> tuple[str, bytes]:
    """The same back. Raises ValueError for what is no such value."""
    match response:
        case {"of": "langgraph", "writes": writes}:
            return PLAIN, json.dumps(writes).encode()
        case {"of": "langgraph", "serde": str(encoding), "base64": str(data)}:
            return encoding, b64decode(data, validate=True)
    raise ValueError("no value of a node")


def _text(parts: Sequence[str]) -> str:
    # ASCII, so that text that is no Unicode (half a surrogate pair) can be sent and told apart as well.
    return json.dumps(list(parts), separators=(",", ":"))


def _name(kind: str, text: str) -> str:
    """A tag of any text: as it is where a tag may be that, else its digest."""
    name = kind + text
    if len(name) <= _LONGEST and name.isprintable():
        return name
    return f"{kind}sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"
