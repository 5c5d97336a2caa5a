"""How factor updates and their impact are answered."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from contracts.factor_questions import FactorSnapshot, Resolution
from contracts.shapes import GwpSetName, InventoryState, Kilograms, PeriodAnswer
from ghg.rounding import kilograms
from kernel.pages import Page
from kernel.preconditions import etag
from services.inventory.domain.bindings import Combination
from services.inventory.domain.factor_updates import Kind, State
from services.inventory.domain.update_impact import Figure, Move, total
from services.inventory.usecases.preview_factor_update import Impact

FactorUpdateState = TypeAliasType("FactorUpdateState", State)
FactorUpdateKind = TypeAliasType("FactorUpdateKind", Kind)

Quantity = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{9}$", "examples": ["1000.000000000"]})]
KilogramsMoved = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{6}$", "examples": ["-31.200000"]})]


class Recount(BaseModel):
    """The job that counts the records of open periods anew; `recounted` is null until it is done, `error` says why it failed."""

    state: str
    recounted: int | None
    error: str | None


class FactorUpdateAnswer(BaseModel):
    """A change of the catalogue that moves nothing until it is accepted.

    to_factor is null unless it is one factor of the organisation's own; to_dataset is null where no factor would serve any more.
    """

    id: str
    kind: FactorUpdateKind | str
    state: FactorUpdateState | str
    summary: str
    from_dataset: str
    to_dataset: str | None
    to_factor: str | None
    activity_types: list[str]
    bindings: int = Field(
        description="How many combinations of activity type, region, year, unit and method would be calculated otherwise."
    )
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    overtaken_by: str | None
    recount: Recount | None
    version: int


class FactorUpdatePage(Page):
    items: list[FactorUpdateAnswer]


class FactorOfUpdate(BaseModel):
    """A factor as it was when it was bound or proposed; `value` and `unit` as its publisher printed them."""

    id: str
    dataset: str
    name_en: str
    region: str
    data_year: int | None
    value: str
    unit: str
    per_unit: str


class UpdatedBinding(BaseModel):
    """A combination with the factor that it is bound to and the one that would take its place; null if none would."""

    activity_type: str
    region: str
    year: int
    unit: str
    method: str
    from_factor: FactorOfUpdate
    to_factor: FactorOfUpdate | None
    detail: str


class FactorUpdateWithBindings(FactorUpdateAnswer):
    changes: list[UpdatedBinding]


class QuantityMoved(BaseModel):
    """A quantity in its factor's unit, with nine decimals."""

    value: Quantity
    unit: str


class CellMoved(BaseModel):
    """The part of a cell that would go over to another factor.

    co2e_kg_now and co2e_kg_then are null where the GWP set has no value for a gas. Where no factor would serve, to_factor and what
    belongs to it are null too; the difference is then what leaves the totals.
    """

    site: str
    scope: int
    category: str
    activity_type: str
    segment: PeriodAnswer
    method: str
    from_factor: str
    to_factor: str | None
    records: int = Field(description="Counted in the segment of their first day.")
    quantity_now: QuantityMoved
    quantity_then: QuantityMoved | None
    co2e_kg_now: Kilograms | None
    co2e_kg_then: Kilograms | None
    co2e_kg_difference: KilogramsMoved | None


class ImpactTotals(BaseModel):
    """All cells added up; records that would have no factor are in `co2e_kg_now` and not in `co2e_kg_then`."""

    cells: int
    records: int
    records_without_factor: int
    co2e_kg_now: Kilograms | None
    co2e_kg_then: Kilograms | None
    co2e_kg_difference: KilogramsMoved | None


class NotMovedInventory(BaseModel):
    inventory_id: str
    year: int
    name: str
    state: InventoryState | str
    period: PeriodAnswer
    records: int


class NotMoved(BaseModel):
    """Records with a day in a closed inventory, which stay as they are. `records` counts each once; it may lie in several inventories."""

    records: int
    inventories: list[NotMovedInventory]


class FactorUpdateImpact(BaseModel):
    """What accepting the update now would move: records of open periods, at 100 %, to the milligram as they would be counted."""

    id: str
    gwp_set: GwpSetName | str
    items: list[CellMoved]
    total: ImpactTotals
    not_moved: NotMoved


def update_tag(row: Any) -> str:
    """Its ETag; the recount goes on without a new version."""
    return etag(row["version"], row["job_state"])


