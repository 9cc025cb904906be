"""How large an image is, from the beginning of its file; nothing is decoded."""

from __future__ import annotations

import re
import struct

__all__ = ["pixels"]

# The segments of a JPEG that hold its size: all "starts of frame", of which C4, C8 and CC are none.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Markers that no segment follows.
_ALONE = {0x01, *range(0xD0, 0xD9)}


def pixels(content: bytes) -> int:
    """Returns the number of pixels of an image.

    Args:
        content: A file in PNG, JPEG, GIF or BMP, the formats that exports decode; 0 for another.

    Example:
        >>> pixels(b"GIF89a" + (7).to_bytes(2, "little") + (11).to_bytes(2, "little"))
        77
    """
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", content, 16)
        elif content.startswith(b"GIF8"):
            width, height = struct.unpack_from("<HH", content, 6)
        elif content.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", content, 18)
        elif content.startswith(b"\xff\xd8"):
            width, height = _size_of_jpeg(content)
        else:
            return 0
    except struct.error:  # cut off: what decodes it says so
        return 0
    return abs(width * height)


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    place = 2
    marker = re.compile(rb"\xff+([^\x00\xff])")
    while found := marker.search(content, place):
        kind, place = found[1][0], found.end()
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 3)
            return width, height
        if kind not in _ALONE:
            place += max(2, struct.unpack_from(">H", content, place)[0])
    return 0, 0
