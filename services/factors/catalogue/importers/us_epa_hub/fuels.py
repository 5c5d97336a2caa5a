"""Fuels: stationary combustion (Table 1), mobile CO2 (Table 2) and the CH4 and N2O of vehicles off the road (Table 5)."""

from dataclasses import dataclass, replace
from fractions import Fraction

from services.factors.catalogue.contribution import Contribution, new_factor, new_property
from services.factors.catalogue.importers.us_epa_hub.gases import carbon_dioxide, methane, nitrous_oxide, number
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.pack_model import FuelProperty, GasPart
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_types_named

SCF = "standard cubic foot: 60 or 68 °F and 14.7 psia (40 CFR 98.6); EPA does not say which of the two"

_PRINTED_UNITS = {"short_ton": "short ton", "scf": "scf", "gal_us": "gallon"}
# Which unit a block of Table 1 has, by its heading of units.
_UNITS = "mmBtu per {0} | kg CO2 per mmBtu | g CH4 per mmBtu | g N2O per mmBtu | kg CO2 per {0} | g CH4 per {0} | g N2O per {0}"
_BLOCK_UNITS = {_UNITS.format(printed): unit for unit, printed in _PRINTED_UNITS.items()}
_FOSSIL_IN_BIOMASS = "Peat"  # EPA lists peat among biomass; the IPCC counts it as fossil
_LIQUOR = "Biomass Fuels - Kraft Pulping Liquor, by Wood Furnish"
_NOTES = {
    _FOSSIL_IN_BIOMASS: "EPA lists peat among biomass fuels; its CO2 is fossil (IPCC 2006, volume 2, chapter 2).",
    "Municipal Solid Waste": "The CO2 is that of all carbon in the waste; the biogenic share is not separated.",
    "Distillate Fuel Oil No. 2": "Distillate fuel oil No. 2 is diesel fuel and heating oil.",
}

_FUEL_UNITS = {"gallon": "gal_us", "scf": "scf"}
_CO2_ONLY = "CO2 only: CH4 and N2O are published per vehicle-mile (activity types vehicle_ch4_n2o), or off the road per gallon."

# Fuels that only one kind of vehicle of Table 5 burns: its CH4 and N2O then belong to every gallon, and CO2 alone would be less.
_SOLE_USES = {"vehicle_fuel.jet_kerosene", "vehicle_fuel.aviation_gasoline", "vehicle_fuel.marine_fuel_oil"}


@dataclass(frozen=True, slots=True)
class _Block:
    """The unit and the section under which rows of Table 1 stand."""

    unit: str
    section: str

    def is_biogenic(self, fuel: str) -> bool:
        """Whether the fuel's CO2 is biogenic."""
        return self.section.startswith("Biomass") and fuel != _FOSSIL_IN_BIOMASS


def add_fuels(sheet: HubSheet, share: Contribution) -> None:
    """Adds Tables 1, 2 and 5."""
    _stationary(sheet, share)
    co2_rows = _mobile_carbon_dioxide(sheet, share)
    _off_road(sheet, co2_rows, share)


def _stationary(sheet: HubSheet, share: Contribution) -> None:
    unit = section = ""
    for row in sheet.tables["1"]:
        if row.heading in _BLOCK_UNITS:
            unit = _BLOCK_UNITS[row.heading]
        elif row.heading is None:
            _stationary_fuel(row, _Block(unit, section), sheet, share)
        elif " | " not in row.heading:  # what stands alone in its row is a section
            section = row.heading


def _stationary_fuel(row: HubRow, block: _Block, sheet: HubSheet, share: Contribution) -> None:
    _stationary_factors(row, block, ("EFG", "mmBtu_gross", "mmBtu"), sheet, share)
    if block.section != _LIQUOR:  # liquors have neither heat content nor factors per gallon
        share.properties.append(_heat_content(row, block, sheet))
        _stationary_factors(row, block, ("HIJ", block.unit, _PRINTED_UNITS[block.unit]), sheet, share)
    sheet.ledger.load(row.id)


def _heat_content(row: HubRow, block: _Block, sheet: HubSheet) -> FuelProperty:
    return new_property(
        activity_types_named("us-epa", row.label("C")),
        sheet.edition.dataset,
        "US",
        name="gross_calorific_value",
        value=number(row, "D"),
        unit=f"mmBtu_gross/{block.unit}",
        row=row.id,
        printed_value=row.label("D"),
        printed_unit=f"mmBtu per {_PRINTED_UNITS[block.unit]}",
        note=SCF if block.unit == "scf" else "",
    )


