"""Names that callers give: of namespaces, tags, versions and attributes."""

import re
from typing import Annotated

from msgspec import Meta

DEFAULT_NAMESPACE = "default"

# Patterns end with `$(?!\n)`, in every room: Python's `$` alone also matches before a line break at the end, which the
# same pattern in the contract does not.
NAMESPACE_PATTERN = r"^[A-Za-z0-9._-]{1,64}$(?!\n)"
Namespace = Annotated[str, Meta(pattern=NAMESPACE_PATTERN, description="A separate cache of its own.")]
NAME_PATTERN = r"^[^\x00-\x1f]+$(?!\n)"
Name = Annotated[str, Meta(min_length=1, max_length=256, pattern=NAME_PATTERN)]
UNSEEN = re.compile("[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What hides or turns what stands around it: a name in settings that are to be pasted has to say what it seems to."""
Attributes = Annotated[dict[Name, Annotated[str, Meta(max_length=1024)]], Meta(max_length=64)]


def is_namespace(name: str) -> bool:
    """Whether it is the name of a namespace, and no pattern for several."""
    return re.match(NAMESPACE_PATTERN, name) is not None
