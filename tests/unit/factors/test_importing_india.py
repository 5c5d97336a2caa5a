"""India: every row accounted for, spot values with the arithmetic, and the quirks of the file."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.india import PATH, import_india
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def india() -> Contribution:
    return import_india(SourceFolder(SOURCES))


@pytest.fixture
def one(india):
    def find(activity_type: str, *, is_default: bool = True, **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, "is_default": is_default, **attributes}
        (found,) = [factor for factor in india.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        return found

    return find


def test_of_116_rows_those_that_are_no_factors_are_excluded(india):
    (dataset,) = india.datasets

    assert (dataset.rows_loaded, dataset.rows_excluded) == (76, 40)
    assert Counter(row.reason.split(",")[0] for row in india.excluded_rows) == {
        "a loss percentage": 32,
        "the GWP-100 of AR6": 8,
    }


def test_one_factor_answers_each_question(india):
    apart = Counter(
        (f.activity_type, f.region, f.data_year, unit(f.unit).dimension, f.stage, f.purpose, f.technology) for f in india.factors
    )
    defaults = Counter((f.activity_type, f.region, f.data_year, unit(f.unit).dimension) for f in india.factors if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    assert all(part.kg_per_unit > 0 for f in india.factors for part in f.gases)


def test_the_national_grid_is_that_of_the_authority_and_answers_from_its_fiscal_year_on(one):
    national = one("electricity.grid", region="IN")

    assert masses(national) == {"CO2": Fraction("0.7117")}  # CEA V21.0, kg CO2/kWh
    assert (national.purpose, national.data_year, national.gas_coverage) == ("location_average", 2024, "CO2")


def test_states_are_the_authors_own_and_answer_only_by_name(india):
    states = [f for f in india.factors if f.activity_type == "electricity.grid" and f.region != "IN"]

    assert len(states) == 15  # five regional grids, ten states
    assert not any(f.is_default for f in states)
    assert {f.technology for f in states} == {"computed from plant data, not published by CEA"}
    assert all(any("not published by CEA" in note for note in f.notes) for f in states)
    by_region = {f.region: masses(f)["CO2"] for f in states}
    assert (by_region["IN-UK"], by_region["IN-DL"], by_region["grid:IN-EASTERN"]) == (  # Uttarakhand, Delhi
        Fraction("0.0208"),
        Fraction("0.4127"),
        Fraction("0.928"),
    )


def test_margins_are_for_projects(one):
    margins = {
        purpose: masses(one("electricity.grid", is_default=False, region="IN", purpose=f"project_{purpose}_margin"))["CO2"]
        for purpose in ("operating", "build", "combined")
    }

    assert margins == {"operating": Fraction("0.9646"), "build": Fraction("0.5119"), "combined": Fraction("0.7383")}


def test_diesel_has_its_gases_from_the_inputs_of_its_row(one):
    # CO2 2.633 kg/L; 3.9 kg/TJ × 43.0 TJ/Gg × 0.826 kg/L ÷ 1,000,000; together × (1, 27.9, 273) = 2.6746, printed 2.675
    other = Fraction("3.9") * 43 * Fraction("0.826") / 1_000_000
    assert masses(one("vehicle_fuel.diesel")) == {"CO2": Fraction("2.633"), "CH4_fossil": other, "N2O": other}


def test_liquefied_gas_is_not_taken_at_a_total_below_its_own_carbon_dioxide(one):
    factor = one("fuel.lpg")

    # CO2 2.985; CH4 5 and N2O 0.1 kg/TJ × 47.3 TJ/Gg
    assert masses(factor) == {"CO2": Fraction("2.985"), "CH4_fossil": Fraction("0.0002365"), "N2O": Fraction("0.00000473")}
    assert factor.value_printed == "2.983"
    assert any("below the CO2" in note for note in factor.notes)


def test_coal_and_gas_labelled_as_equivalents_are_carbon_dioxide_alone(one):
    coal, gas = one("fuel.coal_sub_bituminous"), one("fuel.natural_gas")

    assert (masses(coal), coal.unit) == ({"CO2": Fraction("1883.6")}, "t")  # 19.6 GJ/t × 96.1 kg/GJ
    assert (masses(gas), gas.unit) == ({"CO2": Fraction("2.0196")}, "Nm3")  # 0.036 GJ/Nm3 × 56.1 kg/GJ
    assert all("labelled CO2e, but holds CO2 only" in " ".join(factor.notes) for factor in (coal, gas))


def test_bagasse_printed_as_zero_has_its_methane_and_its_biogenic_carbon_dioxide(one):
    factor = one("fuel.bagasse")

    # 300 and 4 kg/TJ × 8.0 GJ/t; × (27.9, 273) = 75.7, under the row's other key
    assert masses(factor) == {"CH4_biogenic": Fraction("2.4"), "N2O": Fraction("0.032")}
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == 896  # 8.0 GJ/t × 112 kg/GJ


def test_freight_well_to_wheel_is_split_and_never_direct_as_a_whole(india):
    stages = {f.stage: (masses(f)["CO2e"], f.is_default) for f in india.factors if f.activity_type == "freight.road.lcv_diesel"}

    assert stages == {
        "direct": (Fraction("0.2916"), True),
        "upstream": (Fraction("0.0879"), False),
        "life_cycle": (Fraction("0.3795"), False),  # 0.2916 + 0.0879
    }


def test_manure_is_in_kilograms_of_methane(one):
    assert masses(one("livestock.manure.buffalo")) == {"CH4_biogenic": 2}
    assert masses(one("livestock.enteric.dairy_cattle")) == {"CH4_biogenic": 68}  # × 27.9 = 1897.2
    assert one("livestock.enteric.dairy_cattle").unit == "head.yr"


def test_processes_have_their_gases(one):
    assert masses(one("process.cement.clinker")) == {"CO2": Fraction("517.1")}
    assert masses(one("process.nitric_acid.medium_pressure")) == {"N2O": 6}  # × 273 = 1638
    # 1650 + 0.8 × 7380 + 0.085 × 12400 = 8608
    assert masses(one("process.aluminium.soderberg")) == {"CO2": 1650, "CF4": Fraction("0.8"), "C2F6": Fraction("0.085")}


def test_landfill_and_mines_are_methane(one):
    assert masses(one("waste.municipal.landfill")) == {"CH4_biogenic": 36}  # 0.036 t/t × 27.9 = 1004 kg
    assert masses(one("fugitive.coal_mining.underground")) == {"CH4_fossil": Fraction("5.05")}  # × 27.9 = 140.9


def test_the_rail_of_2014_keeps_its_year(one):
    assert (one("travel.rail.national").data_year, masses(one("travel.rail.national"))) == (2014, {"CO2": Fraction("0.007837")})


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"id": "commute-metro-india"', '"id": "commute-tram-india"', "unknown row 'commute-tram-india'"),
        ("kgCO2e/litre", "kgCO2e/gallon", "unit 'kgCO2e/gallon', reviewed was 'kgCO2e/litre'"),
        ("TTW: 0.2916", "TTW: 0.2961", "the method does not state 0.2916"),
        ('"value": 1897.2', '"value": 1987.2', "its gases give 1897.2, it prints 1987.2"),
        ('"value": 1960', '"value": 1810', "1810 is not the GWP of AR6, 1960"),
        ('"reference_year": "Ongoing default"', '"reference_year": "some day"', "unknown reference year 'some day'"),
    ],
)
def test_a_row_that_is_not_the_reviewed_one_is_refused(change, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_india(change(PATH, old, new))
