"""Spot values of IPCC 2006."""

from fractions import Fraction

from .conftest import masses


def test_manufacturing_answers_by_default_and_the_other_sectors_by_name(factor_of):
    default = factor_of("fuel.anthracite", region="GLO")
    household = factor_of(
        "fuel.anthracite", region="GLO", is_default=False, technology="residential / agriculture / forestry / fishing (stationary)"
    )

    # 2006 IPCC GL Vol 2, tables 2.3 and 2.5: anthracite 98 300 kg CO2/TJ; CH4 10 and 300 kg/TJ; N2O 1.5 kg/TJ
    assert default.technology == "manufacturing & construction"
    assert masses(default) == {"CO2": 98300, "CH4_fossil": 10, "N2O": Fraction("1.5")}
    assert masses(household) == {"CO2": 98300, "CH4_fossil": 300, "N2O": Fraction("1.5")}
    assert default.unit == "TJ_net"


def test_carbon_dioxide_of_wood_is_biogenic_and_so_is_its_methane(factor_of):
    factor = factor_of("fuel.wood", region="GLO")

    # table 2.3, wood/wood waste: CO2 112 000 (biogenic), CH4 30, N2O 4 kg/TJ
    assert masses(factor) == {"CH4_biogenic": 30, "N2O": 4}
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == 112000
    assert factor.gas_coverage == "CH4+N2O"


def test_peat_is_fossil(factor_of):
    factor = factor_of("fuel.peat", region="GLO")

    assert masses(factor)["CO2"] == 106000  # table 2.3
    assert factor.biogenic_co2 is None


def test_petrol_cars_answer_with_the_row_for_oxidation_catalysts(factor_of):
    factor = factor_of("vehicle_fuel.petrol", region="GLO")

    # tables 1.4 and 3.2.2: 69 300 kg CO2/TJ, 25 kg CH4/TJ, 8.0 kg N2O/TJ
    assert masses(factor) == {"CO2": 69300, "CH4_fossil": 25, "N2O": 8}
    assert factor.technology == "road transportation, oxidation catalyst"
    assert [part.dataset for part in factor.gases] == ["ipcc-2006-stationary", "ipcc-2006-mobile", "ipcc-2006-mobile"]


def test_machinery_and_trains_answer_only_by_name(factor_of):
    machinery = factor_of("vehicle_fuel.diesel", region="GLO", is_default=False, technology="off-road, industry")
    train = factor_of("vehicle_fuel.diesel", region="GLO", is_default=False, technology="railways")

    assert masses(machinery) == masses(train) == {"CO2": 74100, "CH4_fossil": Fraction("4.15"), "N2O": Fraction("28.6")}


def test_a_calorific_value_that_ipcc_leaves_blank_is_no_property(pack, property_of):
    assert property_of("fuel.diesel", "net_calorific_value", "GLO").value == 43  # GJ/t, table 1.2
    assert not [one for one in pack.properties if "fuel.industrial_waste" in one.activity_types]
    (excluded,) = [row for row in pack.excluded_rows if row.dataset == "ipcc-2006-ncv"]
    assert excluded.row == "Industrial Wastes"
