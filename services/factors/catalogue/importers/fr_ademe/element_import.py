"""The Base Carbone: each row becomes a factor, a part of one, or is excluded with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.fr_ademe.borrowed_types import is_handed_in_elsewhere
from services.factors.catalogue.importers.fr_ademe.datasets import BASE_CARBONE_V23_6, FOREIGN_GRIDS
from services.factors.catalogue.importers.fr_ademe.doubles import PlacedElement, without_doubles
from services.factors.catalogue.importers.fr_ademe.farming import with_answers
from services.factors.catalogue.importers.fr_ademe.figures import co2_only, figures_of, is_negative
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow, Element, elements_of
from services.factors.catalogue.importers.fr_ademe.sections import EXCLUDED, FOREIGN_GRID, FUEL, SPEND, Section, place_element, section_of
from services.factors.catalogue.importers.fr_ademe.stages import DIRECT, LIFE_CYCLE, staged
from services.factors.catalogue.importers.fr_ademe.units import printed_unit
from services.factors.catalogue.importers.fr_ademe.validity import validity_of
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.taxonomy import written_activity_types

_SOURCE_DATA = "source data by the publisher's own label (heating value, density, share, consumption, GWP), not an emission factor"
_SPEND = "the same figure as in the file of spend factors, which is loaded"
_AVOIDED = "emissions avoided elsewhere by recycling or by energy recovered: never set off in an inventory"
_REMOVAL = "a removal, or emissions net of one: an inventory reports removals apart"
_NO_CALORIFIC_BASIS = "of the building label E+C-, per kWh of fuel without saying whether net or gross"
_DOUBTFUL = {
    "15694": "the Netherlands Antilles were dissolved in 2010: no region has their code",
    "20792": "a golf ball by the metre: the unit is doubtful",
}
_ENERGY = ("electricity", "heat", "cooling")
_FUELS = ("fuel.", "vehicle_fuel.")
_ZERO_OF_A_FUEL = "The publisher prints zero for burning it: CH4 and N2O are not in the figure, which is used only when it is named."


def import_base_carbone(rows: list[AdemeRow], spend_elements: frozenset[str], share: Contribution) -> None:
    """Two data sets of one file: the publisher's own factors, and the foreign grids that it takes from the IEA.

    spend_elements  the elements that the file of spend factors holds
    raises          UnmappedRow, for anything that our tables do not know
    """
    foreign = {row.element_id for row in rows if row.is_factor and section_of(row).treatment == FOREIGN_GRID}
    for dataset, is_foreign in ((BASE_CARBONE_V23_6, False), (FOREIGN_GRIDS, True)):
        own = [row for row in rows if (row.element_id in foreign) == is_foreign]
        ledger = RowLedger(dataset.id, BASE_CARBONE, [(row.id, row.text) for row in own])
        kept = _kept(own, spend_elements, ledger)
        share.activity_types += _new_activity_types(kept)
        share.factors += [factor for one in kept for factor in _factors(one, dataset, ledger)]
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
        share.excluded_rows += ledger.excluded_rows()


def _kept(rows: list[AdemeRow], spend_elements: frozenset[str], ledger: RowLedger) -> list[PlacedElement]:
    """The elements that make factors; everything else is excluded in the ledger."""
    ledger.exclude(_SOURCE_DATA, *(row.id for row in rows if not row.is_factor))
    placed = []
    for element in elements_of(row for row in rows if row.is_factor):
        section = section_of(element.row)
        if reason := _exclusion(element, section, spend_elements):
            ledger.exclude(reason, *(row.id for row in element.rows))
            continue
        placement = place_element(element, section)
        one = PlacedElement(element, placement, printed_unit(element.row), staged(element, placement))
        placed.append(one)
        for why, row in one.rows.excluded:
            ledger.exclude(why, row.id)
    found = without_doubles(placed)
    for why, double in found.doubles:
        ledger.exclude(why, *(row.id for rows_of_stage in double.rows.by_stage.values() for row in rows_of_stage))
    return with_answers(found.kept)


def _exclusion(element: Element, section: Section, spend_elements: frozenset[str]) -> str | None:
    if element.id in spend_elements:
        return _SPEND
    if section.treatment == EXCLUDED:
        return section.reason
    if section.treatment == SPEND:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: a spend factor that the file of spend factors does not hold")
    if "Emissions évitées" in element.row.french[2]:
        return _AVOIDED
    if any(is_negative(row) for row in element.rows):
        return _REMOVAL
    if section.treatment == FUEL and element.row.unit == "kgCO2e/kWh":
        return _NO_CALORIFIC_BASIS
    return _DOUBTFUL.get(element.id)


def _new_activity_types(kept: list[PlacedElement]) -> list[ActivityType]:
    """The activity types that neither our tables nor another importer hands in, each once.

    raises    UnmappedRow, if one id stands for two things
    """
    found: dict[str, ActivityType] = {}
    for one in kept:
        for activity in one.placement.activities:
            if is_handed_in_elsewhere(activity.id) or activity.id in written_activity_types():
                continue
            if found.setdefault(activity.id, activity) != activity:
                raise UnmappedRow(f"{BASE_CARBONE} {one.element.row.id}: {activity.id} is {activity} and {found[activity.id]}")
    return list(found.values())


def _factors(one: PlacedElement, dataset: Dataset, ledger: RowLedger) -> Iterator[Factor]:
    for stage, rows in one.rows.by_stage.items():
        ledger.load(*(row.id for row in rows))
        for activity in one.placement.activities:
            for region in one.placement.place.regions:
                yield _factor(one, dataset, stage, rows, activity, region)


def _factor(one: PlacedElement, dataset: Dataset, stage: str, rows: tuple[AdemeRow, ...], activity: ActivityType, region: str) -> Factor:
    placement, first = one.placement, rows[0]
    says_nothing = _burns_for_nothing(activity, stage, rows)
    is_default = placement.is_default and stage == activity.stage and not says_nothing
    # What answers for its activity has upstream emissions that answer for it too: they need no technology to be found.
    technology = placement.technology if is_default or not placement.is_default else None
    is_foreign = dataset is FOREIGN_GRIDS
    figures = co2_only(first, one.unit, dataset.id) if is_foreign else figures_of(rows, one.unit, dataset.id)
    name_en, name_zh = _names(one, activity)
    return new_factor(
        activity,
        dataset,
        region,
        one.unit.unit,
        figures.gases,
        gas_coverage=figures.coverage,
        source_row=f"{', '.join(row.id for row in rows)}: {first.text}",
        value_printed=" + ".join(row.total for row in rows),
        unit_printed=first.unit,
        data_year=placement.data_year,
        stage=stage,
        purpose=_purpose(activity, placement.purpose, stage),
        technology=technology,
        is_default=is_default,
        conditions=one.unit.conditions,
        biogenic_co2=figures.biogenic_co2,
        quality=_quality(one.element.row),
        notes=(*figures.notes, *((_ZERO_OF_A_FUEL,) if says_nothing else ()), *_notes(one, stage)),
        name_en=name_en,
        name_zh=name_zh,
        uncertainty_percent=_uncertainty(first),
    )


def _burns_for_nothing(activity: ActivityType, stage: str, rows: tuple[AdemeRow, ...]) -> bool:
    """Whether a fuel burns without any emission: its CH4 and N2O are missing, and missing is not zero."""
    return stage == DIRECT and activity.id.startswith(_FUELS) and all(printed_number(row.total) == 0 for row in rows)


def _purpose(activity: ActivityType, purpose: str | None, stage: str) -> str | None:
    if activity.category not in _ENERGY:
        return None
    return {DIRECT: purpose, LIFE_CYCLE: "life_cycle"}.get(stage)


def _names(one: PlacedElement, activity: ActivityType) -> tuple[str | None, str | None]:
    """The publisher's English name where the activity type is not made from it; else the activity type's own."""
    english = ", ".join(part for part in one.element.row.english if part)
    if (activity.id in written_activity_types() or is_handed_in_elsewhere(activity.id)) and one.element.row.english[0]:
        return english, None
    if activity.id.startswith("product.farm."):
        return english, None
    return None, None


def _quality(row: AdemeRow) -> str | None:
    scores = [(name, row.cells[column]) for name, column in (("transparency", "Transparence"), ("quality", "Qualité")) if row.cells[column]]
    return "Publisher's scores: " + ", ".join(f"{name} {score}" for name, score in scores) if scores else None


def _notes(one: PlacedElement, stage: str) -> Iterator[str]:
    row = one.element.row
    if stage == LIFE_CYCLE and one.element.items:
        yield "Total of all items, combustion and upstream among them."
    yield validity_of(row).text
    yield from one.placement.place.notes
    yield from one.placement.notes
    if one.unit.unit == "m3" and one.placement.activities[0].id.startswith(_FUELS):
        yield "The publisher does not say at which temperature and pressure the cubic metre is."
    if row.cells["Statut de l'élément"] == "Valide spécifique":
        yield "Specific by the publisher: of one producer or product."


def _uncertainty(row: AdemeRow) -> Fraction | None:
    printed = row.cells["Incertitude"]
    return printed_number(printed) if printed else None
