"""Which rows of an element make which life-cycle stage, and which are only parts of its total."""

from dataclasses import dataclass

from services.factors.catalogue.importers.fr_ademe.placement import Placement
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow, Element
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow

DIRECT, UPSTREAM, LOSSES, LIFE_CYCLE = "direct", "upstream", "transmission_losses", "life_cycle"
_PART = "part"

# The publisher's kinds of items. A part has no stage of its own here: it counts in the element's total.
_STAGE_OF_ITEM = {
    "Combustion": DIRECT,
    "Combustion à la centrale": DIRECT,
    "Emissions fugitives": DIRECT,  # contrails of aircraft, methane of a reservoir
    "Amont": UPSTREAM,
    "Transport et distribution": LOSSES,
    "Carburant (amont/combustion)": _PART,
    "Amortissement": _PART,
    "Energie": _PART,
    "Fabrication": _PART,
    "Intrants": _PART,
    "Transport": _PART,
}
_PART_REASON = "a part of the life-cycle total of its element, which is loaded: it is no stage of its own"
_NO_COMBUSTION_REASON = "prints no combustion for a plug-in hybrid, which burns fuel: doubtful"
_PLUG_IN = ".plug_in_hybrid"

# Totals that contradict their own items or names.
_DOUBTFUL_TOTALS = {"43661": "its total is the one with contrails although it is named without, made up by a manufacture of 1.23: doubtful"}


@dataclass(frozen=True, slots=True)
class StagedRows:
    """Rows by stage, each stage a factor of its own, and rows that make none, with the reason."""

    by_stage: dict[str, tuple[AdemeRow, ...]]
    excluded: tuple[tuple[str, AdemeRow], ...]


def staged(element: Element, placement: Placement) -> StagedRows:
    """The stages of an element: by its items where the activity is one of scope 1 or 2 or of transport, else its total alone.

    raises    UnmappedRow, for an item of an unknown kind
    """
    excluded: list[tuple[str, AdemeRow]] = []
    stages: dict[str, list[AdemeRow]] = {}
    splits = placement.activities[0].stage == DIRECT and not placement.is_whole
    for item in element.items:
        stage = _stage_of(item) if splits else _PART
        if stage == DIRECT and placement.activities[0].id.endswith(_PLUG_IN) and printed_number(item.total) == 0:
            excluded.append((_NO_COMBUSTION_REASON, item))
        elif stage == _PART or (stage == UPSTREAM and "Fabrication" in item.item):
            excluded.append((_PART_REASON, item))
        else:
            stages.setdefault(stage, []).append(item)
    if element.id in _DOUBTFUL_TOTALS:
        excluded.append((_DOUBTFUL_TOTALS[element.id], element.row))
    else:
        stages[DIRECT if placement.is_direct and not element.items else LIFE_CYCLE] = [element.row]
    return StagedRows({stage: tuple(rows) for stage, rows in stages.items()}, tuple(excluded))


def _stage_of(item: AdemeRow) -> str:
    kind = item.cells["Type poste"]
    if kind not in _STAGE_OF_ITEM:
        raise UnmappedRow(f"{BASE_CARBONE} {item.id}: unknown kind of item {kind!r}")
    return _STAGE_OF_ITEM[kind]
