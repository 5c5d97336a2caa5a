"""ADEME's spend factors: kg CO2e per 1 000 EUR before VAT, by product group, at the prices of five years."""

from dataclasses import replace
from functools import cache

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.fr_ademe.datasets import SPEND
from services.factors.catalogue.importers.fr_ademe.rows import AdemeRow
from services.factors.catalogue.pack_model import ActivityType, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_type_of, table_rows

SPEND_FACTORS = "fr-ademe/spend_factors_kEUR_2019-2023.csv"

_UNIT = "kgCO2e/kEUR"
_PER_EUR = 1000
_WORLD = {"Monde": "GLO", "France continentale": "FR"}
_VAT = "Per euro spent, before VAT."
_NO_PRICE_YEAR = "The publisher names no price year."


def import_spend(sources: SourceFolder, base_carbone: list[AdemeRow], share: Contribution) -> frozenset[str]:
    """One factor per product group and year; each stands in the Base Carbone too, and must be the same there.

    returns   the publisher's numbers of the elements that were loaded
    raises    UnmappedRow, for an unknown group or unit, or a figure that is another in the Base Carbone
    """
    elements = {row.element_id: row for row in base_carbone if row.is_element}
    rows = list(sources.csv_rows(SPEND_FACTORS))
    ledger = RowLedger(SPEND.id, SPEND_FACTORS, [(row.id, row.text) for row in rows])
    for row in rows:
        element = elements.get(row.cells["ademe_id"])
        if element is None or (element.total, row.cells["unit"]) != (row.cells["value"], _UNIT):
            raise UnmappedRow(f"{SPEND_FACTORS} {row.id}: unit {row.cells['unit']!r}, or not the figure of the Base Carbone: {row.text}")
        if row.cells["price_year_ex_VAT"] not in element.unit:
            raise UnmappedRow(f"{SPEND_FACTORS} {row.id}: price year {row.cells['price_year_ex_VAT']} is not that of {element.unit!r}")
        share.factors.append(_factor(row, element))
        ledger.load(row.id)
    share.activity_types += list(dict.fromkeys(_activity(row) for row in rows))
    share.datasets.append(replace(SPEND, source_files=(ledger.source_file(),)))
    return frozenset(row.cells["ademe_id"] for row in rows)


def _factor(row: CsvRow, element: AdemeRow) -> Factor:
    cells = row.cells
    value = printed_number(cells["value"]) / _PER_EUR
    derivation = f"{cells['value']} {_UNIT} ÷ {_PER_EUR} = {ratio_text(value)} kg/EUR"
    year = int(cells["data_year"]) if cells["data_year"] else None
    gas = GasPart("CO2e", value, "unstated", SPEND.id, row.id, cells["value"], cells["unit"], derivation)
    return new_factor(
        _activity(row),
        SPEND,
        _WORLD[element.cells["Localisation géographique"]],
        "EUR",
        (gas,),
        gas_coverage="CO2e",
        source_row=f"{row.id}: {cells['ademe_id']} {cells['name_fr']} {cells['data_year']}".rstrip(),
        value_printed=cells["value"],
        unit_printed=cells["unit"],
        data_year=year,
        notes=(
            "CO2e only, on a GWP basis that the publisher does not state.",
            _VAT,
            *(() if cells["price_year_ex_VAT"] else (_NO_PRICE_YEAR,)),
        ),
        price_year=int(cells["price_year_ex_VAT"]) if cells["price_year_ex_VAT"] else None,
        price_basis="purchaser",
        uncertainty_percent=printed_number(cells["uncertainty_percent"]),
    )


def _activity(row: CsvRow) -> ActivityType:
    group = _groups().get(row.cells["name_fr"])
    if group is None:
        raise UnmappedRow(f"{SPEND_FACTORS} {row.id}: unknown group {row.cells['name_fr']!r}: add it to tables/fr_ademe/spend_groups.csv")
    return activity_type_of(group["kind"], f"spend.ademe.{group['id']}", group["name_en"], group["name_zh"])


@cache
def _groups() -> dict[str, dict[str, str]]:
    return {row["printed"]: row for row in table_rows("fr_ademe/spend_groups.csv")}
