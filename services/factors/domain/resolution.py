"""The choice of a factor: the only place where one is selected.

Region: as asked, then the country, then the world for data sets that declare themselves global; electricity never leaves its country.
Vintage: the nearest data year not after the activity's, at most five years old. Scopes 1 and 2 take direct emissions; upstream ones and
grid losses, which are scope 3 category 3, answer when their stage is asked for. Of what fits, the organisation's own factors and the data
sets that it prefers, then the nearest region, then the nearest year, then the fewest conversions, then gases rather than CO2e alone, then
the newest revision.
"""

import difflib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ghg.errors import UnknownGas, UnknownUnit
from ghg.gwp import usual_name
from ghg.units import Unit, unit
from services.factors.catalogue.pack_model import ActivityType
from services.factors.domain.catalogue import Catalogue, CatalogueFactor
from services.factors.domain.connection import usable_properties
from services.factors.domain.criteria import LIFE_CYCLE, Assessment, Rank, Wanted, assess, is_electricity
from services.factors.domain.preferences import ranks_for, stand_ins
from services.factors.domain.regions import WORLD, fallback_chain

ALTERNATIVES = 5
MOST_CORRECTED = 10  # unknown names of a batch; to compare one with every activity type takes as long as hundreds of answers
SCOPE_3 = 3

Outcome = Literal["resolved", "no_factor", "unknown_activity_type", "unknown_unit", "dimension_mismatch"]


@dataclass(frozen=True, slots=True)
class Question:
    """Which factor serves an activity type, in a region, in a year, for a unit? What is None is left to the defaults."""

    activity_type: str
    region: str
    year: int
    unit: str
    method: str | None = None
    purpose: str | None = None
    dataset: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The answer; `detail` says in a sentence what was chosen or why nothing was. The chosen one stands first among the candidates."""

    outcome: Outcome
    detail: str
    chosen: Assessment | None = None
    candidates: tuple[Assessment, ...] = ()


def names_to_correct(catalogue: Catalogue, names: Iterable[str]) -> frozenset[str]:
    """The first few names of a batch that are no activity types."""
    unknown = (name for name in dict.fromkeys(names) if name not in catalogue.activity_types)
    return frozenset(islice(unknown, MOST_CORRECTED))


def resolve(catalogue: Catalogue, question: Question, *, is_corrected: bool = True) -> Selection:
    """Choose the factor for a question, or refuse with the nearest alternatives; the same question gets the same answer.

    is_corrected  whether an unknown activity type is answered with the known ones of like names
    """
    activity_type = catalogue.activity_types.get(question.activity_type)
    if activity_type is None:
        return Selection("unknown_activity_type", _unknown_activity_type(catalogue, question.activity_type, is_corrected))
    try:
        asked = unit(question.unit)
    except UnknownUnit as unknown:
        return Selection("unknown_unit", f"{unknown}: {unknown.hint}")
    if activity_type.method != "none" and question.method == "none":
        return Selection("no_factor", f"{activity_type.id} is accounted location_based or market_based: ask without method")
    return _select(catalogue, _wanted(catalogue, activity_type, asked, question))


def _wanted(catalogue: Catalogue, activity_type: ActivityType, asked: Unit, question: Question) -> Wanted:
    chain = fallback_chain(question.region)
    stage = question.stage or (LIFE_CYCLE if question.purpose == LIFE_CYCLE else activity_type.stage)
    return Wanted(
        activity_type=activity_type,
        region=chain[0] if chain else question.region,
        chain=chain if is_electricity(activity_type) else (*chain, WORLD),
        stage=stage,
        year=question.year,
        unit=asked,
        purpose=_purpose(activity_type, stage, question),
        is_purpose_asked=question.purpose is not None,
        dataset=question.dataset,
        ranks=ranks_for(catalogue.preferences, activity_type.id),
        stand_ins=stand_ins(catalogue.preferences, activity_type.id, chain) if may_be_stood_in_for(activity_type) else {},
        usable=usable_properties(catalogue, activity_type.id, question.region, question.year),
        ways={},
    )


def may_be_stood_in_for(activity_type: ActivityType) -> bool:
    """Whether the organisation may take another region's factors for it: in scope 3, but for electricity."""
    return activity_type.scope == SCOPE_3 and not is_electricity(activity_type)


def _purpose(activity_type: ActivityType, stage: str, question: Question) -> str | None:
    """The grid's average for location-based electricity, the residual mix for what no instrument covers (GHG Protocol Scope 2 Guidance)."""
    if question.purpose is not None and not question.purpose == LIFE_CYCLE == stage:
        return question.purpose
    if activity_type.method == "none" or stage != activity_type.stage:
        return None
    return "residual" if question.method == "market_based" else "location_average"


