from fractions import Fraction

import globalwarmingpotentials
import pytest

from ghg.errors import MissingGwp, UnknownGas, UnknownGwpSet
from ghg.gwp import GWP_SETS, gases, gwp_set, usual_name

# Where our values are not those of the package `globalwarmingpotentials`, and why.
DIFFERENCES = {
    ("AR6", "SF6"): ("24300", "25200", "the package keeps an early text of Table 7.SM.7; the final table and the GHG Protocol have 24,300"),
}
# The package has one methane; AR5 and AR6 have a fossil one and a biogenic one, and the package's AR6 value is the unsplit one.
METHANE = {"AR4": ("25", "25", 25.0), "AR5": ("30", "28", 28.0), "AR6": ("29.8", "27.0", 27.9)}
# From the AR6 table itself, which the package reads only in part.
ONLY_OURS = {
    "HCFC-31", "HFO-1123", "HFO-1132a", "HFO-1225ye(E)", "HFO-1225ye(Z)", "HFO-1234yf", "HFO-1234ze(E)", "HFO-1234ze(Z)", "HFO-1243zf",
    "HFO-1336mzz(E)", "HFO-1336mzz(Z)", "HC-170", "HC-290", "HC-600",
}  # fmt: skip


def of_package(name: str) -> dict[str, float]:
    return globalwarmingpotentials.data[f"{name}GWP100"]


@pytest.mark.parametrize("name", GWP_SETS)
def test_every_value_of_the_package_is_ours_but_for_listed_differences(name: str) -> None:
    ours = gwp_set(name)
    compared = {gas for gas in of_package(name) if gas != "CH4"}
    different = {
        (name, usual_name(gas)): (ours.of(usual_name(gas)), Fraction(str(of_package(name)[gas])))
        for gas in compared
        if ours.of(usual_name(gas)) != Fraction(str(of_package(name)[gas]))
    }

    assert different == {
        key: (Fraction(ours_printed), Fraction(theirs)) for key, (ours_printed, theirs, _) in DIFFERENCES.items() if key[0] == name
    }


@pytest.mark.parametrize("name", GWP_SETS)
def test_we_have_no_value_that_the_package_lacks_but_for_listed_ones(name: str) -> None:
    known = {usual_name(gas) for gas in of_package(name) if gas != "CH4"} | {"CO2", "CH4_fossil", "CH4_biogenic"}

    assert set(gwp_set(name).values) - known == (ONLY_OURS if name == "AR6" else set())


@pytest.mark.parametrize("name", GWP_SETS)
def test_fossil_and_biogenic_methane_are_two_gases(name: str) -> None:
    fossil, biogenic, of_the_package = METHANE[name]

    assert gwp_set(name).of("CH4_fossil") == Fraction(fossil)
    assert gwp_set(name).of("CH4_biogenic") == Fraction(biogenic)
    assert of_package(name)["CH4"] == of_the_package


# ISO 14064-1 practice table: the values that every inventory uses, typed in a second time.
@pytest.mark.parametrize(
    ("gas", "ar5", "ar6"),
    [
        ("CO2", "1", "1"), ("N2O", "265", "273"), ("SF6", "23500", "24300"), ("NF3", "16100", "17400"), ("CF4", "6630", "7380"),
        ("C2F6", "11100", "12400"), ("HFC-32", "677", "771"), ("HFC-125", "3170", "3740"), ("HFC-134a", "1300", "1530"),
        ("HFC-143a", "4800", "5810"), ("HCFC-22", "1760", "1960"), ("CFC-12", "10200", "12500"),
    ],
)  # fmt: skip
def test_the_common_gases_have_their_published_values(gas: str, ar5: str, ar6: str) -> None:
    assert (gwp_set("AR5").of(gas), gwp_set("AR6").of(gas)) == (Fraction(ar5), Fraction(ar6))


@pytest.mark.parametrize(
    ("name", "gas"), [("AR5", "HFO-1234yf"), ("AR4", "HFO-1234ze(E)"), ("AR6", "HC-600a"), ("AR4", "SO2F2"), ("AR6", "CO2e")]
)
def test_a_gas_without_a_value_is_refused_because_missing_is_not_zero(name: str, gas: str) -> None:
    with pytest.raises(MissingGwp) as refusal:
        gwp_set(name).of(gas)

    assert refusal.value.code == "missing_gwp"


@pytest.mark.parametrize("name", ["AR3", "ar6", "", "SAR"])
def test_an_unknown_set_is_refused_naming_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownGwpSet) as refusal:
        gwp_set(name)

    assert "AR4, AR5, AR6" in refusal.value.hint


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("R-32", "HFC-32"), ("R22", "HCFC-22"), ("R-116", "C2F6"),
        ("HFC134a", "HFC-134a"), ("hfc-134a", "HFC-134a"), ("HFC4310mee", "HFC-43-10mee"), ("PFC-14", "CF4"), ("cC4F8", "c-C4F8"),
        ("Halon1301", "Halon-1301"), ("C3H8", "HC-290"), ("HO1270", "HC-1270"), ("HFO1234ze", "HFO-1234ze(E)"), ("SF6", "SF6"),
    ],
)  # fmt: skip
def test_a_gas_is_found_under_the_spellings_of_the_trade(spelling: str, name: str) -> None:
    assert usual_name(spelling) == name


@pytest.mark.parametrize("spelling", ["CH4", "methane", "Methane"])
def test_plain_methane_is_refused_because_it_must_say_its_origin(spelling: str) -> None:
    with pytest.raises(UnknownGas) as refusal:
        usual_name(spelling)

    assert refusal.value.hint == "write CH4_fossil or CH4_biogenic"


def test_every_value_names_the_table_that_prints_it() -> None:
    for name in GWP_SETS:
        potentials = gwp_set(name)
        assert set(potentials.sources) == set(potentials.values)
    assert gwp_set("AR6").sources["CH4_fossil"].endswith("Table 7.15")
    assert gwp_set("AR6").sources["SF6"].endswith("Table 7.SM.7")


def test_no_gas_stands_twice() -> None:
    assert len(set(gases())) == len(gases())
