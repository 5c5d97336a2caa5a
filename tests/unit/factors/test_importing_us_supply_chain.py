"""US supply chain factors: three files, spot values, what tells the two printed factors apart, and the sum of gases."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.gwp import gwp_set
from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.us_epa_supply_chain import V_1_2, V_1_3, V_1_3_BY_GAS, import_us_epa_supply_chain
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses

V12, V13, BY_GAS = (version.dataset.id for version in (V_1_2, V_1_3, V_1_3_BY_GAS))


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_us_epa_supply_chain(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def by_place(share) -> dict[tuple[str, str, str | None], Factor]:
    return {(factor.dataset, factor.activity_type.removeprefix("spend.naics."), factor.technology): factor for factor in share.factors}


def test_every_row_of_the_three_files_is_loaded(share):
    rows = {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in share.datasets}

    # wc -l gives 1,016 for v1.2 (no line end at its end), 1,017 and 18,289 with the headers
    assert rows == {V12: (1016, 0), V13: (1016, 0), BY_GAS: (18288, 0)}
    assert Counter(factor.dataset for factor in share.factors) == {V12: 2032, V13: 2032, BY_GAS: 2032}
    assert len({activity.id for activity in share.activity_types}) == len(share.activity_types) == 1016


@pytest.mark.parametrize(
    ("dataset", "code", "technology", "printed"),
    [
        (V12, "562212", None, "10.989"),  # landfills, before they were merged with other waste treatment
        (V13, "562212", None, "0.988"),
        (V12, "327310", None, "3.858"),  # cement
        (V12, "327310", "without margins", "3.768"),
        (V13, "327310", None, "3.924"),
        (V13, "327310", "without margins", "3.846"),
        (V13, "111110", None, "0.532"),  # soybeans
        (V13, "541511", None, "0.084"),  # custom programming: no margins, so both are the same
        (V13, "541511", "without margins", "0.084"),
        (V13, "336411", "without margins", "0.131"),  # aircraft
    ],
)
def test_co2e_per_dollar_is_the_printed_one(by_place, dataset, code, technology, printed):
    factor = by_place[dataset, code, technology]

    assert masses(factor) == {"CO2e": Fraction(printed)}
    assert (factor.unit, factor.region, factor.stage) == ("USD", "US", "life_cycle")
    assert factor.is_default == (technology is None)


def test_the_price_year_is_that_of_the_unit_column_and_both_factors_are_per_dollar_of_the_purchaser(share):
    years = {V12: 2021, V13: 2022, BY_GAS: 2022}

    assert all((f.price_year, f.data_year, f.price_basis) == (years[f.dataset], years[f.dataset], "purchaser") for f in share.factors)
    assert all(f"{f.price_year} USD, purchaser price" in f.unit_printed for f in share.factors)


def test_v1_3_is_on_ar5_as_its_gases_show_and_v1_2_names_no_set(by_place):
    assert by_place[V13, "327310", None].gases[0].gwp_basis == "AR5"
    assert by_place[V12, "327310", None].gases[0].gwp_basis == "unstated"


def test_cement_by_gas_holds_the_mass_of_each_gas(by_place):
    cement = by_place[BY_GAS, "327310", None]

    assert len(cement.gases) == 18
    found = masses(cement)
    assert found["CO2"] == Fraction("3.86")  # 3.86e+00
    assert found["CH4_fossil"] == Fraction("0.00198")
    assert found["N2O"] == Fraction("0.0000355")
    assert found["SF6"] == Fraction("0.0000000269")
    assert found["c-C4F8"] == Fraction("0.00000000185")  # perfluorocyclobutane
    assert found["C4F10"] == Fraction("0.000000000594")  # perfluorobutane
    assert masses(by_place[BY_GAS, "327310", "without margins"])["CO2"] == Fraction("3.79")


def test_unnamed_fluorinated_gases_stay_co2e_on_ar5(by_place):
    (unnamed,) = [part for part in by_place[BY_GAS, "327310", None].gases if part.gas == "CO2e"]

    assert (unnamed.kg_per_unit, unnamed.gwp_basis) == (Fraction("0.00135"), "AR5")
    assert unnamed.printed_unit == "kg CO2e/2022 USD, purchaser price"


def test_the_gases_add_up_to_the_co2e_file_within_rounding(by_place):
    """With 28 for all methane, as EPA counts it; each gas has three significant digits, the CO2e file three decimals."""
    ar5 = gwp_set("AR5").values
    for (dataset, code, technology), factor in by_place.items():
        if dataset != BY_GAS:
            continue
        total, slack = Fraction(0), Fraction("0.0005")
        for part in factor.gases:
            gwp = {"CO2e": 1, "CH4_fossil": 28}.get(part.gas, ar5.get(part.gas))
            total += part.kg_per_unit * gwp
            slack += part.kg_per_unit * gwp / 200  # half of the third significant digit is at most 0.5 %
        published = by_place[V13, code, technology]
        assert abs(total - masses(published)["CO2e"]) <= slack, (code, technology)


def test_methane_booked_as_fossil_lifts_the_ar5_figure_above_epas_by_its_gwp_of_30(by_place):
    """Landfills: 0.988 in CO2e with 28 for methane; 2.55e-02 kg at 2 more each are 0.051."""
    landfill, ar5 = by_place[BY_GAS, "562212", None], gwp_set("AR5").values
    total = sum(part.kg_per_unit * ar5.get(part.gas, 1) for part in landfill.gases)

    assert abs(total - Fraction("0.988") - 2 * masses(landfill)["CH4_fossil"]) < Fraction("0.002")
    assert any("EPA's own CO2e counts it at 28" in note for note in landfill.notes)


def test_rows_whose_columns_do_not_add_up_are_flagged_and_are_off_by_a_thousandth(share):
    flagged = [f for f in share.factors if f.technology is None and any("do not add up" in note for note in f.notes)]

    assert Counter(f.dataset for f in flagged) == {V12: 119, V13: 110}
    wheat = next(f for f in flagged if f.activity_type == "spend.naics.111140" and f.dataset == V13)
    assert "The printed columns do not add up: 0.809 + 0.04 = 0.849, printed is 0.848." in wheat.notes


def test_a_merger_of_sectors_between_versions_is_noted(by_place):
    assert any("v1.2 prints 10.989" in note for note in by_place[V13, "562212", None].notes)


def test_one_factor_answers_and_every_other_is_told_apart_within_a_data_set(share):
    asked = [(f.dataset, f.activity_type, f.region, f.data_year, unit(f.unit).dimension) for f in share.factors]
    apart = Counter((question, f.stage, f.purpose, f.technology) for question, f in zip(asked, share.factors, strict=True))
    defaults = Counter(question for question, f in zip(asked, share.factors, strict=True) if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    assert {f.technology for f in share.factors if f.is_default} == {None}
    assert {f.technology for f in share.factors if not f.is_default} == {"without margins"}


def test_no_figure_is_negative(share):
    assert all(part.kg_per_unit >= 0 for f in share.factors for part in f.gases)


def test_commodities_have_their_titles_in_english_and_chinese(share):
    names = {activity.id: (activity.name_en, activity.name_zh) for activity in share.activity_types}

    assert names["spend.naics.327310"] == ("Cement Manufacturing", "水泥制造")
    assert names["spend.naics.722511"] == ("Full-Service Restaurants", "全服务餐厅")
    assert len({name_zh for _, name_zh in names.values()}) == 1016
    assert all(any("\u4e00" <= character <= "\u9fff" for character in name_zh) for _, name_zh in names.values())


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (V_1_2.path, "kg CO2e/2021 USD, purchaser price", "kg CO2e/2021 USD, producer price", "unknown gas or unit"),
        (V_1_3.path, "kg CO2e/2022 USD", "kg CO2e/2023 USD", "unknown gas or unit"),
        (V_1_3.path, "All GHGs", "CO2", "unknown gas or unit 'CO2'"),
        (V_1_3.path, "\n111110,", "\n999999,", "unknown NAICS code '999999'"),
        (V_1_3.path, '"Soybean Farming"', '"Sunflower Farming"', "NAICS 111110 is"),
        (V_1_3_BY_GAS.path, '"Methane"', '"Ozone"', "unknown gas 'Ozone'"),
        (V_1_3_BY_GAS.path, '"Methane","kg/2022 USD', '"Methane","g/2022 USD', "unknown unit"),
        (V_1_3_BY_GAS.path, '"Methane"', '"Nitrous oxide"', "each of the 18 gases once"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(change, path, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_us_epa_supply_chain(change(path, old, new))


def test_scientific_notation_is_read_exactly():
    assert printed_number("4.57e-09") == Fraction(457, 10**11)
