"""Outlook's winmail.dat: the files and the plain body inside (E20). Pure and total."""

import struct
from dataclasses import dataclass

from channels.email.charsets import decode
from channels.email.headers import clean_name

SIGNATURE = 0x223E9F78
MOST_FILES = 200

_BODY = 0x0002800C
_BEGINS = 0x00069002
_TITLE = 0x00018010
_BYTES = 0x0006800F
_PROPERTIES = 0x00069005
_LONG_NAME = (0x3707, 0x3001)  # PR_ATTACH_LONG_FILENAME, PR_DISPLAY_NAME


@dataclass(frozen=True, slots=True)
class Unpacked:
    text: str
    files: list[tuple[str, bytes]]


def attachments(raw: bytes) -> Unpacked | None:
    """The files by name; None when this is no TNEF or holds nothing, so that the blob itself is kept."""
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != SIGNATURE:
        return None
    text = ""
    files: list[tuple[str, bytes]] = []
    for identity, value in _attributes(raw):
        if identity == _BODY:
            text = decode(value.rstrip(b"\0")).text
        elif identity == _BEGINS and len(files) < MOST_FILES:
            files.append(("", b""))
        elif files and identity == _TITLE:
            files[-1] = (files[-1][0] or clean_name(decode(value.rstrip(b"\0")).text), files[-1][1])
        elif files and identity == _BYTES:
            files[-1] = (files[-1][0], value)
        elif files and identity == _PROPERTIES and (name := _long_name(value)):
            files[-1] = (name, files[-1][1])
    files = [(name, content) for name, content in files if content]
    return Unpacked(text, files) if files or text else None


def _attributes(raw: bytes) -> list[tuple[int, bytes]]:
    """(identity, value) one after the other: level, identity, length, value, checksum."""
    out: list[tuple[int, bytes]] = []
    at = 6
    while at + 9 <= len(raw):
        identity, length = struct.unpack_from("<II", raw, at + 1)
        value = raw[at + 9 : at + 9 + length]
        if len(value) < length:
            break
        out.append((identity, value))
        at += 9 + length + 2
    return out


def _long_name(properties: bytes) -> str:
    """The long file name, searched for by its property tag: type 0x001F (UTF-16) or 0x001E (bytes)."""
    for wanted in _LONG_NAME:
        for kind in (0x001F, 0x001E):
            at = properties.find(struct.pack("<HHI", kind, wanted, 1))
            if at < 0 or at + 12 > len(properties):
                continue
            (length,) = struct.unpack_from("<I", properties, at + 8)
            value = properties[at + 12 : at + 12 + min(length, 2000)]
            text = value.decode("utf-16-le", "replace") if kind == 0x001F else decode(value).text
            return clean_name(text.rstrip("\0"))
    return ""
