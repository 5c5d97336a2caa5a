"""Sheet "Fuel properties" of the 2025 full set: densities and calorific values, marked GB."""

from dataclasses import replace

from services.factors.catalogue.contribution import Contribution, new_property
from services.factors.catalogue.importers.uk_desnz.editions import EDITION_2025
from services.factors.catalogue.importers.uk_desnz.full_set import FULL_2025, fuel_property_rows
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import activity_types_named

_NAME, _YEAR = 2, 3
# Column of the sheet, its two header cells, what it is. The other columns (kWh/kg, kWh/litre, litres/tonne) repeat these, rounded.
_COLUMNS = (
    (4, ("Net CV", "GJ/tonne"), "net_calorific_value", "GJ_net/t"),
    (5, ("Gross CV", "GJ/tonne"), "gross_calorific_value", "GJ_gross/t"),
    (6, ("Density", "kg/m3"), "density", "kg/m3"),
)
_BLEND = "the edition prints factors of the blend per litre, tonne and kWh; a second density would make litres elsewhere ambiguous"
_EXCLUSIONS = {
    "Diesel (average biofuel blend)": _BLEND,
    "Petrol (average biofuel blend)": _BLEND,
    "BioETBE": "no activity type in this edition's taxonomy",
    "Methane (CH4)": "a pure gas, not a fuel of the taxonomy",
    "Carbon Dioxide (CO2)": "a pure gas, not a fuel of the taxonomy",
}

DATASET = replace(
    EDITION_2025.dataset,
    id="uk-desnz-2025-fuel-properties",
    name="UK fuel properties 2025",
    title="UK Government GHG Conversion Factors for Company Reporting, full set, sheet Fuel properties",
    edition="2025, version 1.0",
)


def import_fuel_properties(sources: SourceFolder, share: Contribution) -> None:
    """Adds density, net and gross calorific value of each fuel of the sheet."""
    sheet = fuel_property_rows(sources)
    fuels = [row for row in sheet if row[_YEAR] == DATASET.year]
    _check_headers(sheet)
    ledger = RowLedger(
        DATASET.id, FULL_2025, [(f"Fuel properties row {row[0]}", " | ".join(str(cell) for cell in row[2:])) for row in fuels]
    )
    for row in fuels:
        row_id, name = f"Fuel properties row {row[0]}", str(row[_NAME]).strip()
        activities = activity_types_named("uk-desnz-properties", name)
        if not activities:
            ledger.exclude(_EXCLUSIONS[name], row_id)
            continue
        ledger.load(row_id)
        for column, (title, unit), property_name, pack_unit in _COLUMNS:
            if row[column] == "":
                continue
            share.properties.append(
                new_property(
                    activities,
                    DATASET,
                    "GB",
                    name=property_name,
                    value=printed_number(row[column]),
                    unit=pack_unit,
                    row=f"{row_id}: {name}, {title}",
                    printed_value=printed_text(row[column]),
                    printed_unit=unit,
                )
            )
    share.datasets.append(replace(DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _check_headers(sheet: list[list[str | float]]) -> None:
    heads = [number for number, row in enumerate(sheet) if row[_YEAR] == "Year"]
    for number in heads:
        for column, header, _, _ in _COLUMNS:
            if (sheet[number][column], sheet[number + 1][column]) != header:
                raise UnmappedRow(f"{FULL_2025}, sheet Fuel properties: column {column} is no longer {header}")
    if not heads:
        raise UnmappedRow(f"{FULL_2025}, sheet Fuel properties: no header found")
