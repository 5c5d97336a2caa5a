"""Ember's yearly intensity of electricity per country: life-cycle CO2e, for screening, never for scope 2."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.country_codes import alpha2_of
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

PATH = "grid-ember/average-intensities.json"

_UNIT = "gCO2/kWh"
_FIELDS = {"country_code", "country_or_region", "year", "emissions_intensity_gco2_per_kwh"}
# Ember's aggregates have no country code: the Union and the world are regions of this catalogue, the others are not.
_AGGREGATES = {"EU": "EU", "World": "GLO"}
_OTHER_AGGREGATES = frozenset(
    (
        *("Africa", "ASEAN", "Asia", "Europe", "G20", "G7"),
        *("Latin America and Caribbean", "Middle East", "North America", "Oceania", "OECD"),
    )
)
_ZERO_EXCLUDED = {"CAF"}  # the Central African Republic, all hydropower; the life cycle of hydropower is not without emissions

_DATASET = Dataset(
    "ember-intensity",
    "Ember electricity intensity",
    "Ember",
    "Yearly electricity data: life-cycle emissions intensity, latest year per country",
    "as of co2.js, years 2022 to 2024",
    None,
    None,
    "CC BY 4.0",
    "Ember, yearly electricity data (CC BY 4.0), via thegreenwebfoundation/co2.js",
    "A",
    "https://ember-energy.org/data/yearly-electricity-data/",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_NOTES = (
    "Life cycle, for screening and for product footprints: not a factor of scope 2.",
    "The file names the field gCO2; Ember's method counts all greenhouse gases of the life cycle. Its GWP basis is not stated.",
)


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    code: str
    place: str
    year: int
    grams: Fraction
    printed: str

    @property
    def text(self) -> str:
        return f"{self.place} | {self.year} | {self.printed}"


def import_grid_ember(sources: SourceFolder) -> Contribution:
    """One life-cycle factor per country, for the latest year that Ember had."""
    share = Contribution()
    entries = [_entry(key, cells) for key, cells in json.loads(sources.read(PATH)).items()]
    ledger = RowLedger(_DATASET.id, PATH, [(entry.key, entry.text) for entry in entries])
    for entry in entries:
        if reason := _exclusion(entry):
            ledger.exclude(reason, entry.key)
            continue
        share.factors.append(_factor(entry))
        ledger.load(entry.key)
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _entry(key: str, cells: dict[str, str | int | float]) -> _Entry:
    if cells.keys() != _FIELDS:
        raise UnmappedRow(f"{PATH} {key}: unknown fields {sorted(cells)}")
    printed = str(cells["emissions_intensity_gco2_per_kwh"])
    return _Entry(key, str(cells["country_code"]), str(cells["country_or_region"]), int(cells["year"]), printed_number(printed), printed)


def _exclusion(entry: _Entry) -> str | None:
    if entry.key in _OTHER_AGGREGATES and not entry.code:
        return "an aggregate of several countries that is no region of this catalogue"
    if entry.grams == 0:
        if entry.code not in _ZERO_EXCLUDED:
            raise UnmappedRow(f"{PATH} {entry.key}: 0 g over the life cycle is no figure")
        return "doubtful: 0 g over the life cycle, though hydropower has emissions of construction and reservoirs"
    return None


def _factor(entry: _Entry) -> Factor:
    if not entry.code and entry.key not in _AGGREGATES:
        raise UnmappedRow(f"{PATH} {entry.key}: unknown aggregate {entry.place!r}")
    region = alpha2_of(entry.code) if entry.code else _AGGREGATES[entry.key]
    derivation = f"{entry.printed} g ÷ 1000 = {ratio_text(entry.grams / 1000)} kg"
    gas = GasPart("CO2e", entry.grams / 1000, "unstated", _DATASET.id, entry.key, entry.printed, _UNIT, derivation)
    return new_factor(
        written_activity_types()["electricity.grid"],
        _DATASET,
        region,
        "kWh",
        (gas,),
        data_year=entry.year,
        stage="life_cycle",
        purpose="life_cycle",
        is_default=False,
        gas_coverage="CO2e",
        source_row=f"{entry.key}: {entry.place} {entry.year}",
        value_printed=entry.printed,
        unit_printed=_UNIT,
        notes=_NOTES,
    )
