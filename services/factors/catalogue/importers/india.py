"""India: grid, fuels, transport, waste, processes and farms of the Open India Emission Factors database."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ghg.gwp import gwp_set
from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types
from services.factors.catalogue.wording import NM3

PATH = "india/open-india-emission-factors_v1_2.json"

# The values by which the file's methods turn methane, nitrous oxide and perfluorocarbons into CO2e (AR6; methane is not split)
_FILE_GWPS = {
    "CO2": Fraction(1),
    "CH4_fossil": Fraction("27.9"),
    "CH4_biogenic": Fraction("27.9"),
    "N2O": Fraction(273),
    "CF4": Fraction(7380),
    "C2F6": Fraction(12400),
}
_TOLERANCE = Fraction(2, 1000)  # of the printed total: the file rounds the parts
_TOTAL_IN_DOUBT = {"fuel-lpg-stationary-combustion"}

_LOSS = "a loss percentage, theft and unpaid bills included: no emission factor"
_GWP = "the GWP-100 of AR6, not a mass: one kilogram released is one kilogram of the refrigerant, which the catalogue has"

# Fiscal years begin in April: nine of the twelve months of FY 2024-25 are of 2024.
_DATA_YEARS = {
    "FY 2024-25": 2024,
    "FY 2014-15": 2014,
    "Ongoing default": None,
    "India-specific parameters": None,
    "India-specific parameters, 2006 defaults": None,
    "2006": None,
    **{str(year): year for year in (2018, 2020, 2022, 2023, 2024, 2025)},
}

# Ammonia is no greenhouse gas.
_SINGLE_REFRIGERANTS = {"R-22": "HCFC-22", "R-32": "HFC-32", "R-134A": "HFC-134a", "R-717": None, "R-744": "CO2"}

_DATASET = Dataset(
    "open-india-1.2",
    "Open India Emission Factors",
    "Batchwise (Open India Emission Factors), from CEA and other Indian sources",
    "Open India Emission Factors database",
    "v1.2",
    None,
    "2026-06-27",
    "CC0-1.0",
    "Open India Emission Factors v1.2 (CC0), national grid factors from CEA CO2 Baseline Database V21.0",
    "A",
    None,
    has_vintage=True,
    is_global=False,
    source_files=(),
)

_Row = dict[str, Any]


def import_india(sources: SourceFolder) -> Contribution:
    """Factors of India, some by state; what a row means is said by tables/india_factors.csv, one line per factor."""
    share = Contribution()
    rows: list[_Row] = json.loads(sources.read(PATH))["emission_factors"]
    ledger = RowLedger(_DATASET.id, PATH, [(row["id"], f"{row['factor_name']} | {row['value']} {row['unit']}") for row in rows])
    meanings = table_rows("india_factors.csv")
    for row in rows:
        if reason := _exclusion(row):
            ledger.exclude(reason, row["id"])
            continue
        meant = [meaning for meaning in meanings if meaning["id"] == row["id"]]
        if not meant:
            raise UnmappedRow(f"{PATH}: unknown row {row['id']!r}: add it to tables/india_factors.csv with its activity type")
        share.factors += [_factor(row, meaning) for meaning in meant]
        ledger.load(row["id"])
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _exclusion(row: _Row) -> str | None:
    if row["unit"] == "percent" and row["id"].startswith("td-loss-"):
        return _LOSS
    if refrigerant := re.fullmatch(r"refrigerant-r(.+)-gwp", row["id"]):
        _check_refrigerant(row, f"R-{refrigerant[1].upper()}")
        return _GWP
    return None


def _check_refrigerant(row: _Row, name: str) -> None:
    """The value printed is that of AR6; AR6 itself has 1526 (table 7.15) and 1530 (table 7.SM.7) for HFC-134a."""
    if shares := row.get("blend_components"):
        parts = [gas.removesuffix("_pct") for gas in shares if gas.endswith("_pct")]
        expected = sum((Fraction(shares[f"{gas}_pct"], 100) * shares[f"{gas}_AR6_GWP100"] for gas in parts), Fraction(0))
    elif name in _SINGLE_REFRIGERANTS:
        gas = _SINGLE_REFRIGERANTS[name]
        expected = gwp_set("AR6").of(gas) if gas else Fraction(0)
    else:
        raise UnmappedRow(f"{PATH} {row['id']}: unknown refrigerant {name}")
    if abs(expected - printed_number(row["value"])) > expected / 200:
        raise UnmappedRow(f"{PATH} {row['id']}: {row['value']} is not the GWP of AR6, {ratio_text(expected)}")


def _factor(row: _Row, meaning: dict[str, str]) -> Factor:
    if row["unit"] != meaning["unit_printed"]:
        raise UnmappedRow(f"{PATH} {row['id']}: unit {row['unit']!r}, reviewed was {meaning['unit_printed']!r}")
    if str(row["reference_year"]) not in _DATA_YEARS:
        raise UnmappedRow(f"{PATH} {row['id']}: unknown reference year {row['reference_year']!r}")
    gases = _gases(row, meaning["gases"])
    names = [gas.gas for gas in gases]
    return new_factor(
        written_activity_types()[meaning["activity"]],
        _DATASET,
        meaning["region"],
        meaning["unit"],
        gases,
        data_year=_DATA_YEARS[str(row["reference_year"])],
        stage=meaning["stage"] or None,
        purpose=meaning["purpose"] or None,
        technology=meaning["technology"] or None,
        is_default=meaning["is_default"] == "yes",
        conditions=NM3 if meaning["unit"] == "Nm3" else None,
        biogenic_co2=_biogenic_co2(row) if meaning["gases"] == "bagasse" else None,
        gas_coverage="+".join(name.partition("_")[0] for name in names),
        source_row=f"{row['id']}: {row['factor_name']}",
        value_printed=str(row["value"]),
        unit_printed=row["unit"],
        notes=(
            *(["CO2 only: the row gives no CH4 and no N2O."] if names == ["CO2"] else []),
            *([meaning["note"]] if meaning["note"] else []),
            f"Source: {row['source_document']}.",
        ),
    )


def _gases(row: _Row, text: str) -> tuple[GasPart, ...]:
    """The gases that tables/india_factors.csv names: the printed value, masses printed in the row's method, or its combustion inputs."""
    what, *details = text.split()
    if what == "CO2e":
        basis, *part = details
        printed = part[0] if part else str(row["value"])
        return (_part(row, "CO2e", printed, Fraction(1), basis=basis),)
    if what == "combustion":
        gases = _combustion(row, *details)
    elif what == "bagasse":
        gases = _per_terajoule(row, Fraction(str(row["ipcc_net_calorific_value_GJ_per_tonne"])) / 1000, "CH4_biogenic")
    elif "=" not in text:
        return (_part(row, text, str(row["value"]), Fraction(1)),)
    else:
        gases = tuple(_stated_mass(row, mass) for mass in text.split())
    _check_total(row, gases)
    return gases


