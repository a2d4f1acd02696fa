"""What OpenAI's two APIs have in common on the wire."""

import json
import re
from typing import Any


class BadRequest(Exception):
    """A request that OpenAI would refuse as well; `param` names the field."""

    def __init__(self, param: str | None, message: str) -> None:
        super().__init__(message)
        self.param = param


def text_of(content: Any) -> str:
    """The text of a message's content, given whole or in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = (part.get("text") if isinstance(part, dict) else part for part in content)
        return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def pieces(text: str) -> list[str]:
    """The text in the pieces that a stream sends, about a token each."""
    return re.findall(r"\s*\S{1,8}|\s+", text)


def sse(name: str | None, data: Any) -> str:
    """One server-sent event."""
    line = f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
    return f"event: {name}\n{line}" if name else line
