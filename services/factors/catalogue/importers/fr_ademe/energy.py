"""Fuels, electricity and networks of heat and cold."""

import re
from dataclasses import replace
from functools import cache

from services.factors.catalogue.importers.fr_ademe.placement import Placement
from services.factors.catalogue.importers.fr_ademe.places import Place, place_of
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, Element
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

GRID = "electricity.grid"
IEA_DATA_YEAR = 2011  # the year of the electricity factors in the IEA's "CO2 Emissions from Fuel Combustion, Highlights", 2013 edition

_LOCATION_AVERAGE = "location_average"
_AVERAGE_MIX = re.compile(r"(\d{4}) - mix moyen")
_USE = re.compile(r"(\d{4}) - usage : (.+)")
_METHODS = {"consommation (Méthode moyenne)": "average method", "consommation (Méthode saisonnalisée)": "seasonal method"}
_OVERSEAS_MIX = {"consommation": None, "consommation - 2020": 2020}
_FOREIGN = {("Électricité", "mix moyen"), ("Électricité en Europe", "mix moyen")}
_NETWORKS = {"Réseau de chaleur": "heat.purchased", "Réseau de froid": "cooling.purchased"}
_ORDER_OF = "2021"
_UNLISTED = re.compile("Autres réseaux.*")

# By attribute and boundary: the activity type, what tells it apart, and whether it answers for the type.
_GENERATION: dict[tuple[str, str], tuple[str, str | None, bool]] = {
    ("centrale charbon", "production"): ("electricity.coal", None, True),
    ("centrale fioul", "production"): ("electricity.oil", None, True),
    ("centrale gaz", "production"): ("electricity.gas", None, True),
    ("centrale nucléaire", "production (Parc Français)"): ("electricity.nuclear", "French fleet", True),
    ("géothermie", "production"): ("electricity.geothermal", None, True),
    ("hydraulique", "production"): ("electricity.hydro", None, True),
    ("photovoltaïque", "Fabrication Chine (Par défaut utilisé en France)"): ("electricity.solar_pv", "panels made in China", True),
    ("photovoltaïque", "Fabrication Europe"): ("electricity.solar_pv", "panels made in Europe", False),
    ("photovoltaïque", "Fabrication France"): ("electricity.solar_pv", "panels made in France", False),
    ("éolien en mer", "production"): ("electricity.wind", "offshore", False),
    ("éolien terrestre", "production"): ("electricity.wind", "onshore", True),
}


def fuel(element: Element) -> Placement:
    """A fuel by its name, attribute and boundary."""
    row = _fuels().get(element.row.french)
    if row is None:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown fuel {element.row.french}: add it to tables/fr_ademe/fuels.csv")
    place = place_of(element.row)
    technology = ", ".join(part for part in (row["technology"], place.technology) if part) or None
    return Placement(
        tuple(written_activity_types()[activity] for activity in row["activity_types"].split()),
        place,
        technology=technology,
        is_default=row["is_default"] == "yes" and place.technology is None,
        data_year=int(row["data_year"]) if row["data_year"] else None,
    )


@cache
def _fuels() -> dict[tuple[str, str, str], dict[str, str]]:
    return {(row["base"], row["attribute"], row["boundary"]): row for row in table_rows("fr_ademe/fuels.csv")}


def grid(element: Element) -> Placement:
    """Grid electricity of France and overseas: the average mix answers; the mix of one use is named only."""
    _, attribute, boundary = element.row.french
    place = place_of(element.row)
    placement = Placement((written_activity_types()[GRID],), place, technology=place.technology, purpose=_LOCATION_AVERAGE)
    if (year := _AVERAGE_MIX.fullmatch(attribute)) and boundary == "consommation":
        return replace(placement, data_year=int(year[1]))
    if attribute == "mix moyen" and boundary in _OVERSEAS_MIX:
        return replace(placement, data_year=_OVERSEAS_MIX[boundary], is_default=place.technology is None)
    if (use := _USE.fullmatch(attribute)) and boundary in _METHODS:
        return replace(placement, technology=f"{_use(element, use[2])}, {_METHODS[boundary]}", data_year=int(use[1]), is_default=False)
    return replace(placement, technology=_use(element, attribute), is_default=False)


def _use(element: Element, printed: str) -> str:
    found = {row["printed"]: row["technology"] for row in table_rows("fr_ademe/electricity_uses.csv")}.get(printed)
    if found is None:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown use of electricity {printed!r}: add it to electricity_uses.csv")
    return found


def generation(element: Element) -> Placement:
    """Electricity of one kind of power station, over its life cycle."""
    found = _GENERATION.get(element.row.french[1:])
    if found is None:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown generation {element.row.french}")
    activity, technology, is_default = found
    return Placement((written_activity_types()[activity],), place_of(element.row), technology=technology, is_default=is_default)


def foreign_grid(element: Element) -> Placement:
    """The average mix of another country: the IEA's CO2 per kWh generated, which the publisher calls CO2e."""
    if element.row.french[:2] not in _FOREIGN:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown electricity {element.row.french}")
    place = place_of(element.row)
    return Placement(
        (written_activity_types()[GRID],),
        place,
        data_year=IEA_DATA_YEAR,
        purpose=_LOCATION_AVERAGE,
        is_direct=True,
        notes=("Figure of the International Energy Agency, edition of 2013: CO2 from combustion per kWh generated.",),
    )


def network(element: Element) -> Placement:
    """A network of heat or cold, used only when it is named.

    The order of 21 October 2021 prints direct and life-cycle contents of CO2. These are of the life cycle: the one for networks not listed,
    0.385, is that order's life-cycle figure of coal, where the Base Carbone's own combustion row of coal has 0.346.
    """
    base, name, year = element.row.french
    if base not in _NETWORKS or year != _ORDER_OF:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown network {element.row.french}")
    technology = "network not listed in the order" if _UNLISTED.fullmatch(name) else f"network {name}"
    return Placement(
        (written_activity_types()[_NETWORKS[base]],),
        Place(("FR",), None, ()),
        technology=technology,
        is_default=False,
        notes=("Order of 21 October 2021, over the life cycle of the fuels, per kWh delivered.",),
    )
