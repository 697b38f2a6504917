"""Addresses of articles: words of the title, in the letters of its language. Pure."""

import re
import unicodedata

LONGEST = 80
_GAP = re.compile(r"[^\w]+|_+")


def slug_of(text: str) -> str:
    """Lower case, letters and digits of any script, hyphens between; "" when nothing is left."""
    plain = _GAP.sub("-", unicodedata.normalize("NFKC", text).casefold()).strip("-")
    return plain[:LONGEST].rstrip("-")


def free(wanted: str, taken: set[str]) -> str:
    """The slug, or the same with the first number that nobody has."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
