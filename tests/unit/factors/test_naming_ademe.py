"""ADEME's elements under the activity types of other publishers, and under names that say what the French ones say."""

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.fr_ademe import import_fr_ademe
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_fr_ademe(SourceFolder(SOURCES))


def in_france(share: Contribution, activity: str, technology: str | None) -> Factor:
    (found,) = [
        factor for factor in share.factors if (factor.activity_type, factor.technology, factor.region) == (activity, technology, "FR")
    ]
    return found


@pytest.mark.parametrize(
    ("activity", "technology", "is_default", "printed"),
    [
        ("material.hdpe_resin", "new", True, "1920"),
        ("material.hdpe_resin", "recycled", False, "202"),
        ("material.glass", "new", True, "923"),
        ("material.asphalt", None, True, "53.3"),
        ("material.asphalt", "with 30 % hot in-place recycled", False, "41.5"),
        ("process.cement.clinker", None, True, "525"),
        ("process.lime.hydraulic", None, True, "450"),
    ],
)
def test_what_other_publishers_describe_too_stands_under_their_ids(share, activity, technology, is_default, printed):
    found = in_france(share, activity, technology)

    assert (found.is_default, found.value_printed) == (is_default, printed)


@pytest.mark.parametrize("railway", ["travel.rail.metro", "travel.rail.light_rail", "travel.rail.suburban"])
def test_an_electric_railway_has_its_total_alone_which_answers_only_for_its_life_cycle(share, railway):
    # The publisher books the electricity upstream: its printed zero for combustion must not answer for the direct emissions of a ride.
    of_railway = [factor for factor in share.factors if factor.activity_type == railway]

    assert len(of_railway) == 4  # 2018, 2019, 2021 and 2022
    assert {(factor.stage, factor.is_default) for factor in of_railway} == {("life_cycle", False)}


def test_names_say_what_the_french_names_say(share):
    names = {activity.id: (activity.name_en, activity.name_zh) for activity in share.activity_types}

    # "Etablissement de santé, structure en béton" is "metallic structure" in the file's English.
    assert names["product.building.health_care_building_concrete_structure"] == (
        "Health-care building, concrete structure",
        "医疗建筑（混凝土结构）",
    )
    # "extérieur avec socle en béton" is "inner with concrete base" there.
    assert names["product.sport.basketball_hoop_outdoor_with_concrete_base"][1] == "篮球架（室外，混凝土基座）"
    assert names["product.appliance.gas_cooker"] == ("Gas cooker", "煤气灶")
    assert names["material.bent_flat_glass"][0] == "Bent flat glass"
