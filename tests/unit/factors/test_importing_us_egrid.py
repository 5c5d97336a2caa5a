"""eGRID2023, revision 2: 27 subregions, spot values, and its place beside the first release in EPA's hub."""

from fractions import Fraction

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.us_egrid import PATH, SUBREGIONS, import_us_egrid
from services.factors.catalogue.importers.us_epa_hub.editions import EDITION_2025
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_us_egrid(SourceFolder(SOURCES))


def test_each_of_the_27_subregions_has_one_location_average_and_there_is_no_national_row(share):
    (dataset,) = share.datasets

    assert (dataset.rows_loaded, dataset.rows_excluded) == (27, 0)
    assert {factor.region for factor in share.factors} == {f"grid:US-{acronym}" for acronym in SUBREGIONS}
    assert {(f.purpose, f.stage, f.is_default, f.data_year, f.unit) for f in share.factors} == {
        ("location_average", "direct", True, 2023, "MWh")
    }


@pytest.mark.parametrize(
    ("region", "co2", "ch4", "n2o"),
    [
        ("grid:US-AKGD", "408.0735288", "0.0390096", "0.0054432"),  # 899.633 lb × 0.4536 kg/lb
        ("grid:US-NYCW", "392.1231384", "0.0099792", "0.0009072"),  # 864.469 lb; the first release has 974.656
        ("grid:US-AZNM", "319.1996808", "0.0176904", "0.002268"),
        ("grid:US-SRVC", "269.1748584", "0.020412", "0.0027216"),
    ],
)
def test_rates_are_kilograms_per_megawatt_hour_as_printed(share, region, co2, ch4, n2o):
    (factor,) = [factor for factor in share.factors if factor.region == region]

    assert masses(factor) == {"CO2": Fraction(co2), "CH4_fossil": Fraction(ch4), "N2O": Fraction(n2o)}


def test_the_pounds_behind_the_kilograms_have_three_decimals(share):
    for factor in share.factors:
        pounds = masses(factor)["CO2"] / Fraction("0.4536")
        assert (pounds * 1000).denominator == 1, factor.region


def test_the_revision_is_newer_than_the_release_in_the_hub_so_that_it_is_preferred(share):
    (dataset,) = share.datasets

    assert dataset.published_on > EDITION_2025.dataset.published_on
    assert EDITION_2025.grid_year == dataset.year == 2023


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"MegawattHour"', '"KilowattHour"', "unknown kind or unit"),
        ("Scope2", "Scope3", "unknown kind or unit"),
        ("MethaneFossil", "MethaneBiogenic", "unknown gases"),
        ("(AKGD)", "(AKXX)", "unknown eGRID subregion 'AKXX'"),
        ("Purchased electricity — ASCC Alaska Grid (AKGD)", "Generated electricity", "unknown activity"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(change, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_us_egrid(change(PATH, old, new))
