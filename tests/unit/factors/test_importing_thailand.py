"""Thailand, factors of organisations: every row accounted for, spot values with the arithmetic, and the quirks of the file."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.thailand_tgo import PATH, import_thailand_tgo
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def thailand() -> Contribution:
    return import_thailand_tgo(SourceFolder(SOURCES))


@pytest.fixture
def one(thailand):
    def find(activity_type: str, *, is_default: bool = True, **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, "is_default": is_default, **attributes}
        (found,) = [factor for factor in thailand.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        return found

    return find


def test_of_49_rows_the_seven_refrigerants_are_excluded(thailand):
    (dataset,) = thailand.datasets

    assert (dataset.rows_loaded, dataset.rows_excluded) == (42, 7)
    assert {row.text.split(" | ")[1] for row in thailand.excluded_rows} == {"Refrigerants"}


def test_one_factor_answers_each_question(thailand):
    apart = Counter((f.activity_type, f.data_year, unit(f.unit).dimension, f.purpose, f.technology) for f in thailand.factors)
    defaults = Counter((f.activity_type, f.data_year, unit(f.unit).dimension) for f in thailand.factors if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    assert {(f.region, f.stage) for f in thailand.factors} == {("TH", "direct")}


def test_natural_gas_is_per_standard_cubic_foot_and_per_net_megajoule(one):
    # no. 1: 5.72E-02, 1.02E-06, 1.02E-07 kg/scf; no. 2: 5.61E-02 kg/MJ, the 56,100 kg/TJ net of IPCC
    assert masses(one("fuel.natural_gas", unit="scf")) == {
        "CO2": Fraction("0.0572"),
        "CH4_fossil": Fraction("0.00000102"),
        "N2O": Fraction("0.000000102"),
    }
    assert masses(one("fuel.natural_gas", unit="MJ_net"))["CO2"] == Fraction("0.0561")


def test_diesel_in_place_and_on_the_road_differ_in_methane_and_nitrous_oxide(one):
    in_place, on_the_road = one("fuel.diesel"), one("vehicle_fuel.diesel")

    assert masses(in_place) == {"CO2": Fraction("2.70"), "CH4_fossil": Fraction("0.000109"), "N2O": Fraction("0.0000219")}
    assert masses(on_the_road) == {"CO2": Fraction("2.70"), "CH4_fossil": Fraction("0.000142"), "N2O": Fraction("0.000142")}
    assert (on_the_road.value_printed, on_the_road.technology) == ("2.7406", "road transportation")


def test_carbon_dioxide_of_wood_stands_in_a_row_of_its_own_and_is_biogenic(one):
    wood = one("fuel.wood")

    assert masses(wood) == {"CH4_biogenic": Fraction("0.00048"), "N2O": Fraction("0.000064")}  # no. 13
    assert wood.biogenic_co2 is not None
    assert (wood.biogenic_co2.row, wood.biogenic_co2.kg_per_unit) == ("no. 18", Fraction("1.79"))
    # 0.00048 × 28 + 0.000064 × 265 = 0.0304: methane of biomass is counted at 28, of fossil fuels at 30
    assert wood.value_printed == "0.0304"


@pytest.mark.parametrize(
    ("activity_type", "carbon_dioxide"),
    [("fuel.bagasse", "0.753"), ("fuel.biogas", "1.14"), ("fuel.corn_cob", "1.68"), ("fuel.palm_kernel_shell", "1.85")],
)
def test_every_fuel_of_biomass_has_its_biogenic_carbon_dioxide(one, activity_type, carbon_dioxide):
    assert one(activity_type).biogenic_co2.kg_per_unit == Fraction(carbon_dioxide)
    assert "CO2" not in masses(one(activity_type))


def test_the_grid_mix_is_direct_and_that_of_organisations(one):
    grid = one("electricity.grid")

    # no. 42: 0.4954 + 30 × 6.10E-05 + 265 × 1.04E-05 = 0.4999
    assert masses(grid) == {"CO2": Fraction("0.4954"), "CH4_fossil": Fraction("0.000061"), "N2O": Fraction("0.0000104")}
    assert (grid.stage, grid.purpose, grid.data_year, grid.value_printed) == ("direct", "location_average", 2018, "0.4999")


def test_two_grades_of_fuel_oil_are_told_apart_and_none_is_the_default(one):
    grades = {grade: masses(one("fuel.fuel_oil", is_default=False, technology=f"grade {grade}"))["CO2"] for grade in "AC"}

    assert grades == {"A": Fraction("3.21"), "C": Fraction("3.24")}


def test_petrol_cars_answer_with_a_catalyst_and_machines_by_name(one):
    assert one("vehicle_fuel.petrol").technology == "road transportation, oxidation catalyst"
    saw = one("vehicle_fuel.petrol", is_default=False, technology="off-road, 2-stroke, forestry")
    assert masses(saw)["CH4_fossil"] == Fraction("0.00535")  # no. 39


def test_a_zero_where_ipcc_has_no_value_is_left_out(one):
    factor = one("vehicle_fuel.petrol", is_default=False, technology="off-road, 4-stroke, forestry")

    assert (masses(factor), factor.gas_coverage) == ({"CO2": Fraction("2.18")}, "CO2")  # no. 35
    assert any("left out" in note for note in factor.notes)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("Lignite,kg", "Lignite,ton", "unknown unit 'ton'"),
        ("Combustion,Anthracite", "Combustion,Unobtainium", "unknown 'Stationary Combustion', 'Unobtainium'"),
        ("R-32,kg,,,,677", "R-32,kg,,,,675", "675 is not its GWP of AR5"),
        ("2.7078", "2.9078", "it prints 2.9078"),
        ("Cob (CO2only)", "Husk (CO2only)", "its gases give"),  # methane without biogenic CO2 would be fossil
    ],
)
def test_a_row_that_is_not_the_reviewed_one_is_refused(change, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_thailand_tgo(change(PATH, old, new))
