"""The rows of the Base Carbone: elements, and the items ("postes") that an element is the sum of."""

import csv
import gzip
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

BASE_CARBONE = "fr-ademe/Base_Carbone_V23.6_valid.csv.gz"

_NAME_PARTS = ("base", "attribut", "frontière")


@dataclass(frozen=True, slots=True)
class AdemeRow:
    """One row as it stands; `id` is the line that it ends on, the header being line 1."""

    id: str
    cells: dict[str, str]

    @property
    def element_id(self) -> str:
        """The publisher's number of the element, which its items share."""
        return self.cells["Identifiant de l'élément"]

    @property
    def is_element(self) -> bool:
        """Whether the row is an element, not one of its items."""
        return self.cells["Type Ligne"] == "Elément"

    @property
    def is_factor(self) -> bool:
        """Whether the publisher calls it an emission factor; the rest is "Données source": heating values, shares, statistics."""
        return self.cells["Type de l'élément"] == "Facteur d'émission"

    @property
    def category(self) -> str:
        """The path of the publisher's tree, "Combustibles > Fossiles > …"."""
        return self.cells["Code de la catégorie"]

    @property
    def french(self) -> tuple[str, str, str]:
        """Name, attribute and boundary in French, which together tell every element from any other."""
        base, attribute, boundary = (unescaped(self.cells[f"Nom {part} français"]) for part in _NAME_PARTS)
        return base, attribute, boundary

    @property
    def english(self) -> tuple[str, str, str]:
        """The same in English, where the publisher translates it."""
        base, attribute, boundary = (unescaped(self.cells[f"Nom {part} anglais"]) for part in _NAME_PARTS)
        return base, attribute, boundary

    @property
    def item(self) -> str:
        """What an item is, "Amont, Production"; empty for an element."""
        return ", ".join(part for part in (self.cells["Type poste"], unescaped(self.cells["Nom poste français"])) if part)

    @property
    def total(self) -> str:
        """The printed total in kg CO2e per unit."""
        return self.cells["Total poste non décomposé"]

    @property
    def unit(self) -> str:
        """The printed unit, such as "kgCO2e/kWh PCI"."""
        return unescaped(self.cells["Unité français"])

    @property
    def text(self) -> str:
        """The row in one line, for a reader of the excluded rows."""
        name = ", ".join(part for part in self.french if part)
        place = " ".join(part for part in (self.cells["Localisation géographique"], self.place_within) if part)
        return " | ".join(part for part in (self.element_id, name, self.item, f"{self.total} {self.unit}".strip(), place) if part)

    @property
    def place_within(self) -> str:
        """The region, country or town within the geographical location."""
        return unescaped(self.cells["Sous-localisation géographique français"])


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its items, none where the publisher does not split it."""

    row: AdemeRow
    items: tuple[AdemeRow, ...]

    @property
    def id(self) -> str:
        """The publisher's number."""
        return self.row.element_id

    @property
    def rows(self) -> tuple[AdemeRow, ...]:
        """The element's own row and those of its items."""
        return (self.row, *self.items)


def read_rows(sources: SourceFolder) -> list[AdemeRow]:
    """All rows in file order."""
    reader = csv.DictReader(io.StringIO(gzip.decompress(sources.read(BASE_CARBONE)).decode("utf-8-sig"), newline=""))
    return [AdemeRow(f"line {reader.line_num}", cells) for cells in reader]


def elements_of(rows: Iterable[AdemeRow]) -> list[Element]:
    """The elements among the rows, in file order.

    raises    UnmappedRow, if an element stands twice or an item has no element
    """
    heads: dict[str, AdemeRow] = {}
    items: dict[str, list[AdemeRow]] = {}
    for row in rows:
        if not row.is_element:
            items.setdefault(row.element_id, []).append(row)
        elif row.element_id in heads:
            raise UnmappedRow(f"{BASE_CARBONE} {row.id}: element {row.element_id} stands twice")
        else:
            heads[row.element_id] = row
    if orphans := items.keys() - heads.keys():
        raise UnmappedRow(f"{BASE_CARBONE}: items without element: {sorted(orphans)[:5]}")
    return [Element(row, tuple(items.get(element_id, ()))) for element_id, row in heads.items()]


def unescaped(cell: str) -> str:
    """The text of a cell that was escaped twice ('\"Bière \"\"spéciale\"\"\"'), without doubled blanks; a lone quotation mark goes."""
    text = " ".join(cell.split())
    while len(text) > 1 and text[0] == '"' == text[-1]:
        text = text[1:-1].replace('""', '"')
    text = re.sub('"+', '"', text)
    return (text if text.count('"') % 2 == 0 else text.replace('"', "")).strip()
