"""What contracts are worth from which day on: GRR and NRR are computed from it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Contract, ContractValue

PIECE = 500


async def remember(session: AsyncSession, contracts: Sequence[Contract], today: date) -> None:
    """Where a value is another than the latest: from today on; a contract's first from its beginning on."""
    await session.flush()
    for start in range(0, len(contracts), PIECE):
        piece = contracts[start : start + PIECE]
        mine = col(ContractValue.contract_id).in_([each.id for each in piece])
        query = select(ContractValue).where(mine).order_by(col(ContractValue.from_on))
        latest = {each.contract_id: each for each in (await session.scalars(query)).all()}
        for contract in piece:
            known = latest.get(contract.id)
            if known is None:
                first = contract.starts_on or today
                session.add(ContractValue(contract_id=contract.id, from_on=first, value=contract.value))
            elif known.from_on >= today:  # written down for today already, or for a beginning that is still to come
                known.value = contract.value
            elif known.value != contract.value:
                session.add(ContractValue(contract_id=contract.id, from_on=today, value=contract.value))
    await session.flush()
