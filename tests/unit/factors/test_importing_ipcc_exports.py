"""IPCC 2006, exports of the Emission Factor Database: processes, waste and vehicles row by row, with spot values and the quirks."""

from collections import Counter
from fractions import Fraction

import pytest

from ghg.errors import MalformedNumber
from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.ipcc import MOBILE, IpccTables, import_ipcc
from services.factors.catalogue.importers.ipcc_processes import PROCESSES, WASTE, import_ipcc_processes
from services.factors.catalogue.importers.ipcc_vehicles import import_ipcc_vehicles
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def processes() -> Contribution:
    return import_ipcc_processes(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def vehicles() -> Contribution:
    return import_ipcc_vehicles(SourceFolder(SOURCES))


@pytest.fixture
def one(processes, vehicles):
    def find(activity_type: str, **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, **attributes}
        factors = (*processes.factors, *vehicles.factors)
        (found,) = [factor for factor in factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        return found

    return find


def reasons_of(share: Contribution, dataset: str) -> dict[str, str]:
    return {row.row: row.reason for row in share.excluded_rows if row.dataset == dataset}


def test_every_row_is_loaded_or_excluded_with_a_reason(processes, vehicles):
    accounts = {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in (*processes.datasets, *vehicles.datasets)}

    assert accounts == {
        "ipcc-2006-processes": (283, 118),  # 401 rows
        "ipcc-2006-waste": (16, 456),  # 472 rows, nearly all of them parameters
        "ipcc-2006-vehicles": (308, 56),  # 312 rows per km, of which 4 are ranges, and 52 per start
    }


def test_of_the_mobile_rows_per_terajoule_few_are_left_out():
    share = import_ipcc(IpccTables(SourceFolder(SOURCES)))
    reasons = Counter(reasons_of(share, "ipcc-2006-mobile").values())

    # 418 rows, of which 364 are per vehicle: 10 weighting factors, 3 NOx, 3 of biogasoline without a pair
    assert sorted(reasons.values()) == [3, 3, 10]
    (dataset,) = [dataset for dataset in share.datasets if dataset.id == "ipcc-2006-mobile"]
    assert dataset.rows_loaded + dataset.rows_excluded == 418 - 364


def test_one_factor_answers_each_question(processes, vehicles):
    factors = (*processes.factors, *vehicles.factors)
    apart = Counter((f.dataset, f.activity_type, f.region, unit(f.unit).dimension, f.stage, f.technology) for f in factors)
    defaults = Counter((f.activity_type, f.region, unit(f.unit).dimension) for f in factors if f.is_default)

    assert max(apart.values()) == max(defaults.values()) == 1
    for factor in factors:
        assert unit(factor.unit).dimension in written_activity_types()[factor.activity_type].unit_dimensions, factor.key
        assert (factor.stage, factor.data_year) == ("direct", None)
        assert all(part.kg_per_unit >= 0 for part in factor.gases)


@pytest.mark.parametrize(
    ("activity_type", "technology", "expected", "symbol"),
    [
        ("process.carbonates.calcite", None, {"CO2": "439.71"}, "t"),  # 213919: 0.43971 t/t
        ("process.cement.clinker", None, {"CO2": "520"}, "t"),  # 213926: 0.52 t/t, cement kiln dust included
        ("process.lime.dolomitic", "developing countries", {"CO2": "770"}, "t"),  # 27514
        ("process.ammonia.natural_gas", None, {"CO2": "1694"}, "t"),  # 213980
        ("process.nitric_acid.high_pressure", None, {"N2O": "9"}, "t"),  # 213990
        ("process.adipic_acid", None, {"N2O": "300"}, "t"),  # 23037
        ("process.silicon_carbide", None, {"CO2": "2620", "CH4_fossil": "11.6"}, "t"),  # 214000, 27546
        ("process.ethylene.ethane", None, {"CO2": "950", "CH4_fossil": "6"}, "t"),  # 214028, 214030
        ("process.vinyl_chloride.balanced", None, {"CO2": "294", "CH4_fossil": "0.0226"}, "t"),  # 214046, 214047
        ("process.iron.sinter", None, {"CO2": "200", "CH4_fossil": "0.07"}, "t"),  # 214091, 214099
        ("process.ferroalloys.silicon_metal", "batch-charging", {"CO2": "5000", "CH4_fossil": "1.5"}, "t"),  # 214108, 214121
        ("process.aluminium.side_worked_prebake", None, {"CO2": "1600", "CF4": "1.6", "C2F6": "0.4"}, "t"),  # 214134, 214136, 214140
        ("process.hcfc_22", "plants of recent design (2006)", {"HFC-23": "0.03"}, "kg"),  # 214067: kg/kg
        ("process.sf6_production", "for uses that need highly purified gas", {"SF6": "0.08"}, "kg"),  # 210203: 8 %
        ("process.flat_panels.by_glass", None, {"CF4": "0.0005", "NF3": "0.0009", "SF6": "0.004"}, "m2"),  # g/m2
        ("process.semiconductors.use_of_c2f6", "etching", {"C2F6": "0.4", "CF4": "0.4"}, "kg"),  # 214205, 214217
        ("process.semiconductors.use_of_f2", None, {"CF4": "0.02"}, "kg"),  # 214198: fluorine is no greenhouse gas, its by-product is
        ("process.electrical_equipment.use.transformers", None, {"SF6": "0.007"}, "kg"),  # 214460, Japan
        ("process.awacs", None, {"SF6": "740"}, "unit"),  # 214462, per plane and year
        ("process.waste.composting", None, {"CH4_biogenic": "4", "N2O": "0.24"}, "kg"),  # 615013, 615017: g/kg wet
        ("process.waste.incineration.sewage_sludge", None, {"N2O": "0.9"}, "t"),  # 615065
        ("process.waste.open_burning", "methane only, by wet weight", {"CH4_biogenic": "6.5"}, "t"),  # 615037
    ],
)
def test_spot_values_across_the_industries(one, activity_type, technology, expected, symbol):
    factor = one(activity_type, technology=technology)
    in_kilograms = {gas: Fraction(mass) for gas, mass in expected.items()}
    if activity_type == "process.waste.composting":
        in_kilograms = {gas: mass / 1000 for gas, mass in in_kilograms.items()}

    assert (masses(factor), factor.unit) == (in_kilograms, symbol)


def test_nitrogen_of_effluents_is_turned_into_nitrous_oxide(one):
    assert masses(one("process.waste.wastewater_nitrogen")) == {"N2O": Fraction("0.005") * Fraction(44, 28)}  # 615004: kg N2O-N/kg N


def test_ammonia_rows_that_hold_gigajoules_are_excluded(processes):
    reasons = reasons_of(processes, "ipcc-2006-processes")

    assert all("gigajoules" in reasons[f"EFDB {number}"] for number in (213981, 213982, 213983, 213984, 213985))


@pytest.mark.parametrize(
    ("dataset", "row", "words"),
    [
        ("ipcc-2006-processes", "EFDB 213923", "range"),  # ankerite: 0.40822-0.47572
        ("ipcc-2006-processes", "EFDB 214454", "share of the charge remaining"),  # 0.95 [Lifetime: >35 years]
        ("ipcc-2006-processes", "EFDB 214069", "mixture of several gases"),
        ("ipcc-2006-processes", "EFDB 214100", "per terajoule"),  # CH4 of direct reduction
        ("ipcc-2006-waste", "EFDB 615016", "blank"),  # N2O of anaerobic digestion
        ("ipcc-2006-waste", "EFDB 614961", "a capacity"),  # Bo
    ],
)
def test_rows_that_are_no_factor_say_why(processes, dataset, row, words):
    assert words in reasons_of(processes, dataset)[row]


def test_entities_of_the_export_are_written_out(processes):
    texts = [row.text for row in processes.excluded_rows] + [note for factor in processes.factors for note in factor.notes]

    assert not [text for text in texts if "&gt;" in text or "&lt;" in text or "&quot;" in text]


def test_partial_figures_of_incineration_answer_only_by_name(processes):
    burning = [f for f in processes.factors if f.activity_type.startswith(("process.waste.incineration.m", "process.waste.open_burning"))]

    assert len(burning) == 4
    assert not any(f.is_default for f in burning)


def test_vehicles_have_methane_and_nitrous_oxide_alone_and_never_answer_by_default(vehicles, one):
    assert not any(f.is_default for f in vehicles.factors)
    assert {gas.gas for f in vehicles.factors for gas in f.gases} == {"CH4_fossil", "CH4_biogenic", "N2O"}
    car = one("vehicle_ch4_n2o.passenger_car.petrol", technology="European vehicles, Euro 1, Urban, Cold")
    # 118745 and its pair: 38 mg N2O and 45 mg CH4 per km
    assert masses(car) == {"CH4_fossil": Fraction(45, 1_000_000), "N2O": Fraction(38, 1_000_000)}
    assert "add the CO2 of the fuel" in car.notes[0]


def test_buses_on_ethanol_have_biogenic_methane(one):
    bus = one("vehicle_ch4_n2o.bus.bioethanol")

    assert masses(bus) == {"CH4_biogenic": Fraction(1292, 1_000_000), "N2O": Fraction(226, 1_000_000)}  # 118724 and its pair


def test_cold_starts_and_ranges_are_excluded(vehicles):
    assert Counter(row.reason.split(",")[0] for row in vehicles.excluded_rows) == {"per cold start": 52, "a range": 4}


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (PROCESSES, "tonne CO2/tonne clinker produced", "lb CO2/tonne clinker produced", "reviewed was 'tonne CO2/tonne clinker"),
        (PROCESSES, "Slope Coefficient", "Slope Number", "unknown 'Technology Specific Slope Number"),
        (PROCESSES, "\n213926,", "\n999999,", "EFDB 213926 of tables/ipcc_process_factors.csv is not in the file"),
        (PROCESSES, "0.40822-0.47572", "0.4 or so", "EFDB 213923: unknown 'Emission factor for CO2"),
        (WASTE, "Half-Life", "Half-Time", "unknown 'Half-Time"),
        (WASTE, "g N2O /tonne waste", "g N2O /short ton waste", "reviewed was 'g N2O /tonne waste'"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(change, path, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_ipcc_processes(change(path, old, new))


@pytest.mark.parametrize("text", ["about 27", "27 mg", "27 - 45 mg"])
def test_a_value_that_is_neither_a_number_nor_a_range_is_refused(change, text):
    with pytest.raises((MalformedNumber, UnmappedRow)):
        import_ipcc_vehicles(change(MOBILE, "27 - 45", text))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("Vehicle Technology/Class: Euro 1", "Vehicle Technology/Class: Euro 9", "unknown vehicle"),
        ("Emission Factor for USA Vehicles", "Emission Factor for Martian Vehicles", "unknown model"),
        ("Advanced Three-Way Catalyst", "Early Three-Way Catalyst", "several rows of one gas"),
    ],
)
def test_a_vehicle_that_cannot_be_mapped_is_refused(change, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_ipcc_vehicles(change(MOBILE, old, new))
