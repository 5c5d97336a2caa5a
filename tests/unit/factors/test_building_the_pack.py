"""Building is repeatable from the sources that ship, and refuses what was not reviewed or cannot be mapped."""

import gzip
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ghg.errors import MalformedNumber, UnknownGas
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.cn_mee import ELECTRICITY, FUELS, import_cn_mee
from services.factors.catalogue.importers.gwp import BLENDS, import_gwp_and_refrigerants
from services.factors.catalogue.importers.ipcc import IpccTables
from services.factors.catalogue.importers.uk_desnz.edition_import import import_edition
from services.factors.catalogue.importers.uk_desnz.editions import EDITION_2021
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_builder import build_pack, verify_pack
from services.factors.catalogue.pack_reader import pack_file_content
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import PackDiffers, SourceChanged, UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from tests.whole_pack import read_pack

from .conftest import PACK, SOURCES


def files_of(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"}


def test_two_builds_give_the_same_bytes_which_are_those_that_ship(tmp_path):
    build_pack(SOURCES, tmp_path)
    verify_pack(tmp_path)  # builds again and compares

    assert files_of(tmp_path).keys() == files_of(PACK).keys()
    for name, path in files_of(tmp_path).items():
        assert pack_file_content(path) == pack_file_content(PACK / name), name


def test_verification_names_what_differs_from_a_rebuild(tmp_path):
    pack = Path(shutil.copytree(PACK, tmp_path / "pack"))
    factors = pack / "factors/cn-mee-electricity-2021.jsonl.gz"
    factors.write_bytes(gzip.compress(gzip.decompress(factors.read_bytes()).replace(b'"0.4715"', b'"0.4716"', 1)))
    (pack / "extra.txt").write_text("not from a source")

    with pytest.raises(PackDiffers, match=r": extra\.txt, factors/cn-mee-electricity-2021\.jsonl\.gz$"):
        verify_pack(pack)


def test_compressed_files_carry_no_time_of_their_making():
    for name, path in files_of(PACK).items():
        if name.endswith(".gz"):
            assert path.read_bytes()[4:8] == bytes(4), name


def test_a_source_with_one_changed_byte_is_refused(tmp_path):
    folder = Path(shutil.copytree(SOURCES, tmp_path / "sources"))
    zipped = folder / f"{ELECTRICITY}.gz"
    content = gzip.decompress(zipped.read_bytes()).replace(b"0.4715", b"0.4714", 1)
    zipped.write_bytes(gzip.compress(content))

    with pytest.raises(SourceChanged, match="reviewed was 542a9789"):
        build_pack(folder, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_a_missing_source_is_refused(tmp_path):
    with pytest.raises(SourceChanged, match="put the reviewed file there"):
        SourceFolder(tmp_path).read(ELECTRICITY)


def test_a_pack_file_that_is_not_the_one_of_the_manifest_is_not_read(tmp_path):
    pack = Path(shutil.copytree(PACK, tmp_path / "pack"))
    (pack / "properties.jsonl").write_bytes(b"")

    with pytest.raises(PackDiffers, match=r"properties\.jsonl has SHA-256"):
        read_pack(pack)


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (ELECTRICITY, "kgCO2/kWh", "lbCO2/kWh", "unknown unit or gas 'lbCO2/kWh'"),
        (ELECTRICITY, "CO2 only", "CO2e", "unknown unit or gas"),
        (ELECTRICITY, "CN-GD", "CN-XX", "unknown region 'CN-XX'"),
        (ELECTRICITY, "average", "marginal", "unknown kind of factor 'marginal'"),
        (FUELS, "GJ/t", "MJ/t", "unknown units 'MJ/t'"),
        (FUELS, "anthracite", "unobtainium", "unknown fuel 'unobtainium'"),
    ],
)
def test_a_chinese_row_that_cannot_be_mapped_is_refused(change, path, old, new, complaint):
    sources = change(path, old, new)

    with pytest.raises(UnmappedRow, match=complaint):
        import_cn_mee(sources, IpccTables(sources))


