"""Say for which activity types the organisation prefers a data set, and where it may stand in for other regions."""

from dataclasses import asdict

from contracts.events import DatasetPublished
from contracts.topics import DATASET
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import not_found, refused
from services.factors.catalogue.pack_format import Record
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.preferences import Preference
from services.factors.domain.regions import WORLD
from services.factors.domain.resolution import SCOPE_3, may_be_stood_in_for
from services.factors.store import packs


async def prefer_dataset(
    session: Session, actor: Principal, catalogue: Catalogue, dataset_id: str, preferences: tuple[Preference, ...], reason: str
) -> tuple[Record, Record]:
    """The data set before, and with these preferences in place; what changes by them is proposed to the inventory, not done.

    raises  Problem: not_found; unknown_activity_type; no_country for the world; scope_3_only and electricity_stays where no region may
            stand in for another
    """
    if dataset_id not in catalogue.datasets:
        raise not_found(f"data set {dataset_id}")
    for index, preference in enumerate(preferences):
        _refuse_wrong(f"/preferences/{index}", preference, catalogue)
    now = await packs.lock_catalogue(session)
    stored = [{**asdict(preference), "stands_in_for": list(preference.stands_in_for)} for preference in preferences]
    before, after = await packs.save_preferences(session, dataset_id, stored, now)
    if after is not before:
        outbox.record(session, DATASET.name, dataset_id, DatasetPublished.model_validate(after))
        was, told = {"preferences": before["preferences"]}, {"preferences": stored}
        await audit.record(session, actor, "prefer_dataset", f"data set {dataset_id}", before=was, after=told, reason=reason)
    return before, after


def _refuse_wrong(pointer: str, preference: Preference, catalogue: Catalogue) -> None:
    concerned = [one for one in catalogue.activity_types.values() if preference.concerns(one.id)]
    if not concerned:
        detail = f"No activity type is meant by {preference.activity_types!r:.100}."
        raise refused(f"{pointer}/activity_types", "unknown_activity_type", detail, "GET /v1/activity-types lists them.")
    if preference.region == WORLD:
        hint = "Name a country; data sets that declare themselves global serve everywhere by themselves."
        raise refused(f"{pointer}/region", "no_country", "The world stands in for no region.", hint)
    fixed = [one for one in concerned if not may_be_stood_in_for(one)] if preference.region is not None else []
    if any(one.scope != SCOPE_3 for one in fixed):
        bound = next(one.id for one in fixed if one.scope != SCOPE_3)
        detail = f"A region stands in for others in scope 3 only; {bound} is of scope 1 or 2."
        raise refused(f"{pointer}/region", "scope_3_only", detail, "Name activity types of scope 3, or propose an own factor.")
    if fixed:
        detail = f"Electricity never leaves its country: no region stands in for {fixed[0].id}."
        raise refused(f"{pointer}/region", "electricity_stays", detail, "Propose an own factor for the country.")
