"""The pack's JSON: dataclasses to records and back, fractions as exact text, the same bytes for the same content."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from ghg.rounding import ratio_text
from services.factors.catalogue.pack_model import ActivityType, Dataset, ExcludedRow, Factor, FuelProperty, GasPart, SourceFile

Record = dict[str, Any]


def record_of(content: object) -> Record:
    """A dataclass of the pack as a record; fractions become exact text."""
    return {field.name: _plain(getattr(content, field.name)) for field in fields(content)}  # type: ignore[arg-type]


def _plain(value: object) -> Any:
    if isinstance(value, Fraction):
        return ratio_text(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return record_of(value) if is_dataclass(value) else value


def dataset_record(dataset: Dataset) -> Record:
    """A data set with its row counts, which follow from its files."""
    return {**record_of(dataset), "rows_loaded": dataset.rows_loaded, "rows_excluded": dataset.rows_excluded}


def dataset_from(record: Record) -> Dataset:
    """Reads a data set; the row counts follow from its files."""
    content = {name: value for name, value in record.items() if name not in {"rows_loaded", "rows_excluded"}}
    return Dataset(**{**content, "source_files": tuple(SourceFile(**file) for file in record["source_files"])})


def activity_type_from(record: Record) -> ActivityType:
    """Reads an activity type."""
    return ActivityType(**{**record, "unit_dimensions": tuple(record["unit_dimensions"])})


def _gas_part_from(record: Record) -> GasPart:
    return GasPart(**{**record, "kg_per_unit": Fraction(record["kg_per_unit"])})


def factor_from(record: Record) -> Factor:
    """Reads a factor."""
    biogenic = record["biogenic_co2"]
    parts = {
        "gases": tuple(_gas_part_from(part) for part in record["gases"]),
        "biogenic_co2": None if biogenic is None else _gas_part_from(biogenic),
        "properties": tuple(record["properties"]),
        "notes": tuple(record["notes"]),
        "uncertainty_percent": None if record["uncertainty_percent"] is None else Fraction(record["uncertainty_percent"]),
    }
    return Factor(**{**record, **parts})


def property_from(record: Record) -> FuelProperty:
    """Reads a fuel property."""
    return FuelProperty(**{**record, "activity_types": tuple(record["activity_types"]), "value": Fraction(record["value"])})


def excluded_row_from(record: Record) -> ExcludedRow:
    """Reads an excluded row."""
    return ExcludedRow(**record)


def json_bytes(content: object) -> bytes:
    """One indented JSON document."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def json_lines(records: Iterable[Record]) -> bytes:
    """One record per line."""
    return b"".join((json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode() for record in records)