def test_an_unknown_constituent_gas_is_refused(change):
    sources = change(BLENDS, "R-410A,HFC410a,HFC32,", "R-410A,HFC410a,HFC-000,")

    with pytest.raises(UnknownGas):
        import_gwp_and_refrigerants(sources)


def test_a_blend_that_does_not_add_up_is_refused(change):
    sources = change(BLENDS, "R-410A,HFC410a,HFC32,50", "R-410A,HFC410a,HFC32,40")

    with pytest.raises(UnmappedRow, match="R-410A do not add up to 100 %"):
        import_gwp_and_refrigerants(sources)


FUEL_OIL = DesnzRow("1", "Scope 1", "Fuels", "Liquid fuels", "Fuel oil", "", "", "litres", "kg CO2e", 3.17)
GWPS = [
    DesnzRow("2", "Scope 1", "Refrigerant & other", "Kyoto protocol - standard", "Methane", "", "", "kg", "kg CO2e", 25.0),
    DesnzRow("3", "Scope 1", "Refrigerant & other", "Kyoto protocol - standard", "Nitrous oxide", "", "", "kg", "kg CO2e", 298.0),
]
GASES = [
    replace(FUEL_OIL, id=f"1{gas}", gas_as_printed=f"kg {gas}", value=value)
    for gas, value in (("CO2", 3.16), ("CH4", 0.005), ("N2O", 0.007))
]


def test_a_whole_group_of_rows_makes_a_factor():
    share = Contribution()
    import_edition(EDITION_2021, [FUEL_OIL, *GASES, *GWPS], share)

    (factor,) = share.factors
    assert (factor.activity_type, factor.unit) == ("fuel.fuel_oil", "L")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([replace(row, unit="barrels") for row in (FUEL_OIL, *GASES)], "unknown unit 'barrels'"),
        ([FUEL_OIL, *GASES[:2], replace(GASES[2], gas_as_printed="kg SF6")], "unknown gas 'kg SF6'"),
        ([FUEL_OIL, *GASES[:2]], "make no factor"),  # nitrous oxide missing: missing is not zero
        ([replace(row, level1="Spaceflight") for row in (FUEL_OIL, *GASES)], "unknown section 'Spaceflight'"),
        ([replace(row, level3="Whale oil") for row in (FUEL_OIL, *GASES)], "unknown fuel 'Whale oil'"),
    ],
)
def test_a_british_row_that_cannot_be_mapped_is_refused(rows, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_edition(EDITION_2021, [*rows, *GWPS], Contribution())


def test_an_edition_on_another_gwp_set_than_known_is_refused():
    ar5 = [replace(GWPS[0], value=28.0), replace(GWPS[1], value=265.0)]

    with pytest.raises(UnmappedRow, match="not those of AR4"):
        import_edition(EDITION_2021, [FUEL_OIL, *GASES, *ar5], Contribution())


def test_a_row_that_is_neither_loaded_nor_excluded_stops_the_build():
    ledger = RowLedger("cn-mee-fuels", FUELS, [("line 2", "anthracite"), ("line 3", "lignite")])
    ledger.load("line 2")

    with pytest.raises(UnmappedRow, match="1 rows neither loaded nor excluded, first 'lignite'"):
        ledger.source_file()


@pytest.mark.parametrize("cell", ["", "< 1", "n/a", "3-5", "-1", "nan"])
def test_what_is_not_one_number_is_not_read_as_one(cell):
    with pytest.raises(MalformedNumber):
        printed_number(cell)


def test_a_double_is_read_at_fifteen_digits():
    assert str(0.21233000000000002) == "0.21233000000000002"
    assert printed_number(0.21233000000000002) == printed_number("0.21233")


def test_reading_the_pack_needs_no_workbook_library():
    program = "import services.factors.catalogue.pack_reader, sys; sys.exit('python_calamine' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=PACK.parents[2], check=False).returncode == 0
