"""The grids of Eurostat, AIB, Ember and IFI: row by row, with spot values and the arithmetic."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.country_codes import alpha2_of
from services.factors.catalogue.importers import grid_aib, grid_ember, grid_eurostat, grid_ifi
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses

IMPORTERS: dict[str, Callable[[SourceFolder], Contribution]] = {
    "aib": grid_aib.import_grid_aib,
    "ember": grid_ember.import_grid_ember,
    "eurostat": grid_eurostat.import_grid_eurostat,
    "ifi": grid_ifi.import_grid_ifi,
}


@pytest.fixture(scope="module")
def shares() -> dict[str, Contribution]:
    return {name: read(SourceFolder(SOURCES)) for name, read in IMPORTERS.items()}


def one(share: Contribution, **attributes: object) -> Factor:
    (found,) = [factor for factor in share.factors if all(getattr(factor, name) == value for name, value in attributes.items())]
    return found


# Rows as counted without the importers: 34 countries × 3 years, entries and factors of the JSON files, records after the first of the CSV
@pytest.mark.parametrize(("name", "loaded", "excluded"), [("aib", 102, 0), ("ember", 210, 12), ("eurostat", 30, 0), ("ifi", 233, 7)])
def test_every_row_is_loaded_or_excluded_with_a_reason(shares, name, loaded, excluded):
    share = shares[name]

    assert sum(dataset.rows_loaded for dataset in share.datasets) == loaded
    assert sum(dataset.rows_excluded for dataset in share.datasets) == excluded == len(share.excluded_rows)
    assert all(row.reason for row in share.excluded_rows)


@pytest.mark.parametrize("name", sorted(IMPORTERS))
def test_one_factor_answers_each_question(shares, name):
    factors = shares[name].factors
    apart = Counter((f.dataset, f.region, f.data_year, unit(f.unit).dimension, f.stage, f.purpose, f.technology) for f in factors)

    assert max(apart.values()) == 1
    assert all(part.kg_per_unit >= 0 for factor in factors for part in factor.gases)


def test_only_the_direct_average_of_eurostat_answers_without_a_purpose(shares):
    defaults = {(factor.stage, factor.purpose) for share in shares.values() for factor in share.factors if factor.is_default}

    assert defaults == {("direct", "location_average")}
    assert {factor.dataset for share in shares.values() for factor in share.factors if factor.is_default} == {"eurostat-grid-2023"}


def test_greece_is_el_at_eurostat_and_gr_here(shares):
    factor = one(shares["eurostat"], region="GR")

    # kg/MWh as the file derives them
    assert masses(factor) == {
        "CO2": Fraction("323.892253273"),
        "CH4_fossil": Fraction("0.00591389209142"),
        "N2O": Fraction("0.0023233147502"),
    }
    assert (factor.unit, factor.data_year, factor.purpose) == ("MWh", 2023, "location_average")
    assert not [factor for factor in shares["eurostat"].factors if factor.region == "EL"]


def test_poland_and_france_have_the_masses_of_the_inventory(shares):
    assert masses(one(shares["eurostat"], region="PL"))["CO2"] == Fraction("669.569473519")
    assert masses(one(shares["eurostat"], region="FR")) == {
        "CO2": Fraction("49.7236376258"),
        "CH4_fossil": Fraction("0.00240894904766"),
        "N2O": Fraction("0.00161881376003"),
    }


def test_gases_that_round_to_nothing_are_marked(shares):
    marked = {factor.region for factor in shares["eurostat"].factors if any("rounds" in note for note in factor.notes)}

    assert marked == {"IS", "MT"}  # Iceland: CH4 and N2O are 0; Malta: N2O is 0


def test_the_german_residual_mix_is_direct_carbon_dioxide_of_its_year(shares):
    factors = [factor for factor in shares["aib"].factors if factor.region == "DE"]

    assert [(factor.data_year, factor.purpose, factor.stage) for factor in factors] == [
        (year, "residual", "direct") for year in (2022, 2023, 2024)
    ]
    # Belgium 2022: 144.2719 g; the United Kingdom 2024: 420.7567 g
    assert masses(one(shares["aib"], region="BE", data_year=2022)) == {"CO2": Fraction("0.1442719")}
    assert masses(one(shares["aib"], region="GB", data_year=2024)) == {"CO2": Fraction("0.4207567")}


def test_a_residual_mix_of_zero_says_that_nothing_is_untracked(shares):
    zeros = [factor for factor in shares["aib"].factors if masses(factor) == {"CO2": 0}]

    assert Counter(factor.region for factor in zeros) == {"AT": 3, "CH": 3}
    assert all(any("not because untracked electricity is clean" in note for note in factor.notes) for factor in zeros)


def test_the_row_called_northern_cyprus_is_cyprus_with_a_note(shares):
    factor = one(shares["aib"], region="CY", data_year=2023)

    assert masses(factor) == {"CO2": Fraction("0.595034")}  # 595.034 g
    assert any("N Cyprus" in note for note in factor.notes)


def test_the_figures_of_ember_are_life_cycle_and_never_a_factor_of_scope_2(shares):
    factors = shares["ember"].factors

    assert {(factor.stage, factor.purpose, factor.is_default, factor.gas_coverage) for factor in factors} == {
        ("life_cycle", "life_cycle", False, "CO2e")
    }
    # China 2024: 557.5 g; Kosovo 2024: 958.72 g, by the code XKX that users assign; Montserrat 2022: 1000 g
    assert masses(one(shares["ember"], region="CN")) == {"CO2e": Fraction("0.5575")}
    assert (one(shares["ember"], region="XK").data_year, masses(one(shares["ember"], region="XK"))) == (2024, {"CO2e": Fraction("0.95872")})
    assert masses(one(shares["ember"], region="MS")) == {"CO2e": 1}


def test_of_the_aggregates_of_ember_the_union_and_the_world_are_regions(shares):
    # 213.02 g and 472.94 g in 2024
    assert masses(one(shares["ember"], region="EU")) == {"CO2e": Fraction("0.21302")}
    assert masses(one(shares["ember"], region="GLO")) == {"CO2e": Fraction("0.47294")}
    assert not shares["ember"].datasets[0].is_global  # the world's average never stands in for a country
    excluded = {row.row for row in shares["ember"].excluded_rows}
    assert {"Africa", "ASEAN", "Europe", "G20", "OECD"} < excluded


def test_a_life_cycle_without_emissions_is_excluded_as_doubtful(shares):
    (excluded,) = [row for row in shares["ember"].excluded_rows if row.row == "CAF"]

    assert "hydropower" in excluded.reason


def test_margins_are_for_projects_and_only_for_them(shares):
    purposes = Counter(factor.purpose for factor in shares["ifi"].factors)

    # 233 rows, one of them for Guernsey and Jersey: 234 regions × (4 combined margins, 1 operating margin)
    assert purposes == {"project_combined_margin": 936, "project_operating_margin": 234}
    assert not any(factor.is_default for factor in shares["ifi"].factors)


def test_viet_nam_has_a_margin_for_each_use(shares):
    margins = {(f.purpose, f.technology): masses(f)["CO2"] for f in shares["ifi"].factors if f.region == "VN"}

    # "Viet Nam",381,493,381,381,560 g CO2/kWh
    assert margins == {
        ("project_combined_margin", "firm energy (such as hydro, geothermal)"): Fraction("0.381"),
        ("project_combined_margin", "intermittent energy (such as solar, wind, tidal)"): Fraction("0.493"),
        ("project_combined_margin", "energy efficiency"): Fraction("0.381"),
        ("project_combined_margin", None): Fraction("0.381"),
        ("project_operating_margin", None): Fraction("0.56"),
    }


def test_the_nine_countries_without_fossil_power_on_the_margin_are_marked(shares):
    marked = {factor.region for factor in shares["ifi"].factors if any("without emissions" in note for note in factor.notes)}

    assert marked == {"AL", "BT", "CD", "ET", "IS", "LS", "NP", "PY", "SZ"}


def test_places_are_mapped_whatever_the_file_calls_them(shares):
    def operating_margin(region: str) -> Factor:
        return one(shares["ifi"], region=region, purpose="project_operating_margin")

    assert masses(operating_margin("VU")) == {"CO2": Fraction("0.753")}  # printed as Vanatu
    assert masses(operating_margin("PT-20")) == {"CO2": Fraction("0.753")}  # Azores
    assert masses(operating_margin("EU")) == {"CO2": Fraction("0.409")}  # memo row of the 27
    assert masses(operating_margin("GG")) == masses(operating_margin("JE")) == {"CO2": Fraction("0.753")}  # Channel Islands
    assert any("Hong Kong" in note for note in operating_margin("CN").notes)


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (grid_aib.PATH, "gCO2/kWh", "kgCO2/kWh", "unknown unit or source 'kgCO2/kWh'"),
        (grid_aib.PATH, "Belgium,BEL", "Belgium,BLG", "no country has the code 'BLG'"),
        (grid_aib.PATH, "Belgium,BEL,2022,144.2719", "Belgium,BEL,2022,0", "where all electricity is tracked"),
        (grid_ember.PATH, '"country_code": "AFG"', '"country_code": "AFX"', "no country has the code 'AFX'"),
        (grid_ember.PATH, '"Africa": {', '"Atlantis": {', "unknown aggregate 'Africa'"),
        (grid_ember.PATH, "123.71", "0", "0 g over the life cycle"),
        (grid_ember.PATH, "emissions_intensity_gco2_per_kwh", "emissions_intensity_kgco2_per_kwh", "unknown fields"),
        (grid_eurostat.PATH, '"MegawattHour"', '"KilowattHour"', "unknown unit, scope or gases"),
        (grid_eurostat.PATH, '"region": "AT"', '"region": "UK"', "unknown country 'UK'"),
        (grid_ifi.PATH, "gCO2/kWh", "kgCO2/kWh", "columns are not those"),
        (grid_ifi.PATH, '"Zambia"', '"Northern Rhodesia"', "unknown place 'Northern Rhodesia'"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(change, path, old, new, complaint):
    name = path.split("/")[0].removeprefix("grid-")

    with pytest.raises(UnmappedRow, match=complaint):
        IMPORTERS[name](change(path, old, new))


def test_codes_of_countries_are_those_of_iso_3166():
    assert [alpha2_of(code) for code in ("AUT", "CHN", "GBR", "SWE", "CHE", "XKX")] == ["AT", "CN", "GB", "SE", "CH", "XK"]
