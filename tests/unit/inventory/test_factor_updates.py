"""What is proposed when the catalogue answers otherwise than combinations are bound, what is left out, and what is overtaken."""

from uuid import UUID

import pytest

from contracts.events import GasOfFactor
from contracts.factor_questions import FactorSnapshot, PropertySnapshot, Resolution
from services.inventory.domain.bindings import Combination
from services.inventory.domain.factor_updates import Change, Choice, Occasion, change_of, reconcile

DIESEL = Combination("fuel.diesel", "GB", 2025, "L", "none")
UK_2025, UK_2026 = "uk-desnz-2025", "uk-desnz-2026"


def source(row: str) -> dict[str, str]:
    return {"row": row, "sha256": "0" * 64, "licence": "OGL", "document": "flat file", "printed_value": "1", "printed_unit": "kg"}


def answer(factor: str, dataset: str = UK_2025, unit: str = "L", density: str | None = None) -> Resolution:
    """A resolved answer; with a density, in kg per litre, it leads from litres to the factor's kilograms."""
    gas = GasOfFactor(gas="CO2", kg_per_unit="2.5", gwp_basis=None, dataset=dataset, derivation="", **source("1"))
    properties = []
    if density is not None:
        about = {"id": "d", "name": "density", "value": density, "unit": "kg/L", "region": "GB", "data_year": 2025, "note": ""}
        properties = [PropertySnapshot(dataset=dataset, **about, **source("2"))]
    snapshot = FactorSnapshot(
        id=factor, dataset=dataset, activity_type="fuel.diesel", region="GB", data_year=2025, stage="direct", purpose=None, unit=unit,
        gases=[gas], biogenic_co2=None, gas_coverage="CO2", notes=[], name_en="Diesel", licence="OGL", publisher="DESNZ", source_row="1",
        value_printed="2.5", unit_printed="kg", properties=properties,
    )  # fmt: skip
    return Resolution(outcome="resolved", detail="", factor=snapshot, candidates=[])


NO_FACTOR = Resolution(outcome="no_factor", detail="There is none.", factor=None, candidates=[])


def change(binding: int, before: str = "old", after: str | None = "new", *, to: str = UK_2026, frm: str = UK_2025) -> Change:
    return Change(UUID(int=binding), Choice(before, frm, "1"), None if after is None else Choice(after, to, "1"))


def test_the_same_factor_by_the_same_way_is_no_change() -> None:
    assert change_of(UUID(int=1), DIESEL, answer("old"), answer("old")) is None
    assert change_of(UUID(int=1), DIESEL, answer("old", unit="kg", density="0.84"), answer("old", unit="kg", density="0.840")) is None


def test_another_factor_is_a_change() -> None:
    found = change_of(UUID(int=1), DIESEL, answer("old"), answer("new", UK_2026))

    assert found == Change(UUID(int=1), Choice("old", UK_2025, "1"), Choice("new", UK_2026, "1"))


def test_another_density_on_the_way_to_the_same_factor_is_a_change() -> None:
    found = change_of(UUID(int=1), DIESEL, answer("old", unit="kg", density="0.84"), answer("old", unit="kg", density="0.83"))

    assert found is not None
    assert (found.before.ratio, found.after and found.after.ratio) == ("0.84", "0.83")
    assert found.occasion == Occasion("other_conversion", UK_2025, UK_2025)


def test_no_factor_any_more_is_a_change_to_nothing() -> None:
    found = change_of(UUID(int=1), DIESEL, answer("old"), NO_FACTOR)

    assert found == Change(UUID(int=1), Choice("old", UK_2025, "1"), None)


@pytest.mark.parametrize(
    ("one", "occasion"),
    [
        (change(1), Occasion("other_data_set", UK_2025, UK_2026)),
        (change(1, to=UK_2025), Occasion("revised_data_set", UK_2025, UK_2025)),
        (change(1, to="own"), Occasion("own_factor", UK_2025, "own", "new")),
        (change(1, after=None), Occasion("no_factor", UK_2025, None)),
    ],
    ids=["another data set", "a correction", "an own factor", "nothing"],
)
def test_what_a_change_is_decided_together_with(one: Change, occasion: Occasion) -> None:
    assert one.occasion == occasion


def test_an_edition_is_one_proposal_so_is_a_revision_and_each_own_factor() -> None:
    petrol, diesel = change(2, "petrol", "petrol-2026"), change(1)
    gas, coal = (change(binding, "old", f"revised-{binding}", to=UK_2025) for binding in (3, 4))
    own, other_own = (change(binding, "old", f"own-{binding}", to="own") for binding in (5, 6))

    steps = reconcile([petrol, coal, own, diesel, gas, other_own], {}, ())

    assert [(proposal.occasion.kind, proposal.changes) for proposal in steps.new] == [
        ("other_data_set", (diesel, petrol)),
        ("own_factor", (own,)),
        ("own_factor", (other_own,)),
        ("revised_data_set", (gas, coal)),
    ]
    assert steps.overtaken == ()


def test_what_is_open_already_is_not_proposed_again() -> None:
    steps = reconcile([change(1), change(2)], {UUID(int=9): frozenset([change(2), change(1)])}, ())

    assert (steps.new, steps.overtaken) == ((), ())


def test_an_open_update_that_says_something_else_now_is_overtaken_by_the_one_that_takes_its_bindings() -> None:
    steps = reconcile([change(1, after="newest")], {UUID(int=9): frozenset([change(1)])}, ())

    assert [(proposal.changes, proposal.overtakes) for proposal in steps.new] == [((change(1, after="newest"),), (UUID(int=9),))]
    assert steps.overtaken == (UUID(int=9),)


def test_an_open_update_is_overtaken_by_nothing_where_the_catalogue_went_back() -> None:
    steps = reconcile([], {UUID(int=9): frozenset([change(1)])}, ())

    assert (steps.new, steps.overtaken) == ((), (UUID(int=9),))


def test_a_declined_pair_is_left_out_for_every_combination_and_a_newer_factor_is_not() -> None:
    declined = [change(1).pair]

    assert reconcile([change(1), change(2)], {}, declined).new == ()
    assert [proposal.changes for proposal in reconcile([change(1, after="newer")], {}, declined).new] == [(change(1, after="newer"),)]


def test_declining_that_a_factor_goes_is_not_declining_its_successor() -> None:
    gone = change(1, after=None)

    assert reconcile([gone], {}, [gone.pair]).new == ()
    assert len(reconcile([change(1)], {}, [gone.pair]).new) == 1


def test_declining_one_density_is_not_declining_the_next() -> None:
    first, second = (Change(UUID(int=1), Choice("old", UK_2025, "0.84"), Choice("old", UK_2025, ratio)) for ratio in ("0.83", "0.82"))

    assert reconcile([first], {}, [first.pair]).new == ()
    assert [proposal.changes for proposal in reconcile([second], {}, [first.pair]).new] == [(second,)]


def test_the_order_in_which_changes_are_found_does_not_matter() -> None:
    found = [change(3), change(1, to=UK_2025), change(2), change(4, after=None)]

    assert reconcile(found, {}, ()) == reconcile(reversed(found), {}, ())
