"""Electricity of the eGRID subregions (Table 6), and purchased steam and heat (Table 7)."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.us_egrid import METHANE_UNSPLIT, region_of
from services.factors.catalogue.importers.us_epa_hub.gases import carbon_dioxide, methane, nitrous_oxide, pounds
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.pack_model import GasPart
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import written_activity_types

_NATION = "US Average"
_ACRONYM_AND_NAME = re.compile(r"([A-Z]{4}) \((.+)\)")  # how the 2021 edition writes both in one cell

NON_BASELOAD = "non-baseload output rate"
NOT_FOR_INVENTORIES = "Not for a footprint or inventory: EPA gives it for the effect of changes in electricity use."
_NOTES = {
    "location_average": (METHANE_UNSPLIT,),
    NON_BASELOAD: (METHANE_UNSPLIT, NOT_FOR_INVENTORIES),
    "transmission_losses": (
        METHANE_UNSPLIT,
        "Per MWh used: the loss is a share of what is generated, 1 MWh used loses loss ÷ (1 − loss).",
    ),
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """The first of three columns of each rate in an edition's Table 6, and the column of losses."""

    total: str
    non_baseload: str
    loss: str | None = None
    is_in_one_cell: bool = False


# By the year of the grid data, which each edition has another.
_LAYOUTS = {2019: _Layout("D", "G", is_in_one_cell=True), 2022: _Layout("E", "H"), 2023: _Layout("E", "H", "K")}


@dataclass(frozen=True, slots=True)
class _Use:
    """What one of a subregion's rates is for."""

    source_row: str
    stage: str
    purpose: str | None
    technology: str | None = None


def add_energy(sheet: HubSheet, share: Contribution) -> None:
    """Adds Tables 6 and 7."""
    for row in sheet.data("6"):
        _subregion(row, sheet, share)
    for row in sheet.data("7"):
        _steam_and_heat(row, sheet, share)


def _subregion(row: HubRow, sheet: HubSheet, share: Contribution) -> None:
    layout = _LAYOUTS[sheet.edition.grid_year]
    acronym, name = _one_cell(row) if layout.is_in_one_cell else (row.label("C"), row.label("D"))
    region = "US" if acronym == _NATION else region_of(acronym)
    total, non_baseload = _rates(row, layout.total, sheet), _rates(row, layout.non_baseload, sheet)
    title = f"{row.id}: Table 6, {name if name == acronym else f'{acronym} {name}'}"
    _electricity(region, total, _Use(f"{title}, total output", "direct", "location_average"), sheet, share)
    _electricity(region, non_baseload, _Use(f"{title}, non-baseload", "direct", None, NON_BASELOAD), sheet, share)
    if layout.loss and (loss := row.value(layout.loss)) is not None:  # Puerto Rico has none
        losses = tuple(_lost(gas, loss, row.label(layout.loss)) for gas in total)
        _electricity(region, losses, _Use(f"{title}, grid gross loss", "transmission_losses", None), sheet, share)
    sheet.ledger.load(row.id)


def _one_cell(row: HubRow) -> tuple[str, str]:
    label = row.label("C")
    if label == _NATION:
        return label, label
    matched = _ACRONYM_AND_NAME.fullmatch(label)
    if matched is None:
        raise UnmappedRow(f"{row.id}: {label!r} is no acronym with a name")
    return matched[1], matched[2]


def _rates(row: HubRow, first: str, sheet: HubSheet) -> tuple[GasPart, ...]:
    gases = ("CO2", "CH4_fossil", "N2O")
    return tuple(pounds(row, chr(ord(first) + offset), gas, sheet.edition.dataset) for offset, gas in enumerate(gases))


def _lost(gas: GasPart, loss: Fraction, printed_loss: str) -> GasPart:
    """The part of a gas that belongs to what is lost on the way of 1 MWh used."""
    share_lost = loss / (1 - loss)
    return replace(gas, kg_per_unit=gas.kg_per_unit * share_lost, derivation=f"{gas.derivation} × {printed_loss} ÷ (1 − {printed_loss})")


def _electricity(region: str, gases: tuple[GasPart, ...], use: _Use, sheet: HubSheet, share: Contribution) -> None:
    share.factors.append(
        new_factor(
            written_activity_types()["electricity.grid"],
            sheet.edition.dataset,
            region,
            "MWh",
            gases,
            data_year=sheet.edition.grid_year,
            stage=use.stage,
            purpose=use.purpose,
            technology=use.technology,
            is_default=use.purpose is not None,
            gas_coverage="CO2+CH4+N2O",
            source_row=use.source_row,
            value_printed="; ".join(gas.printed_value for gas in gases),
            unit_printed="lb CO2; lb CH4; lb N2O per MWh",
            notes=(f"{sheet.edition.grid_release}.", *_NOTES[use.technology or use.purpose or use.stage]),
        )
    )


def _steam_and_heat(row: HubRow, sheet: HubSheet, share: Contribution) -> None:
    if row.label("C") != "Steam and Heat":
        raise UnmappedRow(f"{row.id}: unknown energy {row.label('C')!r}")
    dataset = sheet.edition.dataset
    gases = (
        carbon_dioxide(row, "D", "mmBtu", dataset),
        methane(row, "E", "mmBtu", dataset),
        nitrous_oxide(row, "F", "mmBtu", dataset),
    )
    for activity_id in ("heat.purchased", "steam.purchased"):
        share.factors.append(
            new_factor(
                written_activity_types()[activity_id],
                dataset,
                "US",
                "mmBtu",
                gases,
                gas_coverage="CO2+CH4+N2O",
                source_row=f"{row.id}: Table 7, Steam and Heat",
                value_printed="; ".join(gas.printed_value for gas in gases),
                unit_printed="kg CO2; g CH4; g N2O per mmBtu",
                notes=("Natural gas burned at 80 % thermal efficiency (53.06 kg CO2/mmBtu ÷ 0.80).",),
            )
        )
    sheet.ledger.load(row.id)
