"""The files of GWPs make no factor, but each of their rows is held against the accounting and the blends."""

from collections import Counter

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers import gwp_checks
from services.factors.catalogue.importers.gwp_checks import import_gwp_checks
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES


@pytest.fixture(scope="module")
def checks() -> Contribution:
    return import_gwp_checks(SourceFolder(SOURCES))


def reasons(checks: Contribution, dataset: str) -> dict[str, str]:
    return {row.row: row.reason for row in checks.excluded_rows if row.dataset == dataset}


def test_every_row_is_accounted_for_and_none_is_a_factor(checks):
    # Rows as counted without the importer: 105 species after ten lines of comment and the header, 249, 14, 14, 126
    assert {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in checks.datasets} == {
        "gwp-openclimatedata": (0, 105),
        "gwp-ar6-metrics": (0, 249),
        "gwp-ar5-methane-by-origin": (0, 14),
        "gwp-ar6-methane-by-origin": (0, 14),
        "gwp-blends": (0, 126),
    }
    assert not checks.factors


@pytest.mark.parametrize("dataset", ["gwp-openclimatedata", "gwp-ar6-metrics"])
def test_only_unsplit_methane_and_an_early_sf6_differ_from_the_accounting(checks, dataset):
    counted = Counter(reasons(checks, dataset).values())

    assert counted[gwp_checks.UNSPLIT_METHANE] == counted[gwp_checks.EARLY_SF6] == 1
    assert counted.keys() == {gwp_checks.SAME, gwp_checks.UNKNOWN_GAS, gwp_checks.UNSPLIT_METHANE, gwp_checks.EARLY_SF6}


def test_the_files_with_methane_by_origin_agree_wholly(checks):
    for report in ("ar5", "ar6"):
        assert set(reasons(checks, f"gwp-{report}-methane-by-origin").values()) == {gwp_checks.SAME}


def test_two_blends_were_computed_with_another_gas_than_they_hold(checks):
    misread = [row.text.split(" | ")[0] for row in checks.excluded_rows if row.reason == gwp_checks.MISREAD_BLEND]

    assert misread == ["R-405A", "R-500"]


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (gwp_checks.OPENCLIMATEDATA, "\nN2O,310,296,298,265,", "\nN2O,310,296,298,256,", "AR5 N2O is 256, the accounting has 265"),
        (gwp_checks.OPENCLIMATEDATA, "\nN2O,310,296,298,265,", "\nN2O,310,296,298,,", "AR5 N2O is blank"),
        (gwp_checks.AR6_METRICS, "2.45e-11,273.0", "2.45e-11,274.0", "AR6 N2O is 274"),
        (gwp_checks.SPLIT_METHANE["AR5"], '"gwp": 30,', '"gwp": 28,', "AR5 CH4_fossil is 28, the accounting has 30"),
        (gwp_checks.COMPUTED_BLENDS, "R-400,10450.0000", "R-400,10400.0000", "R-400 is not what its composition gives"),
    ],
)
def test_a_value_that_is_not_the_accountings_is_refused(change, path, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_gwp_checks(change(path, old, new))
