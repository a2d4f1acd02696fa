"""What a request says that its answer has to be."""

from typing import Literal

from msgspec import Struct


class Expected(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """JSON that fits one of these schemas, in the text of the answer or in the arguments of a tool call."""

    schemas: list[bytes]
    """JSON Schemas, in JSON."""
    said: Literal["format", "prompt", "tool", "final_tool"]
    """Where the request states them: in its answer format, in what is said, or as the arguments of a tool. The one tool
    that must be called; or a last one, instead of which an answer may be written as well."""
    tool: str = ""
    strict: bool = False
    """Whether the provider allows no field that a schema does not name; parsers leave such fields out."""
