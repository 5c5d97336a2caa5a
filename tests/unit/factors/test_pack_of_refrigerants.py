"""Refrigerants by composition, checked against GWPs that others print, and the file of GWP values against the accounting's."""

import csv
import gzip
import io
from fractions import Fraction

import pytest

from ghg.errors import MissingGwp
from ghg.gwp import gases, gwp_set, usual_name
from services.factors.catalogue.pack_model import Factor

from .conftest import PACK


def co2e_of(factor: Factor, set_name: str) -> Fraction:
    return sum((part.kg_per_unit * gwp_set(set_name).of(part.gas) for part in factor.gases), Fraction(0))


def test_r410a_is_half_and_half(factor_of):
    factor = factor_of("refrigerant.R-410A")

    assert {part.gas: part.kg_per_unit for part in factor.gases} == {"HFC-32": Fraction(1, 2), "HFC-125": Fraction(1, 2)}
    assert Fraction("12.5") * co2e_of(factor, "AR6") == Fraction("28193.75")  # 12.5 × (0.5 × 771 + 0.5 × 3740)
    assert (factor.region, factor.unit, factor.data_year) == ("GLO", "kg", None)


def test_a_single_gas_is_one_kilogram_of_itself(factor_of):
    for gas in ("HFC-134a", "HCFC-22", "CFC-12", "HFO-1234yf", "CF4", "SF6", "NF3"):
        (part,) = factor_of(f"refrigerant.{gas}").gases

        assert (part.gas, part.kg_per_unit) == (gas, 1)


@pytest.mark.parametrize("blend", ["R-500", "R-405A"])
def test_the_misprint_hfc_152_is_read_as_hfc_152a(factor_of, blend):
    names = {part.gas for part in factor_of(f"refrigerant.{blend}").gases}

    assert "HFC-152a" in names
    assert "HFC-152" not in names


def test_every_gas_of_the_pack_is_known_to_the_accounting(pack):
    named = {part.gas for factor in pack.factors for part in factor.gases}

    assert named - set(gases()) == {"CO2e"}


def test_the_uk_prints_for_blends_what_their_composition_gives_under_ar4(pack, factor_of):
    printed = {}
    for row in pack.excluded_rows:
        cells = row.text.split(" | ")
        if row.dataset == "uk-desnz-2021" and cells[1:3] == ["Refrigerant & other", "Kyoto protocol- blends"]:
            printed[f"R-{cells[3][1:].upper()}"] = Fraction(cells[-1])

    assert printed.pop("R-403A") == 3124  # holds 5 % propane, which has no AR4 value: 0.75 × 1810 + 0.20 × 8830 = 3123.5
    assert len(printed) == 8
    for blend, value in printed.items():
        assert abs(co2e_of(factor_of(f"refrigerant.{blend}"), "AR4") - value) <= 1, blend


def test_the_accountings_gwps_are_those_of_the_file(pack):
    (dataset,) = [one for one in pack.datasets if one.id == "ipcc-gwp"]
    content = gzip.decompress((PACK / "sources" / f"{dataset.source_files[0].path}.gz").read_bytes()).decode()
    excluded = {row.row for row in pack.excluded_rows if row.dataset == "ipcc-gwp"}
    methane = {"default": ["CH4_fossil", "CH4_biogenic"], "fossil": ["CH4_fossil"], "non-fossil": ["CH4_biogenic"]}
    expected = {}
    reader = csv.DictReader(io.StringIO(content, newline=""))
    for row in reader:
        if f"line {reader.line_num}" in excluded:
            continue
        names = methane[row["variant"]] if row["species"] == "CH4" else [usual_name(row["species"])]
        expected |= {(row["gwp_set"], name): Fraction(row["gwp100"]) for name in names}

    assert len(expected) > 200
    for (set_name, gas), value in expected.items():
        assert gwp_set(set_name).of(gas) == value, (set_name, gas)


def test_a_blend_with_a_gas_that_a_set_does_not_know_has_no_equivalent_there(factor_of):
    with pytest.raises(MissingGwp):
        co2e_of(factor_of("refrigerant.R-454B"), "AR4")  # HFO-1234yf has no AR4 value
