"""From a request to the question it asks: its canonical form and its key, by the rules of its namespace."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ..keying.keys import Keyer
from ..keying.messages import is_user
from ..keying.normalize import Normalizers
from ..keying.request import Request, canonical
from ..values.validation import broken_texts
from .errors import InvalidRequest
from .rules import Rules


class Question(Struct, frozen=True):
    """What is asked: two requests with the same key ask the same."""

    key: str
    parts: dict[str, Any]
    """The canonical form of the request."""

    @property
    def namespace(self) -> str:
        return str(self.parts["namespace"])


class Questions:
    """Makes questions of requests."""

    def __init__(self, rules: Rules, keyer: Keyer, normalizers: Normalizers) -> None:
        self._rules = rules
        self._keyer = keyer
        self._normalizers = normalizers

    def of(self, request: Request, loc: Sequence[str | int] = ()) -> Question:
        """The question of a request that stands at `loc` in what was sent. Raises InvalidRequest."""
        if wrong := request.check():
            raise InvalidRequest((*loc, *wrong[0].split(".")), wrong[1])
        rules = self._rules[request.namespace]
        try:
            normalizer = self._normalizers[request.normalize if request.normalize is not None else rules.normalize]
        except ValueError as error:
            raise InvalidRequest((*loc, "normalize"), str(error)) from None
        try:
            parts = canonical(request, normalizer, rules.ignore, mask_system=rules.mask_system)
            return Question(self._keyer.key(parts), parts)
        except RecursionError:
            raise InvalidRequest(loc, "nested too deeply") from None
        except UnicodeEncodeError:
            fault = next(broken_texts(msgspec.structs.asdict(request), tuple(loc)))
            raise InvalidRequest(fault.loc, fault.msg) from None

    def reworded(self, parts: Mapping[str, Any], text: str) -> Question:
        """The question of a canonical form, had the user said this at last. Raises InvalidRequest."""
        *before, last = parts["messages"]
        if not is_user(last) or not isinstance(last.get("content"), str):
            raise InvalidRequest(("request",), "its last message is not a text of the user's, so it has no other words")
        try:
            normalizer = self._normalizers[list(parts["normalize"])]
        except ValueError as error:  # a mask that is configured no more
            raise InvalidRequest(("request",), str(error)) from None
        reworded = {**parts, "messages": [*before, {**last, "content": normalizer(text)}]}
        try:
            return Question(self._keyer.key(reworded), reworded)
        except UnicodeEncodeError:
            raise InvalidRequest(("request",), next(broken_texts(text)).msg) from None
