"""Adding to cells: one statement for all cells of a transaction, in key order, with the new absolute values for their events."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from contracts.events import CellChanged, GasOfCell
from contracts.topics import CELL
from kernel import outbox
from kernel.database import Session
from kernel.postgres import driver, sql_state
from kernel.problems import Problem, refused
from services.inventory.domain.cells import CellKey, Contribution, GasFigures, add_up

_LARGEST_SUM = 2**63 - 1  # of a bigint
_TOO_LARGE = "22003"  # numeric value out of range

_KEY_COLUMNS = "site_id, scope, category, activity_type, factor_id, state, item, segment_start, segment_end, method, unit"

# The gases are joined to the changed cells, so that a cell's row is locked before its gases and those need no order of their own.
_ADD = f"""
WITH changed AS (
    INSERT INTO cell AS kept (id, {_KEY_COLUMNS}, quantity_nano, biogenic_co2_mg, records, version, recorded_at)
    SELECT added.*, 1, clock_timestamp()
    FROM json_to_recordset($1) AS added(
        id uuid, site_id uuid, scope int, category text, activity_type text, factor_id text, state text, item text, segment_start date,
        segment_end date, method text, unit text, quantity_nano numeric, biogenic_co2_mg bigint, records int)
    ORDER BY added.id
    ON CONFLICT (id) DO UPDATE SET
        quantity_nano = kept.quantity_nano + excluded.quantity_nano,
        biogenic_co2_mg = kept.biogenic_co2_mg + excluded.biogenic_co2_mg,
        records = kept.records + excluded.records,
        version = kept.version + 1,
        recorded_at = clock_timestamp()
    RETURNING *
), changed_gas AS (
    INSERT INTO cell_gas AS kept (cell_id, gas, gwp_basis, mass_mg, co2e_mg_ar4, co2e_mg_ar5, co2e_mg_ar6)
    SELECT added.*
    FROM json_to_recordset($2) AS added(
        cell_id uuid, gas text, gwp_basis text, mass_mg bigint, co2e_mg_ar4 bigint, co2e_mg_ar5 bigint, co2e_mg_ar6 bigint)
    JOIN changed ON changed.id = added.cell_id
    ON CONFLICT (cell_id, gas, gwp_basis) DO UPDATE SET
        mass_mg = kept.mass_mg + excluded.mass_mg,
        co2e_mg_ar4 = kept.co2e_mg_ar4 + excluded.co2e_mg_ar4,
        co2e_mg_ar5 = kept.co2e_mg_ar5 + excluded.co2e_mg_ar5,
        co2e_mg_ar6 = kept.co2e_mg_ar6 + excluded.co2e_mg_ar6
    RETURNING *
)
SELECT changed.*, (
    SELECT json_agg(json_build_array(gas, gwp_basis, mass_mg, co2e_mg_ar4, co2e_mg_ar5, co2e_mg_ar6) ORDER BY gas, gwp_basis)
    FROM changed_gas WHERE cell_id = changed.id
) AS gases
FROM changed ORDER BY changed.id
"""


async def add_to_cells(session: Session, contributions: Iterable[Contribution]) -> None:
    """Add contributions to their cells and record one event per changed cell, with its new absolute values.

    raises  a 422 problem, if a cell would come to hold more milligrams than can be kept
    """
    sums = sorted(add_up(contributions).items())
    if not sums:
        return
    keys = await _keys(session, sums)
    added = [_cell_as_json(keys[cell_id], total) for cell_id, total in sums]
    gases = [_gas_as_json(cell_id, gas, figures) for cell_id, total in sums for gas, figures in sorted(total.gases.items())]
    connection = await driver(session)
    try:
        rows = await connection.fetch(_ADD, json.dumps(added), json.dumps(gases))
    except Exception as error:
        if sql_state(error) == _TOO_LARGE:
            raise _out_of_range() from error
        raise
    for row in rows:
        outbox.record(session, CELL.name, str(row["id"]), event_of(row))


def _out_of_range() -> Problem:
    detail = f"With these records a site would have more than {_LARGEST_SUM} mg of a gas in one month."
    return refused("", "out_of_range", detail, "Look for a quantity in a wrong unit.")


def _cell_as_json(key: CellKey, total: Contribution) -> dict[str, Any]:
    return {name: getattr(key, name) for name in _KEY_COLUMNS.split(", ")} | {
        "id": str(total.cell_id),
        "site_id": key.site_id and str(key.site_id),
        "segment_start": key.segment_start.isoformat(),
        "segment_end": key.segment_end.isoformat(),
        "quantity_nano": total.quantity_nano,
        "biogenic_co2_mg": total.biogenic_co2_mg,
        "records": total.records,
    }


def _gas_as_json(cell_id: UUID, gas: tuple[str, str], figures: GasFigures) -> dict[str, Any]:
    (name, basis), (mass, ar4, ar5, ar6) = gas, figures
    return {
        "cell_id": str(cell_id),
        "gas": name,
        "gwp_basis": basis,
        "mass_mg": mass,
        "co2e_mg_ar4": ar4,
        "co2e_mg_ar5": ar5,
        "co2e_mg_ar6": ar6,
    }


async def _keys(session: Session, sums: list[tuple[UUID, Contribution]]) -> dict[UUID, CellKey]:
    """The key of every cell: from its contribution, or for one that is only taken out again, from its row."""
    keys: dict[UUID, CellKey] = {cell_id: total.key for cell_id, total in sums if total.key is not None}
    missing = [cell_id for cell_id, total in sums if total.key is None]
    if missing:
        connection = await driver(session)
        rows = await connection.fetch(f"SELECT id, {_KEY_COLUMNS} FROM cell WHERE id = ANY($1::uuid[])", missing)
        keys |= {row["id"]: _key(row) for row in rows}
    return keys


def _key(row: Any) -> CellKey:
    return CellKey(**{name: row[name] for name in _KEY_COLUMNS.split(", ")})


def event_of(row: Any) -> CellChanged:
    """The event of a cell's row; its `gases` are [gas, GWP basis, mass, CO2e under AR4, AR5, AR6] each."""
    gases = [
        GasOfCell(gas=gas, gwp_basis=basis or None, mass_mg=mass, co2e_mg_ar4=ar4, co2e_mg_ar5=ar5, co2e_mg_ar6=ar6)
        for gas, basis, mass, ar4, ar5, ar6 in row["gases"] or []
    ]
    return CellChanged(**fields_of(row), gases=gases)


def fields_of(row: Any) -> dict[str, Any]:
    """What a cell's event says, without the gases."""
    return {
        "id": str(row["id"]),
        "version": row["version"],
        "recorded_at": row["recorded_at"],
        "site": None if row["site_id"] is None else str(row["site_id"]),
        "scope": row["scope"],
        "category": row["category"],
        "activity_type": row["activity_type"],
        "factor": row["factor_id"],
        "state": row["state"],
        "item": row["item"],
        "segment_start": row["segment_start"],
        "segment_end": row["segment_end"],
        "method": row["method"],
        "quantity_nano": int(row["quantity_nano"]),
        "unit": row["unit"],
        "biogenic_co2_mg": row["biogenic_co2_mg"],
        "records": row["records"],
    }
