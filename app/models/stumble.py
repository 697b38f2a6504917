"""What failed when time came for it: set aside, so that the others go on, and tried again later."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.columns import BigInt


class Stumble(SQLModel, table=True):
    """A row at which a clock's loop stumbled; it is gone when the row goes well again."""

    kind: str = Field(primary_key=True, max_length=16)  # clock, snooze, offer, overflow, ticket, presence, rule
    row_id: int = Field(primary_key=True, sa_type=BigInt)
    attempts: int = 1
    error: str = Field(max_length=200)
    failed_at: datetime
    retry_at: datetime  # until then it is left alone
