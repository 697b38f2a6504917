"""Where the pictures of articles can be fetched: by a signed link, so that a help page needs no session."""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Attachment, FileState
from app.queries.visitors import link
from app.rules.knowledge.markdown import files_of
from app.security import Vault


async def placing(session: AsyncSession, texts: Iterable[str], vault: Vault, url: str) -> Callable[[str], str]:
    """A picture's public id → its address; "" for anything but an image that an agent uploaded and no message has."""
    wanted = set().union(*(files_of(text) for text in texts))
    places: dict[str, str] = {}
    if wanted:
        query = select(Attachment).where(
            col(Attachment.public_id).in_(wanted), col(Attachment.agent_id).is_not(None),
            col(Attachment.message_id).is_(None), col(Attachment.state) == FileState.READY,
            col(Attachment.media_type).like("image/%"),
        )  # fmt: skip
        places = {each.public_id: link(each, vault, url)["url"] for each in (await session.scalars(query)).all()}
    return lambda public_id: places.get(public_id, "")
