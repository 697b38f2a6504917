"""What is handed to customer success, and what stands behind a ticket."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_object, key, opt, pk

OPEN = text("state IN ('offered', 'accepted')")
OPEN_TRANSFER = text("state IN ('offered', 'accepted') AND form = 'transfer'")
OFFERED = text("state = 'offered'")


class Background(SQLModel, table=True):
    """What stands behind a ticket: which bottleneck, at which point of the journey, and what the customer is after."""

    __table_args__ = (
        Index("ix_background_cause", "cause"),
        Index("ix_background_kind", "kind"),
        CheckConstraint("bottleneck IN ('','shown','hidden')", name="bottleneck"),
    )

    ticket_id: int = key("ticket.id")
    kind: str = Field(default="", max_length=24)  # of inquiry: rules/success/kinds.py; empty: nobody has said
    bottleneck: str = Field(default="", max_length=8)  # shown 顕在: they asked; hidden 潜在: they have not noticed
    stage: str = Field(default="", max_length=12)  # of the journey
    cause: str = Field(default="", max_length=80)
    outcome: str = Field(default="", max_length=400)  # what they want to reach
    changed_at: datetime


class Handover(SQLModel, table=True):
    """One case that goes to customer success, with everything known. For one cause there is one open hand-over at most."""

    __table_args__ = (
        Index("uq_handover_cause", "ticket_id", "cause", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "uq_handover_transfer", "ticket_id", unique=True, sqlite_where=OPEN_TRANSFER, postgresql_where=OPEN_TRANSFER
        ),
        Index("ix_handover_state", "state", "id"),
        Index("ix_handover_due", "due_at", sqlite_where=OFFERED, postgresql_where=OFFERED),
        CheckConstraint("state IN ('offered','accepted','declined','returned','closed')", name="state"),
        CheckConstraint("form IN ('inform','consult','transfer')", name="form"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    account_id: int | None = opt("account.id", index=True)
    cause: str = Field(max_length=24)  # what set it off: rules/success/causes.py
    form: str = Field(max_length=8)  # inform: they know; consult: they advise; transfer: they write to the customer
    state: str = Field(default="offered", max_length=8)
    reason: str = ""  # in the words of who offered it
    package: dict[str, Any] = json_object()  # drafted by the desk, edited by people
    offered_by: int | None = opt("agent.id")  # empty: a rule did
    to_id: int | None = opt("agent.id")  # empty: whoever of the success team takes it
    taken_by: int | None = opt("agent.id")
    offered_at: datetime
    due_at: datetime  # it is to be accepted by then
    overdue_at: datetime | None = None  # leads were told
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = Field(default="", max_length=12)  # closed: what came of it
    answer: str = ""  # why it was declined or returned; what was done
