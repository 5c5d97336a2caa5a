"""EPA's emission factors hub: every row of three workbooks and a tidy table, spot values of every table, quirks and refusals."""

import io
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest
from python_calamine import CalamineWorkbook

from ghg.errors import MalformedNumber
from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.us_epa_hub import add_edition, import_us_epa_hub
from services.factors.catalogue.importers.us_epa_hub.editions import EDITION_2025, EDITIONS
from services.factors.catalogue.importers.us_epa_hub.tidy import PATH
from services.factors.catalogue.importers.us_epa_hub.workbook import sheet_of
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses

POUND = Fraction("0.45359237")  # kg


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_us_epa_hub(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def lines() -> dict[int, list[list[str | float]]]:
    """The cells of each workbook's sheet, by edition."""
    sources = SourceFolder(SOURCES)
    books = {edition.dataset.year: CalamineWorkbook.from_filelike(io.BytesIO(sources.read(edition.path))) for edition in EDITIONS}
    return {year: book.get_sheet_by_index(0).to_python(skip_empty_area=False) for year, book in books.items()}


@pytest.fixture(scope="module")
def one(share) -> Callable[..., Factor]:
    def find(year: int, activity_type: str, **attributes: object) -> Factor:
        wanted = {"dataset": f"us-epa-hub-{year}", "activity_type": activity_type, "stage": "direct", "is_default": True, **attributes}
        found = [factor for factor in share.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        assert len(found) == 1, [factor.key for factor in found]
        return found[0]

    return find


def test_every_row_of_every_file_is_loaded_or_excluded(share, lines):
    accounts = {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in share.datasets}
    filled = {year: sum(any(cell != "" for cell in line) for line in sheet) for year, sheet in lines.items()}

    assert filled == {2021: 503, 2024: 427, 2025: 536}
    assert accounts == {
        "us-epa-hub-2021": (357, 146),
        "us-epa-hub-2024": (365, 62),
        "us-epa-hub-2025": (369, 167),
        "us-epa-hub-2025-tidy": (0, 1309),
    }


def test_factors_come_from_tables_1_to_10(share):
    of_2025 = Counter(f.source_row.split(": ")[1].split(",")[0] for f in share.factors if f.dataset == "us-epa-hub-2025")

    assert of_2025 == {
        "Table 1": 123,  # 58 fuels and a second name of one, per mmBtu and per unit, and 5 pulping liquors per mmBtu
        "Table 2": 7,  # 10, of which 3 are part of Table 5's
        "Table 3": 115,
        "Table 4": 34,
        "Table 5": 40,
        "Table 6": 83,  # 28 × total output and non-baseload, 27 × losses
        "Table 7": 2,
        "Table 8": 7,
        "Table 9": 183,
        "Table 10": 11,
    }


@pytest.mark.parametrize(
    ("year", "activity", "per", "expected"),
    [
        (2025, "fuel.anthracite", "mmBtu_gross", {"CO2": "103.69", "CH4_fossil": "0.011", "N2O": "0.0016"}),
        (2025, "fuel.anthracite", "short_ton", {"CO2": "2602", "CH4_fossil": "0.276", "N2O": "0.04"}),
        (2025, "fuel.natural_gas", "scf", {"CO2": "0.05444", "CH4_fossil": "0.00000103", "N2O": "0.0000001"}),
        (2025, "fuel.natural_gas", "mmBtu_gross", {"CO2": "53.06", "CH4_fossil": "0.001", "N2O": "0.0001"}),
        (2025, "fuel.diesel", "gal_us", {"CO2": "10.21", "CH4_fossil": "0.00041", "N2O": "0.00008"}),  # distillate No. 2
        (2024, "fuel.propane", "gal_us", {"CO2": "5.72", "CH4_fossil": "0.00027", "N2O": "0.00005"}),
        (2024, "fuel.propane_gas", "scf", {"CO2": "0.15463", "CH4_fossil": "0.000007548", "N2O": "0.00000151"}),
        (2021, "fuel.coal_bituminous", "short_ton", {"CO2": "2325", "CH4_fossil": "0.274", "N2O": "0.04"}),
        (2021, "fuel.blast_furnace_gas", "mmBtu_gross", {"CO2": "274.32", "CH4_fossil": "0.000022", "N2O": "0.0001"}),
        (2025, "fuel.peat", "short_ton", {"CO2": "895", "CH4_fossil": "0.256", "N2O": "0.034"}),  # fossil, though listed with biomass
        (2025, "fuel.wood", "short_ton", {"CH4_biogenic": "0.126", "N2O": "0.063"}),
        (2025, "vehicle_fuel.petrol", "gal_us", {"CO2": "8.78"}),
        (2021, "vehicle_fuel.lng", "gal_us", {"CO2": "4.5005492"}),  # unrounded in this edition
        (2024, "vehicle_fuel.cng", "scf", {"CO2": "0.05444"}),
        (2025, "vehicle_fuel.jet_kerosene", "gal_us", {"CO2": "9.75", "CH4_fossil": "0", "N2O": "0.0003"}),
        (2021, "vehicle_fuel.marine_fuel_oil", "gal_us", {"CO2": "11.27", "CH4_fossil": "0.00055", "N2O": "0.00055"}),
        (2025, "steam.purchased", "mmBtu", {"CO2": "66.33", "CH4_fossil": "0.00125", "N2O": "0.000125"}),
        (2025, "freight.road.medium_heavy_duty_truck", "short_ton.mi", {"CO2": "0.186", "CH4_fossil": "0.0000016", "N2O": "0.0000054"}),
        (2021, "freight.rail.freight_train", "short_ton.mi", {"CO2": "0.022", "CH4_fossil": "0.0000017", "N2O": "0.0000005"}),
        (2025, "vehicle_distance.passenger_car", "mi", {"CO2": "0.297", "CH4_fossil": "0.0000059", "N2O": "0.0000053"}),
        (2025, "travel.air.short_haul", "p.mi", {"CO2": "0.207", "CH4_fossil": "0.0000064", "N2O": "0.0000066"}),
        (2025, "travel.rail.metro", "p.mi", {"CO2": "0.093", "CH4_fossil": "0.0000075", "N2O": "0.000001"}),
        (2021, "travel.bus.average", "p.mi", {"CO2": "0.054", "CH4_fossil": "0.0000206", "N2O": "0.0000009"}),
    ],
)
def test_masses_are_the_printed_kilograms_and_grams(one, year, activity, per, expected):
    factor = one(year, activity, unit=per, region="US")

    assert masses(factor) == {gas: Fraction(value) for gas, value in expected.items()}
    assert factor.data_year == year


def test_co2_of_biomass_is_biogenic_and_that_of_peat_is_not(share):
    biogenic = {f.activity_type for f in share.factors if f.biogenic_co2}

    assert biogenic == {
        *("fuel.agricultural_byproducts", "fuel.solid_byproducts", "fuel.wood", "fuel.landfill_gas", "fuel.other_biogas"),
        *("fuel.biodiesel", "fuel.bioethanol", "fuel.animal_fat", "fuel.vegetable_oil", "fuel.black_liquor"),
        *("vehicle_fuel.biodiesel", "vehicle_fuel.bioethanol"),
    }


def test_a_biofuel_of_vehicles_has_no_fossil_co2_and_its_biogenic_co2_apart(one):
    ethanol = one(2025, "vehicle_fuel.bioethanol")

    assert masses(ethanol) == {"CO2": 0}
    assert ethanol.biogenic_co2.kg_per_unit == Fraction("5.75")


def test_the_columns_per_unit_are_heat_content_times_the_columns_per_mmbtu_within_their_rounding(share):
    """25.09 mmBtu/short ton × 103.69 kg/mmBtu = 2,601.6, printed 2602."""
    heat = {(p.dataset, activity, p.unit.split("/")[1]): p.value for p in share.properties for activity in p.activity_types}
    per_heat = {(f.dataset, f.activity_type): f for f in share.factors if f.unit == "mmBtu_gross"}
    compared = 0
    for factor in share.factors:
        content = heat.get((factor.dataset, factor.activity_type, factor.unit))
        if content is None or "Table 1" not in factor.source_row:
            continue
        base = per_heat[factor.dataset, factor.activity_type]
        for printed, part in zip(_parts(factor), _parts(base), strict=True):
            decimals = len(printed.printed_value.partition(".")[2])
            place = Fraction(1, 10**decimals) / (1 if printed.gas == "CO2" else 1000)
            assert abs(printed.kg_per_unit - part.kg_per_unit * content) <= place / 2, factor.key
            compared += 1
    assert compared == 3 * 3 * 59  # three editions, three gases, 58 fuels with a heat content, one of them under two names


def _parts(factor: Factor) -> list:
    return [*([factor.biogenic_co2] if factor.biogenic_co2 else []), *factor.gases]


def test_heat_contents_are_gross_calorific_values_of_each_edition(share):
    of_gas = [p for p in share.properties if "fuel.natural_gas" in p.activity_types]

    assert [(p.name, p.value, p.unit, p.region, p.data_year) for p in of_gas] == [
        ("gross_calorific_value", Fraction("0.001026"), "mmBtu_gross/scf", "US", year) for year in (2021, 2024, 2025)
    ]
    assert len(share.properties) == 3 * 58  # 17 solids, 7 gases, 34 liquids; pulping liquors have no heat content


def test_a_standard_cubic_foot_says_that_its_temperature_is_not_stated(share):
    assert {"60 or 68 °F" in f.conditions for f in share.factors if f.unit == "scf"} == {True}
    assert {f.conditions for f in share.factors if f.unit != "scf"} == {None}


def test_co2_alone_is_the_default_only_of_road_fuels_and_says_so(share):
    co2_only = [f for f in share.factors if f.gas_coverage == "CO2"]

    assert {f.activity_type for f in co2_only} == {
        *("vehicle_fuel.biodiesel", "vehicle_fuel.bioethanol", "vehicle_fuel.cng", "vehicle_fuel.diesel"),
        *("vehicle_fuel.lng", "vehicle_fuel.lpg", "vehicle_fuel.petrol"),
    }
    assert all(any(note.startswith("CO2 only") for note in f.notes) for f in co2_only)


def test_machines_off_the_road_have_all_three_gases_per_gallon_and_answer_when_named(one):
    tractor = one(2025, "vehicle_fuel.diesel", technology="Agricultural Equipment, Diesel Equipment", is_default=False)

    assert masses(tractor) == {"CO2": Fraction("10.21"), "CH4_fossil": Fraction("0.00126"), "N2O": Fraction("0.00107")}
    assert tractor.source_row.endswith("CO2 row 107: Table 2")


def test_ch4_and_n2o_per_mile_are_no_factor_of_a_vehicle_distance(share):
    per_mile = [f for f in share.factors if f.gas_coverage == "CH4+N2O" and f.unit == "mi"]

    assert len(per_mile) == 102 + 36 + 111 + 34 + 115 + 34
    assert all(f.activity_type.startswith("vehicle_ch4_n2o.") and not f.is_default for f in per_mile)
    assert all("CO2" in f.gas_coverage for f in share.factors if f.activity_type.startswith("vehicle_distance."))


@pytest.mark.parametrize(
    ("year", "activity", "technology", "ch4", "n2o"),
    [
        (2025, "passenger_car.petrol", "model year 1975", "0.0001423", "0.0000443"),
        (2025, "light_duty_truck.petrol", "model year 1976", "0.0001594", "0.0000555"),  # below the second line of the vehicle's name
        (2025, "heavy_duty_vehicle.petrol", "model year ≤1980", "0.0004604", "0.0000497"),
        (2021, "motorcycle.petrol", "model year 1996-2018", "0.0000672", "0.0000069"),
        (2025, "medium_heavy_duty_vehicle.diesel", "model year 2007-2022", "0.0000095", "0.0000431"),
        (2021, "bus.cng", "all model years", "0.01", "0.000001"),
        (2024, "passenger_car.petrol", "model year 2020", "0.000005", "0.00000135"),  # 4.999999999999999e-3 g in the cell
    ],
)
def test_grams_per_mile_by_model_year(one, year, activity, technology, ch4, n2o):
    factor = one(year, f"vehicle_ch4_n2o.{activity}", technology=technology, is_default=False)

    assert masses(factor) == {"CH4_fossil": Fraction(ch4), "N2O": Fraction(n2o)}


def test_motorcycles_of_2025_are_flagged_as_transposed(share):
    flagged = {(f.dataset, f.activity_type) for f in share.factors if any("transposed" in note for note in f.notes)}

    assert flagged == {("us-epa-hub-2025", "vehicle_ch4_n2o.motorcycle.petrol")}


def test_a_zero_for_both_gases_between_others_is_left_out_as_doubtful(share):
    (row,) = [row for row in share.excluded_rows if row.reason.startswith("doubtful")]

    assert (row.dataset, row.text) == ("us-epa-hub-2024", "1996-2005 | 0 | 0")


def test_a_zero_stored_as_text_is_a_zero(one):
    rail = one(2024, "vehicle_fuel.petrol", technology="Logging Equipment, Gasoline (2 stroke)", is_default=False)

    assert masses(rail)["N2O"] == 0
    assert "N2O: printed as 0." in rail.notes


@pytest.mark.parametrize(
    ("year", "region", "data_year", "pounds"),
    [
        (2025, "grid:US-NYCW", 2023, ("974.656", "0.025", "0.003")),
        (2025, "US", 2023, ("771.523", "0.057", "0.008")),
        (2024, "grid:US-RFCE", 2022, ("657.386", "0.045", "0.006")),
        (2021, "grid:US-PRMS", 2019, ("1537.3", "0.084", "0.013")),  # "New Region" stands before it
        (2021, "grid:US-CAMX", 2019, ("453.2", "0.033", "0.004")),  # acronym and name in one cell
    ],
)
def test_grid_factors_are_pounds_per_megawatt_hour_of_the_grids_own_year(one, year, region, data_year, pounds):
    factor = one(year, "electricity.grid", region=region)

    assert masses(factor) == {gas: Fraction(value) * POUND for gas, value in zip(("CO2", "CH4_fossil", "N2O"), pounds, strict=True)}
    assert (factor.data_year, factor.purpose, factor.unit) == (data_year, "location_average", "MWh")


def test_non_baseload_rates_never_answer_for_an_inventory(share):
    marginal = [f for f in share.factors if f.technology == "non-baseload output rate"]

    assert len(marginal) == 3 * 28
    assert all(f.purpose is None and not f.is_default for f in marginal)


def test_losses_are_per_megawatt_hour_used(one):
    lost = one(2025, "electricity.grid", region="grid:US-NYUP", stage="transmission_losses", is_default=False)

    # 240.99 lb × 0.45359237 kg/lb × 0.042 ÷ 0.958 = 4.792… kg
    assert masses(lost)["CO2"] == Fraction("240.99") * POUND * Fraction("0.042") / Fraction("0.958")


def test_puerto_rico_has_no_loss_and_so_no_factor_of_losses(share):
    regions = {f.region for f in share.factors if f.stage == "transmission_losses"}

    assert len(regions) == 27
    assert "grid:US-PRMS" not in regions


def test_steam_is_natural_gas_at_80_percent(one):
    assert abs(masses(one(2025, "steam.purchased"))["CO2"] - Fraction("53.06") / Fraction("0.8")) < Fraction("0.006")


@pytest.mark.parametrize(
    ("year", "activity", "kilograms"),
    [
        (2025, "waste.office_paper.landfill", "1410"),  # 1.41 t
        (2025, "waste.asphalt.recycling", "3.5205384954666674"),  # unrounded
        (2025, "waste.garden.anaerobic_digestion_dry", "110"),
        (2021, "waste.municipal.landfill", "520"),
        (2024, "waste.hdpe.combustion", "2800"),
    ],
)
def test_waste_is_kilograms_of_co2e_on_ar4_per_short_ton(one, year, activity, kilograms):
    factor = one(year, activity, stage="life_cycle")

    assert masses(factor) == {"CO2e": printed_number(kilograms)}
    assert (factor.unit, factor.gases[0].gwp_basis) == ("short_ton", "AR4")


def test_a_treatment_that_does_not_apply_makes_no_factor(share):
    assert not [f for f in share.factors if f.activity_type == "waste.hdpe.composting"]


def test_vehicles_of_table_10_that_stand_in_table_8_are_excluded_as_doubles(share):
    doubles = Counter(row.dataset for row in share.excluded_rows if row.reason.startswith("the same factor as"))

    assert doubles == {"us-epa-hub-2021": 2, "us-epa-hub-2024": 2, "us-epa-hub-2025": 2}


def test_blends_whose_printed_gwp_is_not_that_of_their_printed_composition_are_flagged(share):
    doubtful = {(row.dataset, row.text.split(" | ")[0]): row.reason for row in share.excluded_rows if "Doubtful" in row.reason}

    assert set(doubtful) == {
        ("us-epa-hub-2025", "R-424A"),
        *(("us-epa-hub-2021", blend) for blend in ("R-402A", "R-417A", "R-428A", "R-507")),  # damaged compositions: 6 % for 60 %
    }
    # 0.505 × 3170 + 0.47 × 1300 = 2211.85
    assert doubtful["us-epa-hub-2025", "R-424A"].endswith("gives 2211.85 on AR5, printed is 3104")


def test_every_value_of_the_tidy_table_stands_in_the_workbook(share):
    rows = [row for row in share.excluded_rows if row.dataset == "us-epa-hub-2025-tidy"]

    assert len(rows) == 1309
    assert all("checked equal" in row.reason for row in rows)
    assert sum("peat" in row.reason for row in rows) == 2  # CO2 per mmBtu and per short ton, which its note calls biogenic


def test_one_factor_answers_and_every_other_is_told_apart_within_an_edition(share):
    asked = [(f.dataset, f.activity_type, f.region, f.data_year, unit(f.unit).dimension) for f in share.factors]
    apart = Counter((question, f.stage, f.purpose, f.technology) for question, f in zip(asked, share.factors, strict=True))
    defaults = Counter(question for question, f in zip(asked, share.factors, strict=True) if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    assert {f.stage for f in share.factors if f.is_default} == {"direct", "life_cycle"}
    assert {f.activity_type.split(".")[0] for f in share.factors if f.stage == "life_cycle"} == {"waste"}


def test_no_mass_is_negative_and_every_unit_is_one_of_its_activity_type(share):
    kinds = {f.activity_type: unit(f.unit).dimension for f in share.factors}

    assert all(part.kg_per_unit >= 0 for f in share.factors for part in _parts(f))
    assert kinds["fuel.natural_gas"] in {"standard_volume", "energy_gross"}


@pytest.mark.parametrize(
    ("row", "column", "new", "complaint"),
    [
        (15, "H", "kg CO2 per long ton", "no heading|unknown"),  # a unit in a heading
        (16, "C", "Moon Fuels", "Coal and Coke"),  # a section
        (17, "C", "Unobtainium", "unknown fuel 'Unobtainium'"),
        (17, "D", "", "missing is not zero"),  # heat content
        (17, "F", "", "missing is not zero"),
        (17, "H", "", "missing is not zero"),  # a blank is only that of pulping liquors
        (104, "E", "litre", "unknown unit 'litre'"),
        (127, "C", "Gasoline Hovercraft", "unknown vehicle 'Gasoline Hovercraft'"),
        (290, "D", "Whale Oil", "unknown fuel 'Whale Oil'"),
        (339, "C", "AKXX", "unknown eGRID subregion 'AKXX'"),
        (338, "E", "(kg CO2 / MWh)", "no heading"),
        (410, "C", "Cooling", "unknown energy 'Cooling'"),
        (421, "D", "CO2 Factor (g CO2 / unit)", "no heading"),
        (426, "G", "tonne-km", "unknown transport 'Rail' per 'tonne-km'"),
        (434, "D", "Kilograms CO2e / Short Ton Material", "no heading"),
        (436, "C", "Moon Dust", "unknown material 'Moon Dust'"),
        (436, "D", "n/a", "is no number"),
        (504, "D", 0.298, "another value than Table 8"),
        (525, "E", 25.0, "GWP 25 of CH4_biogenic is not that of AR5"),
        (575, "E", "50% HFC-32 , 50% phlogiston", "unknown constituent 'phlogiston'"),
    ],
)
def test_a_cell_that_cannot_be_mapped_is_refused(lines, row, column, new, complaint):
    altered = [list(line) for line in lines[2025]]
    altered[row - 1][ord(column) - ord("A")] = new

    with pytest.raises(UnmappedRow, match=complaint):
        add_edition(sheet_of(EDITION_2025, altered), Contribution())


def test_a_negative_value_is_refused(lines):
    altered = [list(line) for line in lines[2025]]
    altered[16][4] = -103.69

    with pytest.raises(MalformedNumber):
        add_edition(sheet_of(EDITION_2025, altered), Contribution())


def test_a_tidy_value_that_is_not_in_the_workbook_is_refused(change):
    with pytest.raises(UnmappedRow, match="the 2025 workbook has no such value"):
        import_us_epa_hub(change(PATH, "Anthracite,Coal and Coke,CO2,103.69", "Anthracite,Coal and Coke,CO2,103.96"))
