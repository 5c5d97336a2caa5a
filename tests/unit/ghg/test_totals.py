import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from ghg.calculation import GasAmount
from ghg.errors import UnknownGwpSet
from ghg.totals import Cell, CellGroup, GasFigures, GroupKey, Incomplete, KeyValue, Totals, roll_up, roll_up_groups

YEAR = {"start": date(2021, 1, 1), "end": date(2022, 1, 1)}
KEYS: tuple[GroupKey, ...] = ("scope", "category", "site", "entity", "gas", "month", "activity_type", "factor")


def amount(gas: str, mg: int | None, ar6: int | None = None, basis: str | None = None) -> GasAmount:
    return GasAmount(gas, mg, {"AR4": None, "AR5": ar6, "AR6": ar6 if ar6 is not None else mg}, basis)


FUEL = Cell(
    id="1", entity="CN01", site="shenzhen", scope=1, category="stationary_combustion", activity_type="fuel.diesel", factor="f1",
    state="calculated", segment_start=date(2021, 3, 1), segment_end=date(2021, 4, 1), method="none", quantity_nano=10**9,
    gases=(amount("CO2", 1001), amount("CH4_fossil", 11, 328)), biogenic_co2_mg=77, records=3,
)  # fmt: skip
POWER = replace(
    FUEL, id="2", entity="CN02", site="dongguan", scope=2, category="electricity", activity_type="electricity.grid", factor="f2",
    method="location_based", gases=(amount("CO2", 5003),), biogenic_co2_mg=0, records=2, segment_start=date(2021, 4, 1),
    segment_end=date(2021, 5, 1),
)  # fmt: skip
CERTIFIED = replace(POWER, id="3", method="market_based", gases=(amount("CO2", 7),), factor="f3", records=1)
PUBLISHED = replace(FUEL, id="4", gases=(amount("CO2e", None, 900, "AR5"),), factor="f4", biogenic_co2_mg=0, records=1)
CELLS = (FUEL, POWER, CERTIFIED, PUBLISHED)


def whole(cell: Cell) -> Fraction:
    return Fraction(1)


def totals(
    *cells: Cell, group_by: tuple[GroupKey, ...] = (), gwp_set: str = "AR6", method: str = "location_based", share: object = whole
) -> Totals:
    return roll_up(cells, share, gwp_set=gwp_set, group_by=group_by, method=method, **YEAR)  # type: ignore[arg-type]


def test_the_total_is_the_sum_of_all_cells() -> None:
    total = totals(*CELLS).total

    assert total.co2e_mg == 1001 + 328 + 5003 + 900
    assert total.biogenic_co2_mg == 77
    assert total.records == 6
    assert [(gas.gas, gas.mass_mg, gas.co2e_mg) for gas in total.gases] == [
        ("CH4_fossil", 11, 328),
        ("CO2", 6004, 6004),
        ("CO2e", None, 900),
    ]


def test_an_unknown_gwp_set_is_refused_even_where_there_is_nothing_to_add() -> None:
    with pytest.raises(UnknownGwpSet):
        totals(gwp_set="AR7")
    with pytest.raises(UnknownGwpSet):
        roll_up_groups([], lambda group: Fraction(1), gwp_set="AR7")


def test_either_method_includes_what_has_none() -> None:
    assert totals(*CELLS, method="market_based").total.co2e_mg == 1001 + 328 + 7 + 900


@pytest.mark.parametrize("group_by", [subset for size in range(9) for subset in itertools.combinations(KEYS, size)], ids="+".join)
def test_every_way_of_grouping_adds_up_to_the_same_total(group_by: tuple[GroupKey, ...]) -> None:
    thirds = {"CN01": Fraction(1, 3), "CN02": Fraction(2, 3)}
    result = totals(*CELLS, group_by=group_by, share=lambda cell: thirds[cell.entity])

    assert sum(group.co2e_mg for group in result.groups) == result.total.co2e_mg
    assert sum(group.biogenic_co2_mg for group in result.groups) == result.total.biogenic_co2_mg
    assert sum(gas.mass_mg or 0 for group in result.groups for gas in group.gases) == 334 + 4 + 3335
    if "gas" not in group_by:
        assert sum(group.records or 0 for group in result.groups) == result.total.records
    assert result.total.co2e_mg == 334 + 109 + 3335 + 300  # thirds of 1001, 328, 900 and two thirds of 5003, each half-even


def test_groups_come_with_their_keys_in_order() -> None:
    result = totals(*CELLS, group_by=("month", "scope"))

    assert [(group.key, group.co2e_mg) for group in result.groups] == [
        ({"month": "2021-03", "scope": 1}, 2229),
        ({"month": "2021-04", "scope": 2}, 5003),
    ]


def test_grouped_by_gas_records_have_no_number_and_biogenic_carbon_stands_with_co2() -> None:
    groups = {group.key["gas"]: group for group in totals(*CELLS, group_by=("gas",)).groups}

    assert {gas: group.co2e_mg for gas, group in groups.items()} == {"CH4_fossil": 328, "CO2": 6004, "CO2e": 900}
    assert {group.records for group in groups.values()} == {None}
    assert groups["CO2"].biogenic_co2_mg == 77


def test_biogenic_carbon_without_fossil_carbon_has_a_row_of_its_own() -> None:
    wood = replace(FUEL, gases=(amount("CH4_biogenic", 2, 54),))

    assert {group.key["gas"]: (group.co2e_mg, group.biogenic_co2_mg) for group in totals(wood, group_by=("gas",)).groups} == {
        "CH4_biogenic": (54, 0),
        "CO2": (0, 77),
    }


