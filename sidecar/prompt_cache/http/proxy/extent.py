"""How much a call sends, and how much of an answer it allows, whichever protocol it speaks: before it is made."""

from collections.abc import Mapping
from typing import Any

from ...protocols.protocol import Body
from ...responses.usage import rough_tokens

_MOST = ("max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_tokens", "num_predict")
_WITHIN = ("generationConfig", "generation_config", "options")
"""Objects that hold such a field in some protocols."""
_COUNTS = ("n", "candidateCount")
_LARGEST = 1_000_000
"""Tokens of answers, more than any model writes: whoever allows more reserves no more, and keeps nobody else out."""
_LONGEST = 2000
"""Characters without a blank that are no text any more, but a picture or a sound."""
_DEEPEST = 100


def most_tokens(body: Body) -> int | None:
    """Tokens that its answers may have together; None where it sets no bound."""
    bound, answers = None, 1
    for fields in (body, *(body[name] for name in _WITHIN if isinstance(body.get(name), dict))):
        bounds = [fields[name] for name in _MOST if _is_count(fields.get(name))]
        bound = bounds[0] if bounds else bound
        answers = max([answers, *(fields[name] for name in _COUNTS if _is_count(fields.get(name)))])
    return None if bound is None else min(bound * answers, _LARGEST)


def rough_input_tokens(sent: Any, deep: int = 0) -> int:
    """Tokens of all the texts that are sent, roughly; what is no text counts as nothing."""
    if isinstance(sent, str):
        return 0 if len(sent) > _LONGEST and " " not in sent[:_LONGEST] and sent.isascii() else rough_tokens(sent)
    if deep > _DEEPEST:
        return 0
    if isinstance(sent, Mapping):
        return sum(rough_input_tokens(value, deep + 1) for value in sent.values())
    if isinstance(sent, list):
        if sent and all(isinstance(token, int) for token in sent):
            return len(sent)  # a text in tokens
        return sum(rough_input_tokens(item, deep + 1) for item in sent)
    return 0


def model_of(path: str, body: Body) -> str:
    """Which model a call asks for, by its body, or by a path such as `models/<model>:<method>`."""
    model = body.get("model")
    if isinstance(model, str):
        return model
    name, colon, _ = path.rpartition("/")[2].partition(":")
    return name if colon else ""


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