def _part(row: _Row, gas: str, printed: str, ratio: Fraction, *, basis: str | None = None, derivation: str | None = None) -> GasPart:
    if printed != str(row["value"]) and printed not in f"{row['methodology']} {json.dumps(row)}":
        raise UnmappedRow(f"{PATH} {row['id']}: the method does not state {printed}")
    mass = printed_number(printed) * ratio
    unit = row["unit"] if printed == str(row["value"]) else f"kg {gas.partition('_')[0]}, in the row's method"
    return GasPart(gas, mass, basis, _DATASET.id, row["id"], printed, unit, derivation or "as printed")


def _stated_mass(row: _Row, text: str) -> GasPart:
    gas, _, product = text.partition("=")
    printed, _, ratio = product.partition("*")
    derivation = f"{printed} × {ratio}, stated in the row's method" if ratio else "stated in the row's method"
    return _part(row, gas, printed, Fraction(ratio or 1), derivation=derivation)


def _combustion(row: _Row, carbon_dioxide: str, density: str | None = None) -> tuple[GasPart, ...]:
    """CO2 as the row prints it; CH4 and N2O from its masses per terajoule, its calorific value and its density."""
    printed = str(row["ghg_components"][carbon_dioxide])
    terajoules = Fraction(str(row["ipcc_net_calorific_value_TJ_per_Gg"])) / 1_000_000  # TJ per kg
    if density:
        terajoules *= Fraction(str(row[density]))
    return (_part(row, "CO2", printed, Fraction(1)), *_per_terajoule(row, terajoules, "CH4_fossil"))


def _per_terajoule(row: _Row, terajoules: Fraction, methane: str) -> tuple[GasPart, ...]:
    per_unit = f"kg/TJ × {ratio_text(terajoules)} TJ per unit, from the calorific value (and density) of the row"
    return tuple(
        _part(row, gas, str(row[key]), terajoules, derivation=f"{row[key]} {per_unit}")
        for gas, key in ((methane, "ipcc_ch4_kg_per_TJ"), ("N2O", "ipcc_n2o_kg_per_TJ"))
    )


def _biogenic_co2(row: _Row) -> GasPart:
    gigajoules, per_tj = row["ipcc_net_calorific_value_GJ_per_tonne"], row["ipcc_co2_kgCO2_per_TJ"]
    derivation = f"{gigajoules} GJ/t × {per_tj} kg/TJ ÷ 1000"
    return _part(row, "CO2", str(per_tj), Fraction(str(gigajoules)) / 1000, derivation=derivation)


def _check_total(row: _Row, gases: tuple[GasPart, ...]) -> None:
    """The gases give the printed total by the GWPs of the file; of bagasse, that under its other key."""
    total = sum((part.kg_per_unit * _FILE_GWPS[part.gas] for part in gases), Fraction(0))
    printed = printed_number(row["value_non_co2_ghg_per_tonne"] if "value_non_co2_ghg_per_tonne" in row else row["value"])
    if (abs(total - printed) > printed * _TOLERANCE) != (row["id"] in _TOTAL_IN_DOUBT):
        raise UnmappedRow(f"{PATH} {row['id']}: its gases give {ratio_text(total)}, it prints {ratio_text(printed)}")