def _select(catalogue: Catalogue, wanted: Wanted) -> Selection:
    by_region = catalogue.published.get(wanted.activity_type.id, {})
    near = [assess(listed, wanted) for region in wanted.chain for listed in by_region.get(region, ())]
    elsewhere = [listed for region, of_region in by_region.items() if region not in wanted.chain for listed in of_region]
    away = [listed for listed in elsewhere if (listed.dataset.id, listed.factor.region) not in wanted.stand_ins]
    if len(away) < len(elsewhere):
        near += [assess(listed, wanted) for listed in elsewhere if (listed.dataset.id, listed.factor.region) in wanted.stand_ins]
    fitting = [assessment for assessment in near if not assessment.misfits]
    if fitting:
        chosen = min(fitting, key=_rank)
        others = [assessment for assessment in near if assessment is not chosen]
        others += _assess_elsewhere(away, wanted, ALTERNATIVES - len(others))
        return Selection("resolved", _chosen_text(chosen), chosen, (chosen, *_nearest(others)))
    alternatives = _nearest([*near, *_assess_elsewhere(away, wanted, ALTERNATIVES)])
    mismatched = [assessment for assessment in near if assessment.misfits == ("unit",)]
    if mismatched or wanted.unit.dimension not in wanted.activity_type.unit_dimensions:
        return Selection("dimension_mismatch", _mismatch_text(wanted, mismatched), None, alternatives)
    return Selection("no_factor", _none_text(wanted, alternatives), None, alternatives)


def _rank(assessment: Assessment) -> Rank:
    return assessment.rank


def _nearest(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    return tuple(heapq.nsmallest(ALTERNATIVES, assessments, key=_rank))


def _assess_elsewhere(away: Iterable[CatalogueFactor], wanted: Wanted, how_many: int) -> list[Assessment]:
    """The few factors of other regions that are worth a look: defaults first, then those of the asked dimension, then the nearest year."""

    def distance(listed: CatalogueFactor) -> tuple[bool, bool, int, str]:
        factor = listed.factor
        away_by = 0 if factor.data_year is None else abs(factor.data_year - wanted.year)
        return not factor.is_default, listed.emission.unit.dimension != wanted.unit.dimension, away_by, factor.id

    return [assess(listed, wanted) for listed in heapq.nsmallest(how_many, away, key=distance)] if how_many > 0 else []


def _chosen_text(chosen: Assessment) -> str:
    factor = chosen.listed.factor
    year = "" if factor.data_year is None else f" {factor.data_year}"
    return f"{factor.name_en}, {factor.region}{year}, per {factor.unit}, {chosen.listed.dataset.name}"


def _none_text(wanted: Wanted, alternatives: tuple[Assessment, ...]) -> str:
    purpose = "" if wanted.purpose is None else f" of purpose {wanted.purpose}"
    nearest = "; the nearest are among the candidates" if alternatives else ""
    return f"no factor{purpose} serves {wanted.activity_type.id} in {wanted.region} in {wanted.year}{nearest}"


def _mismatch_text(wanted: Wanted, mismatched: list[Assessment]) -> str:
    if wanted.unit.dimension == "energy" and "energy_net" in wanted.activity_type.unit_dimensions:
        basis = f"write {wanted.unit.symbol}_gross or {wanted.unit.symbol}_net"
        return f"{wanted.activity_type.id}: say on which heating value its energy was measured: {basis}"
    if mismatched:
        nearest = min(mismatched, key=_rank)
        return f"{wanted.activity_type.id} {nearest.reasons[0]}"
    kinds = " or ".join(kind.replace("_", " ") for kind in wanted.activity_type.unit_dimensions)
    return f"{wanted.activity_type.id} is measured in {kinds}; {wanted.unit.symbol} is a unit of {wanted.unit.dimension.replace('_', ' ')}"


def _unknown_activity_type(catalogue: Catalogue, name: str, is_corrected: bool) -> str:
    near = _refrigerant(catalogue, name)
    if not near and is_corrected:
        near = difflib.get_close_matches(name, catalogue.activity_types, n=3, cutoff=0.5)
    return f"unknown activity type {name!r}: " + (f"did you mean {' or '.join(near)}?" if near else "see GET /v1/activity-types")


def _refrigerant(catalogue: Catalogue, name: str) -> list[str]:
    """The refrigerant whose gas goes by another name: `refrigerant.HFC-32` for `refrigerant.R-32`."""
    family, _, spelling = name.partition(".")
    try:
        meant = f"refrigerant.{usual_name(spelling)}" if family == "refrigerant" else ""
    except UnknownGas:
        return []
    return [meant] if meant in catalogue.activity_types else []
