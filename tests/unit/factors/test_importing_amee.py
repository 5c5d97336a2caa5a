"""AMEE: every row of the 93 tables accounted for; only what prints a unit becomes a factor."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers import amee
from services.factors.catalogue.importers.amee import import_amee
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES, masses


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_amee(SourceFolder(SOURCES))


@dataclass(frozen=True, slots=True)
class AlteredArchive(SourceFolder):
    """The archive with one text in one of its tables changed."""

    table: str
    old: str
    new: str

    def read(self, path: str) -> bytes:
        changed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(SourceFolder(self.root).read(path))) as archive, zipfile.ZipFile(changed, "w") as copy:
            for name in archive.namelist():
                content = archive.read(name).decode()
                if name == f"{self.table}__data.csv":
                    assert self.old in content
                    content = content.replace(self.old, self.new, 1)
                copy.writestr(name, content)
        return changed.getvalue()


def test_every_row_of_the_93_tables_is_loaded_or_excluded_with_a_reason(share):
    (dataset,) = share.datasets

    assert (dataset.rows_loaded, dataset.rows_excluded) == (26, 1948)  # 1,974 records below 93 headers
    assert all(row.reason for row in share.excluded_rows)


def test_reasons_say_what_the_rows_are(share):
    counted = Counter(re.split("[,:;]", row.reason)[0] for row in share.excluded_rows)

    assert counted == {
        "a parameter of a calculation": 729,
        "no unit": 1164,  # 532 of stationary combustion, 544 of processes, 84 of transport, 4 per area
        "a rate of refrigerant lost": 30,
        "a placeholder without a value": 24,
        "the same as business__processes__production__lime__carbonate line 9 under another name": 1,
    }


def test_placeholders_hold_no_number(share):
    placeholders = [row for row in share.excluded_rows if row.reason == "a placeholder without a value"]

    assert not any(cell.strip().replace(".", "").isdigit() for row in placeholders for cell in row.text.split("|"))


@pytest.mark.parametrize(
    ("activity", "technology", "expected"),
    [
        ("process.aluminium.centre_worked_prebake", None, {"CO2": "1.6", "CF4": "0.0004", "C2F6": "0.00004"}),
        ("process.aluminium.horizontal_stud_soderberg", None, {"CO2": "1.7", "CF4": "0.0004", "C2F6": "0.00003"}),
        ("process.nitric_acid.high_pressure", None, {"N2O": "0.009"}),
        ("process.nitric_acid.nscr", None, {"N2O": "0.002"}),
        ("process.hcfc_22", "plants built before 1995", {"HFC-23": "0.04"}),
        ("process.pulp_and_paper.make_up_sodium_carbonate", None, {"CO2": "0.415"}),
        ("process.desulphurisation.dolomite", None, {"CO2": "0.477"}),
        ("process.carbonates.magnesite", None, {"CO2": "0.52"}),
    ],
)
def test_factors_are_the_printed_ones_per_kilogram(share, activity, technology, expected):
    (factor,) = [f for f in share.factors if (f.activity_type, f.technology) == (activity, technology)]

    assert masses(factor) == {gas: Fraction(value) for gas, value in expected.items()}
    assert (factor.unit, factor.region, factor.stage, factor.data_year) == ("kg", "GLO", "direct", None)


def test_carbonates_are_what_their_chemistry_gives(share):
    """Mass of CO2 per mass of carbonate, by molar masses: calcite 44.01 ÷ 100.09 = 0.4397, sodium carbonate 44.01 ÷ 105.99 = 0.4152."""
    chemistry = {"calcite": 44.01 / 100.09, "magnesite": 44.01 / 84.31, "siderite": 44.01 / 115.85, "rhodochrosite": 44.01 / 114.95}
    chemistry |= {"dolomite": 88.02 / 184.40, "soda_ash": 44.01 / 105.99, "aragonite": 44.01 / 100.09}

    for name, expected in chemistry.items():
        (factor,) = [f for f in share.factors if f.activity_type == f"process.carbonates.{name}"]
        assert abs(float(masses(factor)["CO2"]) - expected) < 0.006, name


def test_the_data_set_is_not_worldwide_so_that_a_copy_of_2011_answers_only_by_name(share):
    (dataset,) = share.datasets

    assert not dataset.is_global
    assert not dataset.has_vintage


@pytest.mark.parametrize(
    ("table", "old", "new", "complaint"),
    [
        ("business__processes__production__nitricAcid", "kgN20/kgHNO", "kgN20/t", "unknown unit 'kgN20/t'"),
        (
            "business__processes__production__nitricAcid",
            "High pressure plants",
            "Plants on the moon",
            "unknown process 'Plants on the moon'",
        ),
        ("business__processes__production__lime__carbonate", "Soda Ash,MnCO3,0.41", "Soda Ash,MnCO3,0.42", "soda ash"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(table, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_amee(AlteredArchive(SOURCES, table, old, new))


def test_an_unknown_table_is_refused(monkeypatch):
    known = amee.table_rows
    monkeypatch.setattr(amee, "table_rows", lambda name: [row for row in known(name) if "ammonia" not in row.get("file", "")])

    with pytest.raises(UnmappedRow, match="unknown table 'business__processes__production__ammonia'"):
        import_amee(SourceFolder(SOURCES))
