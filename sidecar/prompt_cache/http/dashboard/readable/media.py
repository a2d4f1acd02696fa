"""Pictures, sounds and files in a message: what they are, and how large or where."""

from typing import Any

from msgspec import Struct

_TYPES = ("mimeType", "mime_type", "media_type", "mediaType", "format", "filename")
_DATA = ("data", "file_data", "bytes", "b64_json")
_NO_ADDRESSES = ("type", "detail", "text")
_SCHEMES = ("http", "https", "gs", "s3", "file")
_LOOKS = 12
_LONGEST = 300


class Media(Struct):
    """`bytes` of what came along, or the `address` where it is."""

    type: str = ""
    bytes: int | None = None
    address: str = ""


def media_of(part: dict[str, Any]) -> Media:
    """What a part shows, however deep a provider puts it."""
    media, left = Media(), [part]
    for _ in range(_LOOKS):
        if not left:
            break
        for name, value in left.pop(0).items():
            if isinstance(value, dict):
                left.append(value)
            elif not isinstance(value, str) or name in _NO_ADDRESSES:
                continue
            elif name in _TYPES:
                media.type = media.type or value
            elif value.startswith("data:"):
                head, _, data = value.partition(",")
                media.type = media.type or head[5:].partition(";")[0]
                media.bytes = len(data) * 3 // 4 if ";base64" in head else len(data)
            elif name in _DATA:
                media.bytes = len(value) * 3 // 4
            elif value.partition(":")[0] in _SCHEMES:
                media.address = media.address or value[:_LONGEST]
    return media
