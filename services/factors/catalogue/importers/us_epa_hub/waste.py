"""Waste treatment by material (Table 9): WARM without avoided emissions, in CO2e on AR4."""

from fractions import Fraction
from functools import cache

from services.factors.catalogue.contribution import Contribution, declare, new_factor
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.pack_model import ActivityType, GasPart
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, table_rows

_KG_PER_METRIC_TON = 1000
_ROUTES = {
    "D": ("recycling", "recycling", "回收利用"),
    "E": ("landfill", "landfill", "填埋"),
    "F": ("combustion", "combustion", "焚烧"),
    "G": ("composting", "composting", "堆肥"),
    "H": ("anaerobic_digestion_dry", "anaerobic digestion, dry digestate with curing", "干式厌氧消化（沼渣腐熟）"),
    "I": ("anaerobic_digestion_wet", "anaerobic digestion, wet digestate with curing", "湿式厌氧消化（沼渣腐熟）"),
}
_PRINTED_UNIT = "metric tons CO2e per short ton"
_NOTES = (
    "From WARM: with transport to the facility, without avoided emissions, energy credits and carbon storage.",
    "CO2e on AR4 by the table's note, in an edition whose other figures are masses.",
)


def add_waste(sheet: HubSheet, share: Contribution) -> None:
    """Adds Table 9; a treatment that does not apply to a material makes no factor."""
    for row in sheet.data("9"):
        material = _materials().get(row.label("C"))
        if material is None:
            raise UnmappedRow(f"{row.id}: unknown material {row.label('C')!r}: add it to tables/us_epa_waste_materials.csv")
        for column, route in _ROUTES.items():
            if (value := row.value(column)) is not None:
                _treatment(row, column, value, _activity(material, route), sheet, share)
        sheet.ledger.load(row.id)


@cache
def _materials() -> dict[str, dict[str, str]]:
    return {row["printed"]: row for row in table_rows("us_epa_waste_materials.csv")}


def _activity(material: dict[str, str], route: tuple[str, str, str]) -> ActivityType:
    treatment, route_en, route_zh = route
    name_en, name_zh = f"Waste: {material['name_en']}, {route_en}", f"废物：{material['name_zh']}，{route_zh}"
    return activity_type_of("waste", f"waste.{material['id']}.{treatment}", name_en, name_zh)


def _treatment(row: HubRow, column: str, value: Fraction, activity: ActivityType, sheet: HubSheet, share: Contribution) -> None:
    declare((activity,), share)
    dataset, printed = sheet.edition.dataset, row.label(column)
    gas = GasPart("CO2e", value * _KG_PER_METRIC_TON, "AR4", dataset.id, row.id, printed, _PRINTED_UNIT, f"{printed} t × 1000 kg/t")
    share.factors.append(
        new_factor(
            activity,
            dataset,
            "US",
            "short_ton",
            (gas,),
            gas_coverage="CO2e",
            source_row=f"{row.id}: Table 9, {row.label('C')}, {_ROUTES[column][1]}",
            value_printed=printed,
            unit_printed=_PRINTED_UNIT,
            notes=_NOTES,
        )
    )
