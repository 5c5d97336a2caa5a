"""Wherever a publisher prints gases and their total, the masses of the pack give that total again under the publisher's own GWPs."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from ghg.gwp import gwp_set
from services.factors.catalogue.pack_model import Factor

# The GWPs of methane behind each edition: of one value, or of fossil and biogenic methane apart (SOURCES of each publisher)
METHANE = {
    "uk-desnz-2021": ("AR4", "25", "25"),
    "uk-desnz-2022": ("AR4", "25", "25"),
    "uk-desnz-2023": ("AR5", "28", "28"),
    "uk-desnz-2024": ("AR5", "28", "28"),
    "uk-desnz-2025": ("AR5", "28", "28"),
    "uk-desnz-2026": ("AR5", "28", "28"),
    "uk-desnz-2026-revised": ("AR5", "28", "28"),
    "fr-ademe-base-carbone": ("AR6", "27.9", "28"),
    "tgo-cfo-2022-04": ("AR5", "30", "28"),
    "open-india-1.2": ("AR6", "27.9", "27.9"),
}
NUMBER = re.compile(r"\d+(\.\d+)?([Ee][+-]?\d+)?")


def gwp_of(gas: str, dataset: str) -> Fraction:
    base, fossil, biogenic = METHANE[dataset]
    own = {"CO2": "1", "CO2e": "1", "CH4_fossil": fossil, "CH4_biogenic": biogenic}
    return Fraction(own[gas]) if gas in own else Fraction(gwp_set(base).of(gas))


def last_digit(printed: str) -> Fraction:
    return Fraction(10) ** int(Decimal(printed).as_tuple().exponent)


def is_apart(one: Factor) -> bool:
    """Whether the masses miss the printed total by more than the rounding of four figures: three gases and the total, half a digit each."""
    total = sum((part.kg_per_unit * gwp_of(part.gas, one.dataset) for part in one.gases), Fraction(0))
    figures = [one.value_printed, *(part.printed_value for part in one.gases)]
    coarsest = max(last_digit(figure) for figure in figures if NUMBER.fullmatch(figure))
    return abs(total - Fraction(one.value_printed)) > 2 * coarsest


@pytest.mark.parametrize("dataset", sorted(METHANE))
def test_the_gases_add_up_to_the_printed_total_or_a_note_says_why_not(pack, dataset):
    printed = [
        one
        for one in pack.factors
        if one.dataset == dataset and len(one.gases) > 1 and "CO2e" in one.unit_printed and NUMBER.fullmatch(one.value_printed)
    ]

    assert printed
    assert [one.key for one in printed if is_apart(one) and not one.notes] == []
