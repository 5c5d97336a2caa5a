"""China's footprint factors, both fuel tables, and the official documents as evidence for what was transcribed."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.cn_mee import ELECTRICITY, FUELS, OLDER, import_cn_mee
from services.factors.catalogue.importers.cn_mee_footprint import FOOTPRINT, import_cn_mee_footprint
from services.factors.catalogue.importers.ipcc import IpccTables
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses

# Read from the official documents, pages 3 and 4 of notice 2025 No. 47 (31 December 2025) and page 3 of the announcement of October 2025
NOTICE_2025_47 = """全国 0.5306 华北 0.6361 东北 0.5122 华东 0.5500 华中 0.5271 西北 0.5543 南方 0.4042 西南 0.2472
北京 0.5554 天津 0.6796 河北 0.6516 山西 0.6634 内蒙古 0.6479 辽宁 0.4878 吉林 0.4671 黑龙江 0.5229 上海 0.5737 江苏 0.5827
浙江 0.4974 安徽 0.6553 福建 0.4211 江西 0.5836 山东 0.6191 河南 0.5897 湖北 0.4044 湖南 0.4976 广东 0.4419 广西 0.4476
海南 0.3648 重庆 0.5581 四川 0.1564 贵州 0.5683 云南 0.1333 陕西 0.6335 甘肃 0.4471 青海 0.1796 宁夏 0.6187 新疆 0.6021"""
FOOTPRINT_2024 = {
    "average": "0.5777",
    "coal": "0.9240",
    "gas": "0.4503",
    "hydro": "0.0141",
    "nuclear": "0.0065",
    "wind": "0.0324",
    "solar PV": "0.0520",
    "solar thermal": "0.0312",
    "biomass": "0.0404",
    "T&D excl. line loss": "0.0046",
    "T&D incl. line loss": "0.0327",
}


@pytest.fixture(scope="module")
def china() -> Contribution:
    sources = SourceFolder(SOURCES)
    return import_cn_mee(sources, IpccTables(sources))


@pytest.fixture(scope="module")
def footprint() -> Contribution:
    return import_cn_mee_footprint(SourceFolder(SOURCES))


def one(share: Contribution, **attributes: object) -> Factor:
    (found,) = [factor for factor in share.factors if all(getattr(factor, name) == value for name, value in attributes.items())]
    return found


def test_the_table_of_2023_is_the_one_of_the_official_document():
    printed = NOTICE_2025_47.split()
    rows = [row.cells for row in SourceFolder(SOURCES).csv_rows(ELECTRICITY) if row.cells["data_year"] == "2023"]

    assert {row["region_zh"]: row["value"] for row in rows if row["kind"] == "average"} == dict(
        zip(printed[::2], printed[1::2], strict=True)
    )
    assert {row["kind"]: row["value"] for row in rows if row["kind"] != "average"} == {  # tables 4 and 5
        "excluding market-traded non-fossil electricity": "0.6096",
        "fossil-fuel electricity only": "0.8273",
    }


def test_the_footprint_of_2024_is_the_one_of_the_official_document():
    rows = [row.cells for row in SourceFolder(SOURCES).csv_rows(FOOTPRINT) if row.cells["data_year"] == "2024"]

    assert {row["generation_type"]: row["value"] for row in rows} == FOOTPRINT_2024


def test_every_row_and_every_page_is_accounted_for(china, footprint):
    accounts = {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in (*china.datasets, *footprint.datasets)}

    assert accounts == {
        **{f"cn-mee-electricity-{year}": (40, 0) for year in (2021, 2022, 2023)},
        "cn-mee-fuels": (27, 0),
        "cn-fuels-older": (10, 0),
        "cn-ets-electricity-2021": (1, 0),
        "cn-ets-electricity-2022": (1, 0),
        "cn-heat-default": (1, 0),
        "cn-mee-footprint-2023": (10, 0),
        "cn-mee-footprint-2024": (11, 0),
        "cn-mee-electricity-2023-document": (0, 2),
        "cn-mee-footprint-2024-document": (0, 1),
    }


def test_the_footprint_is_life_cycle_and_never_the_answer_for_scope_2(footprint):
    grid = [factor for factor in footprint.factors if factor.activity_type == "electricity.grid"]

    assert not any(factor.is_default or factor.stage == "direct" for factor in grid)
    average = one(footprint, activity_type="electricity.grid", data_year=2024, stage="life_cycle")
    assert (masses(average), average.purpose) == ({"CO2e": Fraction("0.5777")}, "life_cycle")
    assert masses(one(footprint, activity_type="electricity.grid", data_year=2023, stage="life_cycle")) == {"CO2e": Fraction("0.6205")}


def test_each_kind_of_generation_has_its_life_cycle(footprint):
    by_kind = {f.activity_type: masses(f)["CO2e"] for f in footprint.factors if f.data_year == 2023 and f.is_default}

    assert by_kind == {
        "electricity.biomass": Fraction("0.0457"),
        "electricity.coal": Fraction("0.9440"),
        "electricity.gas": Fraction("0.4792"),
        "electricity.hydro": Fraction("0.0143"),
        "electricity.nuclear": Fraction("0.0065"),
        "electricity.solar_pv": Fraction("0.0545"),
        "electricity.solar_thermal": Fraction("0.0313"),
        "electricity.wind": Fraction("0.0336"),
    }
    assert {f.stage for f in footprint.factors if f.is_default} == {"life_cycle"}


def test_line_losses_are_apart_and_2023_has_no_row_that_includes_them(footprint):
    losses = {(f.data_year, f.technology): masses(f)["CO2e"] for f in footprint.factors if f.stage == "transmission_losses"}

    assert losses == {
        (2023, "life cycle of the grid, without line losses"): Fraction("0.0036"),
        (2024, "life cycle of the grid, without line losses"): Fraction("0.0046"),
        (2024, "life cycle of the grid, with line losses"): Fraction("0.0327"),
    }


def test_the_older_fuel_table_answers_only_when_it_is_named(china):
    older = [factor for factor in china.factors if factor.dataset == "cn-fuels-older"]

    # raw coal stands in no other table
    assert {factor.activity_type for factor in older if factor.is_default} == {"fuel.coal_raw"}
    assert {factor.technology for factor in older if not factor.is_default} == {OLDER}
    defaults = Counter((f.activity_type, f.region, f.data_year, f.unit) for f in china.factors if f.is_default)
    assert max(defaults.values()) == 1


def test_diesel_of_the_older_table_differs_from_the_newer_one(china):
    older = one(china, activity_type="fuel.diesel", dataset="cn-fuels-older")

    # 42.652 GJ/t × 0.0202 tC/GJ × 0.98 × 44/12 × 1000 kg/t = 3095.910 kg/t; newer: 3145.122 kg/t
    assert masses(older)["CO2"] == Fraction("42.652") * Fraction("0.0202") * Fraction("0.98") * Fraction(44, 12) * 1000
    assert masses(older)["CH4_fossil"] == Fraction(3) * Fraction("42.652") / 1000  # IPCC, manufacturing & construction, 3 kg/TJ


def test_raw_coal_borrows_methane_of_bituminous_coal(china):
    raw = one(china, activity_type="fuel.coal_raw")

    # 20.908 GJ/t × 0.02637 tC/GJ × 0.94 × 44/12 × 1000; 10 kg CH4 and 1.5 kg N2O per TJ
    assert masses(raw) == {
        "CO2": Fraction("20.908") * Fraction("0.02637") * Fraction("0.94") * Fraction(44, 12) * 1000,
        "CH4_fossil": 10 * Fraction("0.020908"),
        "N2O": Fraction("1.5") * Fraction("0.020908"),
    }
    (ncv,) = [used for used in china.properties if used.id in raw.properties]
    assert (ratio_text(ncv.value), ncv.unit) == ("20.908", "GJ_net/t")


def test_products_that_the_older_table_prints_are_those_recomputed_here(china):
    for factor in china.factors:
        if factor.dataset == "cn-fuels-older" and factor.unit == "t":
            assert abs(masses(factor)["CO2"] / 1000 - Fraction(factor.value_printed)) <= Fraction("0.0000005"), factor.key


def test_one_calorific_value_serves_each_chinese_fuel(china):
    serving = Counter((activity, used.unit) for used in china.properties for activity in used.activity_types)

    assert max(serving.values()) == 1
    assert len(china.properties) == 27 + 1  # the newer table, and raw coal


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (FOOTPRINT, "kgCO2e/kWh", "gCO2e/kWh", "unknown unit, boundary or region 'gCO2e/kWh'"),
        (FOOTPRINT, "solar PV", "tidal", "unknown generation type 'tidal'"),
        (FOOTPRINT, "NOT for scope 2", "for scope 2", "unknown unit, boundary"),
    ],
)
def test_a_footprint_row_that_cannot_be_mapped_is_refused(change, path, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_cn_mee_footprint(change(path, old, new))


def test_an_unknown_fuel_table_is_refused(change):
    sources = change(FUELS, "(older)", "(oldest)")

    with pytest.raises(UnmappedRow, match="unknown table"):
        import_cn_mee(sources, IpccTables(sources))


def test_an_edition_that_is_an_address_is_known_by_its_year(china):
    editions = {dataset.id: (dataset.edition, dataset.url) for dataset in china.datasets}

    assert editions["cn-ets-electricity-2022"] == (
        "2022",
        "https://www.mee.gov.cn/xxgk2018/xxgk/xxgk06/202302/t20230207_1015569.html",
    )
    assert editions["cn-ets-electricity-2021"] == ("MEE ETS working notices", None)


def test_a_fuel_whose_printed_product_is_not_that_of_its_figures_is_refused(change):
    sources = change(FUELS, "2.322768", "2.322868")  # anthracite: 24.515 × 0.02749 × 0.94 × 44/12 = 2.322768

    with pytest.raises(UnmappedRow, match="not the product of its own figures"):
        import_cn_mee(sources, IpccTables(sources))