def test_each_figure_of_a_cell_is_rounded_once_by_its_share() -> None:
    half = totals(FUEL, share=lambda _: Fraction(1, 2)).total

    assert [(gas.mass_mg, gas.co2e_mg) for gas in half.gases] == [(6, 164), (500, 500)]  # 5.5 -> 6, 328/2, 500.5 -> 500
    assert half.biogenic_co2_mg == 38  # 38.5 -> 38


def test_a_cell_of_which_the_group_has_nothing_is_outside_with_its_records() -> None:
    waiting = replace(FUEL, id="5", state="awaiting_factor", factor=None, gases=(), records=9)
    result = totals(FUEL, waiting, share=lambda _: Fraction(0))

    assert (result.groups, result.total.records, result.incomplete) == ((), 0, Incomplete())


def test_records_without_a_figure_are_counted_apart() -> None:
    lacking = [
        replace(FUEL, id=state, state=state, factor=None, gases=(), biogenic_co2_mg=0, site=None, entity=None, records=records)
        for state, records in (("awaiting_factor", 4), ("no_factor", 5), ("quarantined", 6))
    ]
    result = totals(FUEL, *lacking, group_by=("site",))

    assert result.incomplete == Incomplete(awaiting_factor=4, no_factor=5, quarantined=6)
    assert [group.key for group in result.groups] == [{"site": "shenzhen"}]
    assert result.total.records == 3


def test_only_segments_within_the_inventory_count() -> None:
    before = replace(FUEL, id="5", segment_start=date(2020, 12, 1), segment_end=date(2021, 1, 1))
    after = replace(FUEL, id="6", segment_start=date(2022, 1, 1), segment_end=date(2022, 2, 1))
    last = replace(FUEL, id="7", segment_start=date(2021, 12, 1), segment_end=date(2022, 1, 1))

    assert totals(before, last, after).total.records == 3


def test_a_gas_without_a_potential_in_the_set_keeps_its_mass_and_is_named() -> None:
    total = totals(FUEL, gwp_set="AR4").total

    assert total.gases_without_gwp == ("CH4_fossil", "CO2")
    assert total.co2e_mg == 0
    assert [gas.mass_mg for gas in total.gases] == [11, 1001]


def test_co2e_on_another_basis_is_shown_apart() -> None:
    other = replace(PUBLISHED, id="8", gases=(amount("CO2e", None, 50, "AR4"),))

    assert totals(PUBLISHED, other).total.co2e_on_other_basis == {"AR4": 50, "AR5": 900}
    assert totals(PUBLISHED, gwp_set="AR5").total.co2e_on_other_basis == {}


VALUES = {"month": lambda cell: f"{cell.segment_start:%Y-%m}"}


def in_groups(cells: tuple[Cell, ...], group_by: tuple[GroupKey, ...], gwp_set: str) -> list[CellGroup]:
    """As a database groups them."""
    groups: dict[tuple[KeyValue, ...], list[Cell]] = defaultdict(list)
    for cell in cells:
        key = tuple(VALUES.get(name, lambda cell, name=name: getattr(cell, name))(cell) for name in group_by if name != "gas")
        groups[key, cell.entity, cell.segment_start, cell.state].append(cell)
    return [
        CellGroup(
            key,
            entity,
            segment_start,
            state,
            [
                GasFigures(
                    gas,
                    basis,
                    [one.mass_mg for cell in members for one in cell.gases if (one.gas, one.gwp_basis) == (gas, basis)],
                    [one.co2e_mg[gwp_set] for cell in members for one in cell.gases if (one.gas, one.gwp_basis) == (gas, basis)],
                )
                for gas, basis in sorted({(one.gas, one.gwp_basis) for cell in members for one in cell.gases}, key=str)
            ],
            [cell.biogenic_co2_mg for cell in members if cell.biogenic_co2_mg],
            sum(cell.records for cell in members),
        )
        for (key, entity, segment_start, state), members in groups.items()
    ]


@pytest.mark.parametrize("gwp_set", ["AR4", "AR6"])
@pytest.mark.parametrize("group_by", [(), ("entity",), ("gas",), ("scope", "gas", "month"), KEYS], ids="+".join)
def test_cells_in_groups_add_up_to_the_same_totals_to_the_milligram(group_by: tuple[GroupKey, ...], gwp_set: str) -> None:
    waiting = replace(FUEL, id="5", state="awaiting_factor", factor=None, gases=(), biogenic_co2_mg=0, records=9)
    outside = replace(FUEL, id="6", entity="CN03")
    half = replace(FUEL, id="7", factor="f7", gases=(amount("CO2", 1), amount("N2O", None, 3)), biogenic_co2_mg=5)
    cells = (FUEL, POWER, PUBLISHED, waiting, outside, half, replace(half, id="8", factor="f8"), replace(half, id="9", site="other"))
    shares = {"CN01": Fraction(1, 2), "CN02": Fraction(1), "CN03": Fraction(0)}

    one_by_one = totals(*cells, group_by=group_by, gwp_set=gwp_set, share=lambda cell: shares[cell.entity])
    groups = in_groups(cells, group_by, gwp_set)

    assert roll_up_groups(groups, lambda group: shares[group.entity], gwp_set=gwp_set, group_by=group_by) == one_by_one
