"""Our table of GWPs against the files that the pack ships: the whole AR6 table, and AR5 and AR6 with fossil and biogenic methane."""

import csv
import gzip
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest

import services.factors
from ghg.errors import UnknownGas
from ghg.gwp import gwp_set, usual_name

FILES = Path(services.factors.__file__).parent / "pack" / "sources" / "gwp"
METHANE = {"MethaneFossil": "CH4_fossil", "MethaneBiogenic": "CH4_biogenic"}


def text_of(name: str) -> str:
    return gzip.decompress((FILES / f"{name}.gz").read_bytes()).decode()


def our_name(*spellings: str) -> str | None:
    for spelling in filter(None, spellings):
        try:
            return usual_name(spelling)
        except UnknownGas:
            continue
    return None


def test_every_gas_of_ours_has_the_value_of_the_whole_ar6_table_but_sf6_and_methane() -> None:
    printed = {
        name: Fraction(row["GWP100"])
        for row in csv.DictReader(io.StringIO(text_of("ar6_7sm_metrics.csv")))
        if (name := our_name(row["Acronym"], row["Formula"], row["Name"]))
    }
    ours = gwp_set("AR6").values

    # This copy of the table has an early value of SF6, and methane unsplit.
    assert {name: (ours.get(name), value) for name, value in printed.items() if ours.get(name) != value} == {"SF6": (24300, 25200)}
    assert set(ours) - set(printed) == {"CH4_fossil", "CH4_biogenic"}
    assert len(printed) == 100


@pytest.mark.parametrize(("set_name", "file"), [("AR5", "ar5_fossil_biogenic.json"), ("AR6", "ar6_fossil_biogenic.json")])
def test_the_gases_with_methane_by_origin_have_the_values_of_their_file(set_name: str, file: str) -> None:
    for value in json.loads(text_of(file))["values"]:
        known = {
            "CHF3": "HFC-23",
            "CH2F2": "HFC-32",
            "CHF2CF3": "HFC-125",
            "CH2FCF3": "HFC-134a",
            "CH3CF3": "HFC-143a",
            "CH3CHF2": "HFC-152a",
        }
        name = METHANE.get(value["gas"]) or known.get(value["formula"]) or usual_name(value["formula"])

        assert gwp_set(set_name).of(name) == Fraction(str(value["gwp"])), value


def test_sf6_is_that_of_the_final_ar6_table_and_of_the_split_file() -> None:
    values = {value["formula"]: value["gwp"] for value in json.loads(text_of("ar6_fossil_biogenic.json"))["values"]}

    assert gwp_set("AR6").of("SF6") == values["SF6"] == 24300
