"""What ADEME's files may hold, and what stops the import: nothing is read that was not foreseen."""

from dataclasses import replace

import pytest

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.fr_ademe.element_import import import_base_carbone
from services.factors.catalogue.importers.fr_ademe.rows import AdemeRow, read_rows, unescaped
from services.factors.catalogue.importers.fr_ademe.spend import SPEND_FACTORS, import_spend
from services.factors.catalogue.importers.fr_ademe.validity import validity_of
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

from .conftest import SOURCES


@pytest.fixture(scope="module")
def rows() -> list[AdemeRow]:
    return read_rows(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def spend_elements(rows) -> frozenset[str]:
    return import_spend(SourceFolder(SOURCES), rows, Contribution())


@pytest.mark.parametrize(
    ("printed", "last_day"),
    [
        ("2017-12-01 00:00:00", "2017-12-01"),
        ("2026", "2026-12-31"),
        ("déc.-18", "2018-12-31"),
        ("Année 2020", "2020-12-31"),
        ("Données valides pour l'année 2024", "2024-12-31"),
        ("45362", "2024-03-11"),  # 45,362 days after 30 December 1899
        ("3 ans", None),
        ("", None),
    ],
)
def test_every_way_of_writing_a_validity_is_read(printed, last_day):
    found = validity_of(AdemeRow("line 2", {"Période de validité": printed}))

    assert (found.last_day.isoformat() if found.last_day else None) == last_day


def test_cells_that_were_escaped_twice_are_read_as_text():
    assert unescaped('"""Barre céréalière """"équilibre"""" aux fruits"""') == 'Barre céréalière "équilibre" aux fruits'
    assert unescaped("simple") == "simple"


@pytest.mark.parametrize(
    ("element", "column", "text", "complaint"),
    [
        ("12900", "Unité français", "kgCO2e/boisseau", "unknown unit 'kgCO2e/boisseau'"),
        ("12900", "Code de la catégorie", "Combustibles > Nucléaires", "unknown section 'Combustibles > Nucléaires'"),
        ("12900", "Nom base français", "Houille blanche", "unknown fuel"),
        ("40963", "Nom base français", "Barre de céréales", "unknown name 'Barre de céréales'"),
        ("43643", "Nom base français", "Aéroglisseur", "unknown vehicle 'Aéroglisseur'"),
        ("43643", "Nom attribut français", "3 tonnes", "unknown trait '3 tonnes'"),
        ("12900", "Localisation géographique", "Lune", "unknown place 'Lune', ''"),
        ("12900", "Période de validité", "bientôt", "unknown period of validity 'bientôt'"),
        ("34856", "Nom attribut français", "2012 - usage : Bitcoin", "unknown use of electricity 'Bitcoin'"),
        ("24303", "Code gaz supplémentaire 2", "NF3", "unknown additional gas 'NF3'"),
        ("12900", "Total poste non décomposé", "3.5", "the gases add up to 2.8599, the total is 3.5"),
    ],
)
def test_a_row_that_cannot_be_mapped_is_refused(rows, spend_elements, element, column, text, complaint):
    altered = [replace(row, cells={**row.cells, column: text}) if row.element_id == element and row.is_element else row for row in rows]

    with pytest.raises(UnmappedRow, match=complaint):
        import_base_carbone(altered, spend_elements, Contribution())


def test_an_item_of_an_unknown_kind_is_refused(rows, spend_elements):
    altered = [replace(row, cells={**row.cells, "Type poste": "Magie"}) if row.id == "line 192" else row for row in rows]

    with pytest.raises(UnmappedRow, match="line 192: unknown kind of item 'Magie'"):
        import_base_carbone(altered, spend_elements, Contribution())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (",166,kgCO2e/kEUR", ",167,kgCO2e/kEUR", "not the figure of the Base Carbone"),
        ("kgCO2e/kEUR", "kgCO2e/EUR", "unit 'kgCO2e/EUR'"),
        ("Agences de voyage, voyagistes", "Agences de presse, voyagistes", "unknown group 'Agences de presse"),
    ],
)
def test_a_spend_row_that_cannot_be_mapped_is_refused(change, rows, old, new, complaint):
    with pytest.raises(UnmappedRow, match=complaint):
        import_spend(change(SPEND_FACTORS, old, new), rows, Contribution())
