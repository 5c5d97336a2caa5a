"""Publishers that describe the same thing stand under one activity type, and one id never means two things."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from services.factors.catalogue.contribution import Contribution, declare
from services.factors.catalogue.importers.ipcc_vehicles import import_ipcc_vehicles
from services.factors.catalogue.importers.thailand_tgo_products import import_thailand_tgo_products
from services.factors.catalogue.importers.us_epa_hub import import_us_epa_hub
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import activity_type_of, table_rows, written_activity_types

from .conftest import SOURCES

_GLASS = activity_type_of("waste", "waste.glass.landfill", "Waste: glass, landfill", "废物：玻璃，填埋")


@pytest.fixture(scope="module")
def hub() -> Contribution:
    return import_us_epa_hub(SourceFolder(SOURCES))


def ids_of(share: Contribution) -> set[str]:
    return {factor.activity_type for factor in share.factors}


def names_of_uk_materials() -> dict[str, tuple[str, str]]:
    return {row["id"]: (row["name_en"], row["name_zh"]) for row in table_rows("uk_desnz_materials.csv")}


def doubled(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def test_an_activity_type_that_two_publishers_make_alike_is_declared_once():
    share = Contribution()
    declare((_GLASS,), share)
    declare((_GLASS,), share)

    assert share.activity_types == [_GLASS]


@pytest.mark.parametrize("other", [replace(_GLASS, name_en="Glass"), replace(_GLASS, name_zh="玻璃"), replace(_GLASS, scope=1)], ids=str)
def test_one_id_with_two_meanings_is_refused(other):
    share = Contribution()
    declare((_GLASS,), share)

    with pytest.raises(UnmappedRow, match="one id has one name and one kind"):
        declare((other,), share)


def test_an_activity_type_of_our_tables_is_refused_under_another_name():
    written = written_activity_types()["waste.municipal.landfill"]

    with pytest.raises(UnmappedRow, match=written.id):
        declare((replace(written, name_en="Landfilled municipal waste"),), Contribution())


@pytest.mark.parametrize(
    "shared",
    [
        "waste.asphalt.landfill",
        "waste.bricks.landfill",
        "waste.food_and_drink.landfill",
        "waste.garden.composting",
        "waste.municipal.landfill",
        "waste.paper_and_board_mixed.landfill",
        "waste.plasterboard.landfill",
    ],
)
def test_waste_of_the_united_states_stands_under_the_ids_of_other_publishers(hub, shared):
    assert shared in ids_of(hub)


def test_waste_that_two_publishers_name_with_one_id_has_one_name():
    uk = names_of_uk_materials()
    epa = {row["id"]: (row["name_en"], row["name_zh"]) for row in table_rows("us_epa_waste_materials.csv")}

    assert {of: (epa[of], uk[of]) for of in epa.keys() & uk.keys() if epa[of] != uk[of]} == {}


def test_landfilled_waste_of_thailand_stands_under_the_ids_of_other_publishers():
    thailand = ids_of(import_thailand_tgo_products(SourceFolder(SOURCES)))
    materials = {"food_and_drink", "garden", "paper_and_board_mixed", "wood"}

    assert {f"waste.{material}.landfill" for material in materials} <= thailand
    assert materials <= names_of_uk_materials().keys()


def test_methane_and_nitrous_oxide_of_one_vehicle_and_fuel_stand_under_one_id(hub):
    vehicles = import_ipcc_vehicles(SourceFolder(SOURCES))
    shared = ids_of(hub) & ids_of(vehicles)

    assert {
        "vehicle_ch4_n2o.bus.cng",
        "vehicle_ch4_n2o.heavy_duty_vehicle.petrol",
        "vehicle_ch4_n2o.light_duty_truck.diesel",
        "vehicle_ch4_n2o.motorcycle.petrol",
        "vehicle_ch4_n2o.passenger_car.petrol",
    } <= shared
    of_one_kind = {*hub.activity_types, *(written_activity_types()[of] for of in ids_of(vehicles))}
    assert doubled(activity.name_en for activity in of_one_kind) == []
    assert doubled(activity.name_zh for activity in of_one_kind) == []


@pytest.mark.parametrize("crop", ["carrot", "egg", "lettuce", "tomato", "ware_potato"])
def test_what_a_farm_brings_stands_under_one_id_in_thailand_and_in_france(crop):
    assert f"product.farm.{crop}" in ids_of(import_thailand_tgo_products(SourceFolder(SOURCES)))
    assert f"product.farm.{crop}" in written_activity_types()  # so ADEME's importer takes it from there


def test_a_process_and_what_it_makes_are_told_apart_by_name():
    names = {activity.id: activity.name_en for activity in written_activity_types().values()}

    assert names["process.lead"] == "Lead production" != names["material.lead"]
    assert names["process.zinc"] == "Zinc production" != names["material.zinc"]
