"""How the files of the UK editions are read: copies held against originals, doubles checked, and what cannot be mapped refused."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction as F

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.uk_desnz import import_uk_desnz
from services.factors.catalogue.importers.uk_desnz.doubles import doubles
from services.factors.catalogue.importers.uk_desnz.exclusions import exclusion_of
from services.factors.catalogue.importers.uk_desnz.flat_files import check_copy, rows_2022, rows_2025, rows_of_five_years
from services.factors.catalogue.importers.uk_desnz.full_set import FULL_2025, FULL_2026, rows_of_full_set, rows_of_sheet
from services.factors.catalogue.importers.uk_desnz.readings import reading_of
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import PACK, masses

SOURCES = SourceFolder(PACK / "sources")
GLASS = DesnzRow("1", "Scope 3", "Material use", "Other", "Glass", "", "Primary material production", "tonnes", "kg CO2e", "1402.76667")
LANDFILL = replace(GLASS, level1="Waste disposal", column_text="Landfill")
CAR = DesnzRow("2", "Scope 3", "Business travel- land", "Cars (by size)", "Average car", "", "Diesel", "km", "kg CO2e", "0.17265")
TANKER = DesnzRow("3", "Scope 3", "Freighting goods", "Sea tanker", "LNG tanker", "200,000+ m3", "", "tonne.km", "kg CO2e", "0.00942")
FLIGHT = DesnzRow(
    "4",
    "Scope 3",
    "WTT- business travel- air",
    "WTT- flights",
    "Domestic, to/from UK",
    "Average passenger",
    "",
    "passenger.km",
    "kg CO2e",
    "0.0335",
)
HOTEL = DesnzRow("5", "Scope 3", "Hotel stay", "Hotel stay", "China", "", "", "Room per night", "kg CO2e", "53.5")


@pytest.fixture(scope="module")
def uk() -> Contribution:
    return import_uk_desnz(SOURCES)


def reasons(uk: Contribution, dataset: str, *words: str) -> list[str]:
    """The reasons of the excluded rows of a data set that hold all these words, row by row."""
    return [row.reason for row in uk.excluded_rows if row.dataset == dataset and all(word in row.reason for word in words)]


def label(row: DesnzRow) -> tuple[str, ...]:
    parts = (row.level1, row.section, row.level3, row.level4 if row.level4 != "kWh" else "", row.column_text, row.unit, row.gas_as_printed)
    return tuple(part.strip().casefold() for part in parts)


def test_the_full_set_of_2025_reads_as_the_flat_file_of_2025():
    flat = {label(row): row.value for row in rows_2025(SOURCES) if row.level1 != "Refrigerant & other"}
    full = {label(row): row.value for row in rows_of_full_set(SOURCES, FULL_2025) if row.level1 != "Refrigerant & other"}

    # 42 cells "Re-use" are blank in the flat file and not a column of the full set, which names two refrigerants differently
    assert {key for key in flat.keys() - full.keys() if flat[key] != ""} == full.keys() - flat.keys() == set()
    differing = [key for key in full if (full[key] == "") != (flat[key] == "")]
    assert differing == []
    gaps = [abs(float(full[key]) - float(flat[key])) for key in full if full[key] != ""]
    assert max(gaps) < 0.000_005_1


def test_84_small_values_of_methane_are_rounded_to_six_decimals_in_the_flat_file_of_2025():
    small = [
        row for row in rows_2025(SOURCES) if row.gas_as_printed.startswith("kg CO2e of CH4") and len(str(row.value).partition(".")[2]) == 6
    ]

    assert len(small) == 84
    full = {label(row): row.value for row in rows_of_full_set(SOURCES, FULL_2025)}
    assert all(abs(float(row.value) - float(full[label(row)])) <= 0.000_000_5 for row in small)


def test_lorries_of_2026_stand_in_blocks_of_another_order():
    rows = [row for row in rows_of_full_set(SOURCES, FULL_2026) if row.id == "Delivery vehicles D38"]

    # the first figures of the block are of the average load, where 2025 had those of an empty lorry
    assert [(row.level3, row.column_text, row.value) for row in rows] == [("Rigid (>3.5 - 7.5 tonnes)", "Average laden", 0.49944)]


def test_figures_outside_of_a_block_are_not_overlooked():
    head = [["Factors", "", "", ""]] * 5 + [["Scope:", "Scope 1", "", ""]]
    block = [["Activity", "Fuel", "Unit", "kg CO2e"], ["Gaseous fuels", "Butane", "tonnes", 3033.38]]

    assert [row.value for row in rows_of_sheet("Fuels", [*head, *block])] == [3033.38]
    with pytest.raises(UnmappedRow, match=r"Fuels row 9: figures .* outside of a block"):
        list(rows_of_sheet("Fuels", [*head, *block, ["", "", "", 2.5]]))
    with pytest.raises(UnmappedRow, match="unknown column 'lb CO2e'"):
        list(rows_of_sheet("Fuels", [*head, [*block[0][:3], "lb CO2e"], block[1]]))


def test_a_copy_that_differs_from_the_edition_s_own_file_is_refused():
    own, copied = rows_2022(SOURCES), rows_of_five_years(SOURCES)[2022]
    check_copy(copied, own)

    with pytest.raises(UnmappedRow, match="line 7608: not the row of the edition's own file"):
        check_copy([replace(copied[0], value="3033.33"), *copied[1:]], own)
    with pytest.raises(UnmappedRow, match="not the row of the edition's own file"):
        check_copy(copied[:-1], own)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (replace(GLASS, level3="Unobtainium"), "unknown material 'Unobtainium'"),
        (replace(GLASS, column_text="Landfill"), "unknown route 'Landfill'"),
        (replace(LANDFILL, column_text="Burial at sea"), "unknown route 'Burial at sea'"),
        (replace(GLASS, unit="short tons"), "unknown unit 'short tons'"),
        (replace(CAR, level3="Flying car"), "unknown vehicle .*Flying car"),
        (replace(CAR, column_text="Hydrogen"), "unknown vehicle .*Hydrogen"),
        (replace(CAR, level2="Horse carts"), "unknown activity .*Horse carts"),
        (replace(TANKER, level3="Submarine"), "unknown kind of ship"),
        (replace(TANKER, level4="huge"), "unknown size 'huge'"),
        (replace(FLIGHT, level4="Cockpit"), "unknown activity .*Cockpit"),
        (replace(FLIGHT, level1="Business travel- air", level2="Flights"), "neither with nor without radiative forcing"),
        (replace(HOTEL, level3="Atlantis"), "unknown place 'Atlantis'"),
        (replace(HOTEL, level1="Space hotels"), "unknown section 'Space hotels'"),
    ],
)
def test_a_row_that_no_table_knows_is_refused(row, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        reading_of(row)


def test_a_mile_is_left_out_only_if_it_is_the_kilometre_over_again():
    # 0.17265 × 1.609344 = 0.27785, printed as 0.27786
    mile = replace(CAR, id="mile", unit="miles", value="0.27786")

    assert doubles([CAR, mile]) == {"mile": "the same factor per mile: miles convert exactly from kilometres"}
    with pytest.raises(UnmappedRow, match="it should double 2, but is not equal"):
        doubles([CAR, replace(mile, value="0.278")])
    with pytest.raises(UnmappedRow, match="it should double another row, but there is none"):
        doubles([mile])


def test_a_managed_car_is_left_out_only_if_it_is_the_travelled_car_over_again():
    managed = replace(CAR, id="managed", level1="Managed assets- vehicles", level2="Managed cars (by size)")

    assert doubles([CAR, managed]) == {"managed": "the same factor as 2 (Business travel- land), under a scope 3 label of managed assets"}
    with pytest.raises(UnmappedRow, match="not equal"):
        doubles([CAR, replace(managed, value="0.17266")])


@pytest.mark.parametrize(
    ("dataset", "miles", "managed", "energy"),
    [
        ("uk-desnz-2021", 1628, 936, 514),
        ("uk-desnz-2022", 1645, 944, 522),  # 514 and eight rows of motorbikes without unit and value
        ("uk-desnz-2023", 1645, 944, 514),
        ("uk-desnz-2024", 1679, 952, 514),
        ("uk-desnz-2025", 1679, 952, 514),
        ("uk-desnz-2026", 1679, 952, 514),
    ],
)
def test_what_is_left_out_of_each_edition(uk, dataset, miles, managed, energy):
    assert len(reasons(uk, dataset, "miles convert exactly")) == miles
    assert len(reasons(uk, dataset, "scope 3 label of managed assets")) == managed
    assert len(reasons(uk, dataset, "SECR energy per distance")) == energy
    assert len(reasons(uk, dataset, "million litres")) == 2
    assert len(reasons(uk, dataset, "fuel has no radiative forcing")) == 18
    assert not reasons(uk, dataset, "comes with the full catalogue")


def test_printed_zeros_that_are_no_factors_go_and_averages_of_continents_too(uk):
    empty = replace(TANKER, level2="WTT- HGV (all diesel)", column_text="0% Laden", value="0.00000")
    assert exclusion_of(empty) == "a tonne-kilometre of an empty lorry: nothing is carried, the printed zero is no factor"

    assert len(reasons(uk, "uk-desnz-2026", "a tonne-kilometre of an empty lorry")) == 16
    assert len(reasons(uk, "uk-desnz-2026", "doubtful: 0.00000")) == 1  # wood from closed loop
    assert len(reasons(uk, "uk-desnz-2021", "part of the world that has no code")) == 8  # four averages, generation and losses


@pytest.mark.parametrize(("year", "uplift"), [(2021, F("1.9")), (2022, F("1.9")), (2023, F("1.7")), (2024, F("1.7")), (2025, F("1.7"))])
def test_carbon_dioxide_with_radiative_forcing_is_the_mass_raised(year, uplift):
    flights = [
        row
        for row in rows_of_five_years(SOURCES)[year]
        if (row.level1, row.level3, row.level4) == ("Business travel- air", "Long-haul, to/from UK", "Business class")
    ]
    co2 = {row.column_text: F(str(row.value)) for row in flights if row.gas == "CO2"}

    # 2025: 0.33652 with and 0.19795 without
    assert float(co2["With RF"] / co2["Without RF"]) == pytest.approx(float(uplift), abs=0.0005)


def test_the_copy_of_five_years_gives_2024_and_leaves_the_other_years_to_their_own_files(uk):
    elsewhere = reasons(uk, "uk-desnz-2024", "read from the edition's own file")

    assert len(elsewhere) == 7606 + 8038 + 8038 + 8740
    assert {factor.data_year for factor in uk.factors if factor.dataset == "uk-desnz-2024"} == {2024}


def test_the_revised_edition_holds_only_what_the_june_edition_confirms(uk):
    june = {factor.key.partition("/")[2]: factor for factor in uk.factors if factor.dataset == "uk-desnz-2026"}
    revised = [factor for factor in uk.factors if factor.dataset == "uk-desnz-2026-revised"]

    assert len(revised) == 537
    for factor in revised:
        same = june[factor.key.partition("/")[2]]
        assert abs(F(factor.value_printed) - F(same.value_printed)) <= F(5, 1_000_000)
        assert masses(factor).keys() == masses(same).keys()
        assert all(abs(mass - masses(same)[gas]) <= F(5, 1_000_000) for gas, mass in masses(factor).items())


def test_rows_whose_column_the_revised_copy_lost_are_left_out(uk):
    counted = Counter(reason.partition(":")[0] for reason in reasons(uk, "uk-desnz-2026-revised"))

    assert counted == {
        "not confirmed": 253,
        "the same factor per mile": 162,
        "the same factors as own vehicles and UK electricity, under a scope 3 label of managed assets": 38,
        "biogenic CO2 is missing in this copy": 5,
    }
    # every car is the battery-electric column there, 0.0, and household waste the anaerobic digestion, 9.00687
    driven = [
        factor.activity_type.partition(".")[2]
        for factor in uk.factors
        if factor.dataset == "uk-desnz-2026-revised" and factor.activity_type.startswith(("vehicle_distance.", "travel_distance."))
    ]
    assert {vehicle.partition("_")[0] for vehicle in driven} == {"motorbike", "taxi"}


def test_biogenic_carbon_of_the_revised_copy_is_kilograms_of_carbon_dioxide(uk):
    (diesel,) = [
        factor
        for factor in uk.factors
        if (factor.dataset, factor.activity_type, factor.unit) == ("uk-desnz-2026-revised", "fuel.diesel", "t") and factor.stage == "direct"
    ]

    # 163.17 kg CO2 per tonne, as outside of scopes in the full set; carbon would be 44.5 kg
    assert diesel.biogenic_co2 is not None
    assert diesel.biogenic_co2.kg_per_unit == F("163.17")
    # CO2 3064.93, CH4 0.3472 / 28, N2O 38.88742 / 265 as the copy's maker divided them
    assert masses(diesel) == {"CO2": F("3064.93"), "CH4_fossil": F("0.0124"), "N2O": F("0.146744981132")}
