"""Small copies of pictures, for the screens."""

import io
import struct
import zlib

from PIL import Image, ImageOps

PREVIEW_EDGE = 1024
PREVIEW_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")  # by the bytes: Pillow reads forty others, EPS by a program
MOST_PIXELS = 60_000_000  # a larger picture is kept, but not opened (decompression bombs, J11)
# What Pillow raises for broken bytes: more than its manual says (found by fuzzing; a TypeError came from EXIF).
UNREADABLE = (
    OSError, ValueError, SyntaxError, TypeError, ArithmeticError, LookupError, AttributeError, EOFError, MemoryError,
    struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


def shrink(content: bytes) -> bytes:
    """A JPEG of at most 1024 px; empty when the bytes are no picture that we open. Total."""
    try:
        with Image.open(io.BytesIO(content), formats=PREVIEW_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return b""
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=82)  # without EXIF: no place, no device
        return out.getvalue()
    except UNREADABLE:
        return b""
