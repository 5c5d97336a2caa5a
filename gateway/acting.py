"""The acting client and its deletion, one after the other."""

from sqlmodel import select

from gateway.tables import Client
from kernel.auth import Principal, unauthenticated
from kernel.database import Session


async def hold_active(session: Session, actor: Principal) -> None:
    """Let the acting client not be deleted before this transaction ends, nor do two such things at once; raises 401 if it was deleted.

    For what outlives a token: credentials and webhooks.
    """
    own = select(Client.state).where(Client.id == actor.client_id).with_for_update(key_share=True)
    if (await session.exec(own)).one_or_none() == "deleted":
        raise unauthenticated("The client of this access token was deleted.", "invalid_token")
