"""Text with variables: {{person.name}}, or {{person.name|お客様}} with words for when it is not known. Pure.

Strict: what is not known as a variable is refused when it is saved, so that no customer ever reads a bare brace.
"""

import re
from collections.abc import Collection, Mapping

VARIABLES = (
    "ticket.number", "ticket.subject", "person.name", "person.kana", "account.name", "agent.name", "agent.alias",
    "team.name", "inbox.name",
)  # fmt: skip
MOST_TEXT = 5000
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+\.[a-z_]+)\s*(?:\|([^{}|\n]{0,60}))?\}\}")


def faults(text: str, known: Collection[str] = VARIABLES) -> list[str]:
    """Which of the reasons does not let this text pass; empty when it is sound."""
    found = []
    if any(name not in known for name, _ in _VARIABLE.findall(text)):
        found.append("variable")
    rest = _VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        found.append("brace")
    if len(text) > MOST_TEXT:
        found.append("long")
    return found


def render(text: str, values: Mapping[str, str]) -> str:
    """What a value says is not looked at again: a customer named {{x}} stays one."""
    return _VARIABLE.sub(lambda found: values.get(found[1], "") or (found[2] or "").strip(), text)


def wanting(text: str, values: Mapping[str, str]) -> bool:
    """Whether a variable has nothing to say, and no words for that case."""
    return any(not values.get(name, "") and not (other or "").strip() for name, other in _VARIABLE.findall(text))