def update_fields(row: Any) -> dict[str, Any]:
    """What a list tells of an update."""
    plain = ("kind", "state", "from_dataset", "to_dataset", "to_factor", "activity_types", "bindings")
    decided = ("proposed_at", "decided_at", "decided_by", "reason", "version")
    return {name: row[name] for name in (*plain, *decided)} | {
        "id": str(row["id"]),
        "summary": _summary(row),
        "overtaken_by": row["overtaken_by"] and str(row["overtaken_by"]),
        "recount": None if row["job_state"] is None else _recount(row),
    }


def _recount(row: Any) -> Recount:
    error = row["job_error"] if row["job_state"] == "failed" else None
    return Recount(state=row["job_state"], recounted=(row["job_result"] or {}).get("recounted"), error=error)


def _summary(row: Any) -> str:
    what = {
        "other_data_set": f"{row['to_dataset']} would take the place of {row['from_dataset']}",
        "revised_data_set": f"{row['from_dataset']} was revised: other factors of it would take the place of some",
        "own_factor": f"a factor of your own would take the place of {row['from_dataset']}",
        "other_conversion": f"the way to factors of {row['from_dataset']} would be another: a density or calorific value changed",
        "no_factor": f"no factor would serve in the place of {row['from_dataset']}",
    }[row["kind"]]
    named = ", ".join(row["activity_types"][:3]) + (" and others" if len(row["activity_types"]) > 3 else "")
    return f"For {named}: {what}."


def binding_shape(combination: Combination, kept: Resolution, answered: Resolution) -> UpdatedBinding:
    assert kept.factor is not None, "only a binding with a factor is updated"
    return UpdatedBinding(
        activity_type=combination.activity_type,
        region=combination.region,
        year=combination.year,
        unit=combination.unit,
        method=combination.method,
        from_factor=_factor(kept.factor),
        to_factor=None if answered.factor is None else _factor(answered.factor),
        detail=answered.detail,
    )


def _factor(snapshot: FactorSnapshot) -> FactorOfUpdate:
    return FactorOfUpdate(
        id=snapshot.id,
        dataset=snapshot.dataset,
        name_en=snapshot.name_en,
        region=snapshot.region,
        data_year=snapshot.data_year,
        value=snapshot.value_printed,
        unit=snapshot.unit_printed,
        per_unit=snapshot.unit,
    )


def impact_shape(update_id: str, impact: Impact) -> FactorUpdateImpact:
    summed = total([move for _, move in impact.moves])
    return FactorUpdateImpact(
        id=update_id,
        gwp_set=impact.gwp_set,
        items=[_cell(cell, move) for cell, move in impact.moves],
        total=ImpactTotals(
            cells=len(impact.moves),
            records=summed.records,
            records_without_factor=summed.records_without_factor,
            co2e_kg_now=_kg(summed.now_mg),
            co2e_kg_then=_kg(summed.then_mg),
            co2e_kg_difference=_kg(summed.difference_mg),
        ),
        not_moved=NotMoved(records=impact.closed_records, inventories=_closed(impact)),
    )


def _closed(impact: Impact) -> list[NotMovedInventory]:
    return [
        NotMovedInventory(
            inventory_id=str(one.id),
            year=one.year,
            name=one.name,
            state=one.state,
            period=_period(one.period_start, one.period_end),
            records=one.records,
        )
        for one in impact.closed
    ]


def _cell(cell: Any, move: Move) -> CellMoved:
    return CellMoved(
        site=cell["site"],
        scope=cell["scope"],
        category=cell["category"],
        activity_type=cell["activity_type"],
        segment=_period(cell["segment_start"], cell["segment_end"]),
        method=cell["method"],
        from_factor=cell["factor_id"],
        to_factor=move.to_factor,
        records=move.records,
        quantity_now=_quantity(move.now, cell["unit"]),
        quantity_then=None if move.then is None else _quantity(move.then, move.to_unit),
        co2e_kg_now=_kg(move.now.co2e_mg),
        co2e_kg_then=None if move.then is None else _kg(move.then.co2e_mg),
        co2e_kg_difference=_kg(move.difference_mg),
    )


def _quantity(figure: Figure, unit: str | None) -> QuantityMoved:
    whole, decimals = divmod(figure.quantity_nano, 10**9)
    return QuantityMoved(value=f"{whole}.{decimals:09d}", unit=unit or "")


def _kg(milligrams: int | None) -> str | None:
    return None if milligrams is None else kilograms(milligrams)


def _period(start: date, end: date) -> PeriodAnswer:
    return PeriodAnswer(start=start, end=end)


def updates_shape(rows: Sequence[Any]) -> list[FactorUpdateAnswer]:
    return [FactorUpdateAnswer(**update_fields(row)) for row in rows]
