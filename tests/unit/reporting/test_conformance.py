from dataclasses import replace

from services.reporting.documents.conformance import conformance
from services.reporting.documents.labels import labels_in
from tests.unit.reporting.sample_content import sample_content

ENGLISH = labels_in("en")


def states(content):
    return {line.item: line.state for line in conformance(content, ENGLISH)}


def test_the_twenty_items_come_in_order_and_the_claim_is_withheld_while_one_is_open():
    found = states(sample_content())

    assert list(found) == list("abcdefghijklmnopqrst")
    assert found["q"] == "open"
    assert found["r"] == "open"


def test_a_year_that_is_not_the_base_year_leaves_the_base_year_open():
    content = sample_content()
    later = replace(content, inventory=replace(content.inventory, is_base_year=False))

    assert (states(content)["k"], states(content)["l"]) == ("answered", "not_applicable")
    assert (states(later)["k"], states(later)["l"]) == ("open", "open")


def test_nobody_responsible_is_said():
    content = sample_content()

    assert states(replace(content, organisation=replace(content.organisation, responsible=None)))["b"] == "open"


def test_direct_emissions_known_only_as_co2e_answer_the_gas_item_in_part():
    content = sample_content()
    co2, *others = content.by_gas
    unsplit = replace(co2, gas="CO2e", mass_mg=None, gwp=None, gwp_basis="AR5")

    assert states(content)["f"] == "answered"
    assert states(replace(content, by_gas=(unsplit, *others)))["f"] == "partly"


def test_a_direct_factor_that_counts_only_co2_answers_the_gas_item_in_part():
    content = sample_content()
    narrowed = tuple(replace(f, gas_coverage="CO2") if f.activity_type == "fuel.natural_gas" else f for f in content.factors)

    assert states(replace(content, factors=narrowed))["f"] == "partly"
