"""What an importer hands to the pack builder, and how its factors and properties get their identity."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from services.factors.catalogue.pack_format import record_of
from services.factors.catalogue.pack_model import ActivityType, Dataset, ExcludedRow, Factor, FuelProperty, GasPart
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import written_activity_types

_NAMESPACE = uuid.UUID("5f0b7f0e-6f0c-5b0e-9d1b-3b1f6a2d4c10")  # any fixed value; changing it would change every id


_ADDED_LATER = frozenset({"price_year", "price_basis", "uncertainty_percent"})


@dataclass(slots=True)
class Contribution:
    """The share of one importer."""

    datasets: list[Dataset] = field(default_factory=list)
    activity_types: list[ActivityType] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    properties: list[FuelProperty] = field(default_factory=list)
    excluded_rows: list[ExcludedRow] = field(default_factory=list)


def declare(activities: Iterable[ActivityType], share: Contribution) -> None:
    """Adds activity types that are made from a publisher's names, unless our tables or the share hold them already.

    raises    UnmappedRow, if the same id is there with another name or kind
    """
    written, made = written_activity_types(), {activity.id: activity for activity in share.activity_types}
    for activity in activities:
        known = written.get(activity.id) or made.setdefault(activity.id, activity)
        if known != activity:
            raise UnmappedRow(f"{activity.id} is {known.name_en!r} and {activity.name_en!r}: one id has one name and one kind")
    share.activity_types[:] = made.values()


def identity_of(record: dict[str, object]) -> str:
    """UUID 5 over everything but the id: a changed value is a changed id.

    Fields that the first packs had not count where they say something, so that what did not change has kept its id.
    """
    content = {name: value for name, value in record.items() if name != "id" and not (name in _ADDED_LATER and value is None)}
    return str(uuid.uuid5(_NAMESPACE, json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))))


def new_factor(
    activity: ActivityType,
    dataset: Dataset,
    region: str,
    unit: str,
    gases: Iterable[GasPart],
    *,
    gas_coverage: str,
    source_row: str,
    value_printed: str,
    unit_printed: str,
    data_year: int | None = None,
    stage: str | None = None,
    purpose: str | None = None,
    technology: str | None = None,
    is_default: bool = True,
    conditions: str | None = None,
    biogenic_co2: GasPart | None = None,
    properties: tuple[str, ...] = (),
    quality: str | None = None,
    notes: tuple[str, ...] = (),
    name_en: str | None = None,
    name_zh: str | None = None,
    price_year: int | None = None,
    price_basis: str | None = None,
    uncertainty_percent: Fraction | None = None,
) -> Factor:
    """A factor of `dataset` for one activity; data year, stage and names are the data set's and the activity's where none are given.

    A data set without vintage gives factors without data year and without validity dates: they hold until they are replaced.
    """
    if data_year is None and dataset.has_vintage:
        data_year = dataset.year
    stage = stage or activity.stage
    key = (dataset.id, activity.id, region, data_year, stage, purpose, technology, unit)
    factor = Factor(
        id="",
        key="/".join("-" if part is None else str(part) for part in key),
        dataset=dataset.id,
        activity_type=activity.id,
        region=region,
        data_year=data_year,
        stage=stage,
        purpose=purpose,
        technology=technology,
        is_default=is_default,
        unit=unit,
        conditions=conditions,
        gases=tuple(gases),
        biogenic_co2=biogenic_co2,
        gas_coverage=gas_coverage,
        properties=properties,
        name_en=name_en or activity.name_en,
        name_zh=name_zh or activity.name_zh,
        source_row=source_row,
        value_printed=value_printed,
        unit_printed=unit_printed,
        quality=quality,
        notes=notes,
        valid_from=None if data_year is None else f"{data_year}-01-01",
        valid_to=None,
        price_year=price_year,
        price_basis=price_basis,
        uncertainty_percent=uncertainty_percent,
    )
    return replace(factor, id=identity_of(record_of(factor)))


def new_property(
    activities: Iterable[ActivityType],
    dataset: Dataset,
    region: str,
    *,
    name: str,
    value: Fraction,
    unit: str,
    row: str,
    printed_value: str,
    printed_unit: str,
    note: str = "",
) -> FuelProperty:
    """A property of `dataset` that serves the given activity types; `unit` reads numerator/denominator (`kg/m3`, `GJ_net/t`)."""
    data_year = dataset.year if dataset.has_vintage else None
    ids = tuple(sorted(activity.id for activity in activities))
    made = FuelProperty("", ids, name, value, unit, region, data_year, dataset.id, row, printed_value, printed_unit, note)
    return replace(made, id=identity_of(record_of(made)))