def _stationary_factors(row: HubRow, block: _Block, place: tuple[str, str, str], sheet: HubSheet, share: Contribution) -> None:
    """The factor in three columns, for each activity type that the fuel's name means."""
    columns, unit, printed_unit = place
    name, dataset = row.label("C"), sheet.edition.dataset
    is_biogenic = block.is_biogenic(name)
    co2 = carbon_dioxide(row, columns[0], printed_unit, dataset)
    others = (
        methane(row, columns[1], printed_unit, dataset, is_biogenic=is_biogenic),
        nitrous_oxide(row, columns[2], printed_unit, dataset),
    )
    for activity in activity_types_named("us-epa", name):
        share.factors.append(
            new_factor(
                activity,
                dataset,
                "US",
                unit,
                others if is_biogenic else (co2, *others),
                biogenic_co2=co2 if is_biogenic else None,
                technology=name if block.section == _LIQUOR else None,
                is_default=block.section != _LIQUOR,
                conditions=SCF if unit == "scf" else None,
                gas_coverage="CH4+N2O" if is_biogenic else "CO2+CH4+N2O",
                source_row=f"{row.id}: Table 1, {block.section}, {name}",
                value_printed="; ".join(gas.printed_value for gas in (co2, *others)),
                unit_printed=f"kg CO2; g CH4; g N2O per {printed_unit}",
                notes=("Per higher heating value." if unit == "mmBtu_gross" else "At EPA's default heat content.", *_noted(name)),
            )
        )


def _noted(name: str) -> list[str]:
    return [_NOTES[name]] if name in _NOTES else []


def _mobile_carbon_dioxide(sheet: HubSheet, share: Contribution) -> dict[str, HubRow]:
    """The CO2-only factors of Table 2, and its rows by activity type."""
    rows: dict[str, HubRow] = {}
    for row in sheet.data("2"):
        name, printed_unit, dataset = row.label("C"), row.label("E"), sheet.edition.dataset
        if printed_unit not in _FUEL_UNITS:
            raise UnmappedRow(f"{sheet.edition.path} {row.id}: unknown unit {printed_unit!r}: {row.text}")
        unit = _FUEL_UNITS[printed_unit]
        printed = carbon_dioxide(row, "D", printed_unit, dataset)
        is_biogenic = "(100%)" in name
        for activity in activity_types_named("us-epa-mobile", name):
            rows[activity.id] = row
            if activity.id in _SOLE_USES:
                continue
            share.factors.append(
                new_factor(
                    activity,
                    dataset,
                    "US",
                    unit,
                    (_no_fossil_carbon(printed),) if is_biogenic else (printed,),
                    biogenic_co2=printed if is_biogenic else None,
                    conditions=SCF if unit == "scf" else None,
                    gas_coverage="CO2",
                    source_row=f"{row.id}: Table 2, {name}",
                    value_printed=printed.printed_value,
                    unit_printed=printed.printed_unit,
                    notes=(_CO2_ONLY,),
                )
            )
        sheet.ledger.load(row.id)
    return rows


def _no_fossil_carbon(biogenic: GasPart) -> GasPart:
    derivation = "100 % biofuel: the printed CO2 is biogenic and stands apart, none is fossil"
    return replace(biogenic, kg_per_unit=Fraction(0), derivation=derivation)


def _off_road(sheet: HubSheet, co2_rows: dict[str, HubRow], share: Contribution) -> None:
    """CO2 per gallon (Table 2) with CH4 and N2O per gallon (Table 5) of ships, trains, aircraft and machines."""
    vehicle, dataset = "", sheet.edition.dataset
    for row in sheet.data("5"):
        vehicle = row.label("C") or vehicle
        fuel = row.label("D")
        for activity in activity_types_named("us-epa-nonroad", fuel):
            co2 = carbon_dioxide(co2_rows[activity.id], "D", "gallon", dataset)
            others = (methane(row, "E", "gallon", dataset), nitrous_oxide(row, "F", "gallon", dataset))
            share.factors.append(
                new_factor(
                    activity,
                    dataset,
                    "US",
                    "gal_us",
                    (co2, *others),
                    technology=f"{_without_footnote(vehicle)}, {fuel}",
                    is_default=activity.id in _SOLE_USES,
                    gas_coverage="CO2+CH4+N2O",
                    source_row=f"{row.id}: Table 5, {vehicle}, {fuel}; CO2 {co2.row}: Table 2",
                    value_printed="; ".join(gas.printed_value for gas in (co2, *others)),
                    unit_printed="kg CO2; g CH4; g N2O per gallon",
                    notes=("CO2 of the fuel from Table 2; CH4 and N2O of the vehicle from Table 5.", *_zeros(others)),
                )
            )
        sheet.ledger.load(row.id)


def _without_footnote(printed: str) -> str:
    """A vehicle's name without the letter of a footnote that is glued to it: "Agricultural EquipmentA"."""
    return printed[:-1] if printed.endswith(("EquipmentA", "EquipmentB")) else printed


def _zeros(gases: tuple[GasPart, ...]) -> list[str]:
    zeros = [gas.gas.partition("_")[0] for gas in gases if gas.kg_per_unit == 0]
    return [f"{' and '.join(zeros)}: printed as 0."] if zeros else []
