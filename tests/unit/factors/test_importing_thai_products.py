"""Thailand, life-cycle factors of products: every row accounted for, spot values, and none for scope 1 or 2."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.thailand_tgo_products import PATH, import_thailand_tgo_products
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def products() -> Contribution:
    return import_thailand_tgo_products(SourceFolder(SOURCES))


@pytest.fixture
def one(products):
    def find(activity_type: str, **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, **attributes}
        (found,) = [factor for factor in products.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        return found

    return find


def test_of_593_rows_four_are_excluded_each_with_its_reason(products):
    (dataset,) = products.datasets

    assert (dataset.rows_loaded, dataset.rows_excluded) == (589, 4)
    assert {row.row: row.reason.split(":")[0].split(",")[0] for row in products.excluded_rows} == {
        "no. 147": "doubtful",
        "no. 514": "per horsepower-hour",
        "no. 532": "per horsepower-hour",
        "no. 536": "doubtful",
    }


def test_one_factor_answers_each_question(products):
    apart = Counter((f.activity_type, f.data_year, unit(f.unit).dimension, f.stage, f.purpose, f.technology) for f in products.factors)
    defaults = Counter((f.activity_type, f.data_year, unit(f.unit).dimension) for f in products.factors if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    for factor in products.factors:
        assert unit(factor.unit).dimension in written_activity_types()[factor.activity_type].unit_dimensions, factor.key


def test_nothing_is_direct_so_no_row_can_answer_for_scope_1_or_2(products):
    assert {factor.stage for factor in products.factors} == {"life_cycle", "upstream"}
    assert not [f.key for f in products.factors if f.is_default and f.activity_type.startswith(("fuel.", "electricity."))]


def test_electricity_of_products_is_its_life_cycle(one):
    factor = one("electricity.grid")

    assert masses(factor) == {"CO2e": Fraction("0.5986")}  # no. 36; organisations have 0.4999
    assert (factor.stage, factor.purpose, factor.is_default) == ("life_cycle", "life_cycle", False)
    assert factor.gases[0].gwp_basis == "AR5"  # "IPCC 2013 GWP 100a"


def test_diesel_of_products_is_its_supply_and_not_its_combustion(one):
    factor = one("fuel.diesel")

    assert (masses(factor), factor.unit, factor.stage) == ({"CO2e": Fraction("0.3522")}, "kg", "upstream")  # no. 34
    assert any("without its combustion" in note for note in factor.notes)


@pytest.mark.parametrize(
    ("activity_type", "technology", "value", "symbol"),
    [
        ("material.pp_resin", None, "1.8814", "kg"),  # no. 7
        ("material.palm_oil_crude", None, "0.9067", "kg"),  # no. 342
        ("material.palm_oil_crude", "mill without biogas recovery", "1.2482", "kg"),  # no. 344
        ("product.ginger", None, "0.1249", "kg"),  # no. 401
        ("product.farm.egg", None, "8.4761", "kg"),  # no. 479
        ("material.woven_fabric_cotton", "dyed and finished", "17.1644", "kg"),  # no. 241
        ("material.knitted_fabric_tc", "65/35, very dark shade, database of 2011", "24.61", "kg"),  # no. 264
        ("machine_use.ploughing_disc", None, "0.0047", "m2"),  # no. 516
        ("machine_use.tractor_90hp", None, "56.9422", "h"),  # no. 511
        ("waste.municipal.landfill", None, "0.7933", "kg"),  # no. 540
        ("waste.food_and_drink.landfill", None, "2.53", "kg"),  # no. 566
        ("water.treatment", None, "0.1302", "m3"),  # no. 551
        ("product.silkworm_eggs", None, "7.8905", "piece"),  # no. 585, per sheet
        ("material.silk_yarn_dyed", "natural dye", "71.8694", "kg"),  # no. 592
        ("material.yarn_jute", None, "0.5161", "kg"),  # no. 298, printed per Kg
    ],
)
def test_spot_values_of_many_groups(one, activity_type, technology, value, symbol):
    factor = one(activity_type, technology=technology)

    assert (masses(factor), factor.unit) == ({"CO2e": Fraction(value)}, symbol)


def test_a_truck_is_told_apart_by_road_load_and_fuel(products):
    truck = "freight.road.truck_10_wheels_cargo_bed"
    found = {f.technology: (masses(f)["CO2e"], f.unit) for f in products.factors if f.activity_type == truck}

    assert len(found) == 16  # two roads × (empty, 50, 75, 100 %) × two kinds of diesel
    assert found["normal road, 75 % loaded"] == (Fraction("0.0691"), "t.km")  # no. 117
    assert found["rough road, 100 % loaded"] == (Fraction("0.0639"), "t.km")  # no. 122, printed "1 00% Loading"
    assert found["normal road, empty, diesel B5"] == (Fraction("0.5344"), "km")  # no. 223
    assert not any(f.is_default for f in products.factors if f.activity_type == truck)


def test_a_figure_far_from_its_neighbours_says_so(one):
    resin = one("material.hdpe_resin")  # no. 3, beside nos. 5 and 6

    assert masses(resin)["CO2e"] > 2 * masses(one("material.ldpe_resin"))["CO2e"]
    assert any("check before use" in note for note in resin.notes)
    assert not any("check before use" in note for note in one("material.ldpe_resin").notes)


def test_a_row_without_a_method_has_an_unstated_basis(one):
    assert one("product.nile_tilapia").gases[0].gwp_basis == "unstated"  # no. 495 has no description


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (",P-xylene,", ",Q-xylene,", "unknown name 'Q-xylene'"),
        (",kg,0.9226", ",lb,0.9226", "unknown unit 'lb'"),
        ("50% Loading,", "0% Loading,", "0 % loaded does not go with the unit 'tkm'"),
        ("รถบรรทุก 4 ล้อขนาดเล็ก", "รถบรรทุก 3 ล้อขนาดเล็ก", "unknown truck"),
    ],
)
def test_a_row_that_is_not_the_reviewed_one_is_refused(change, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_thailand_tgo_products(change(PATH, old, new))
