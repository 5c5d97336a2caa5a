"""What the gateway has said of the organisation."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from kernel.database import Session
from services.inventory.tables import Organisation

FIRST_TIME_ZONE, FIRST_GWP_SET = "UTC", "AR6"  # what every organisation begins with, before the gateway's first word arrives


async def gwp_set(session: Session) -> str:
    return await session.scalar(select(Organisation.gwp_set)) or FIRST_GWP_SET


async def today(session: Session) -> date:
    """The day that it is now in the organisation's time zone."""
    zone = await session.scalar(select(Organisation.time_zone)) or FIRST_TIME_ZONE
    now = await session.scalar(select(func.clock_timestamp()))
    return now.astimezone(ZoneInfo(zone)).date()
