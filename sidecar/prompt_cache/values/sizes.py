"""Sizes as people write them: bytes as a number, or a number with a unit."""

import re
from typing import Annotated

from msgspec import Meta

_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
PATTERN = r"^[0-9]{1,12}(\.[0-9]{1,3})?(B|KB|MB|GB|TB)$(?!\n)"
_TEXT = re.compile(PATTERN)

Size = Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=PATTERN, examples=["10MB", "2GB"])]


def size(value: int | str) -> int:
    """Bytes of a size. Raises ValueError with a sentence for people when it is none."""
    if isinstance(value, int):
        return value
    if not _TEXT.fullmatch(value):
        raise ValueError(f"{value!r} is not a size: use bytes, or a number with B, KB, MB, GB or TB")
    number = value.rstrip("BKMGT")
    return int(float(number) * _BYTES[value[len(number) :]])
