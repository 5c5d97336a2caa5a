"""What an estimate is calculated with: the factor that the catalogue chooses, one that the caller names, or the caller's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from contracts.factor_questions import Resolution
from ghg.errors import GhgError, UnknownGas, UnknownUnit
from ghg.factors import EmissionFactor, GasFactor
from ghg.sources import Source
from ghg.units import Property, unit
from kernel.problems import Problem, problem_type, refused
from services.factors.domain.answers import resolution_answer
from services.factors.domain.catalogue import Catalogue, CatalogueFactor
from services.factors.domain.connection import UsableProperty, connect, usable_properties
from services.factors.domain.publication import WAS_PUBLISHED
from services.factors.domain.resolution import Question, Selection, resolve

NO_FACTOR = problem_type(
    "no_factor",
    422,
    "No factor serves the activity",
    "`alternatives` names the nearest factors with what would make each match; name one by `factor_id` to use it knowingly.",
)
POINTERS = {"unknown_activity_type": "/activity_type", "unknown_unit": "/quantity/unit", "dimension_mismatch": "/quantity/unit"}


@dataclass(frozen=True, slots=True)
class Binding:
    """What quantities of one kind are calculated with.

    listed               the catalogue's factor, None for one that the caller gave
    connection           the properties that lead from the asked unit to the factor's
    uncertainty_percent  of the factor: half of the interval of 95 % confidence
    is_of_record         whether it is what a record of the same activity would be bound to
    """

    emission: EmissionFactor
    listed: CatalogueFactor | None
    connection: tuple[UsableProperty, ...]
    uncertainty_percent: Fraction | None
    is_of_record: bool

    @property
    def properties(self) -> Sequence[Property]:
        return [used.connects for used in self.connection]


def bind_activity(catalogue: Catalogue, question: Question, *, is_corrected: bool) -> Binding:
    """The factor that the catalogue chooses; raises the item's problem if there is none."""
    selection = resolve(catalogue, question, is_corrected=is_corrected)
    if selection.chosen is None:
        raise _unresolved(selection, resolution_answer(selection, catalogue.datasets))
    listed, connection = selection.chosen.listed, selection.chosen.connection or ()
    recorded = replace(question, method=None, purpose=None, dataset=None, stage=None)
    is_of_record = recorded == question or _chooses(catalogue, recorded, listed)
    return Binding(listed.emission, listed, connection, listed.factor.uncertainty_percent, is_of_record)


def bind_factor(catalogue: Catalogue, factor_id: str, unit_symbol: str, region: str | None, year: int | None) -> Binding:
    """A factor that the caller names; where and when are the factor's own unless given, and matter for conversions only."""
    listed = catalogue.by_id.get(factor_id)
    if listed is None:
        raise refused("/factor_id", "unknown_factor", f"There is no factor {factor_id!r:.60}.", "GET /v1/factors lists them.")
    if listed.state not in WAS_PUBLISHED:
        hint = "Another principal approves it by POST /v1/factors/{id}/approvals; to try figures, give them as `factor`."
        raise refused("/factor_id", "not_approved", f"Factor {factor_id} is {listed.state} and serves nothing.", hint)
    factor = listed.factor
    usable = usable_properties(catalogue, factor.activity_type, region or factor.region, year or factor.data_year)
    try:
        connection = connect(unit(unit_symbol), listed, usable)
    except GhgError as error:
        raise refused("/quantity/unit", error.code, str(error), error.hint) from error
    recorded = None if region is None or year is None else Question(factor.activity_type, region, year, unit_symbol)
    is_of_record = recorded is not None and _chooses(catalogue, recorded, listed)
    return Binding(listed.emission, listed, connection, factor.uncertainty_percent, is_of_record)


def bind_own(
    gases: Sequence[tuple[str, str]], co2e: str | None, per_unit: str, gwp_basis: str | None, uncertainty_percent: str | None
) -> Binding:
    """A factor that the caller gives with the item: kilograms of gases per unit, or of CO2e with its GWP basis.

    gases  pairs of a gas and its kilograms per unit
    """
    source = Source("", document="given with the request")
    try:
        parts = [GasFactor.in_mass(gas, Fraction(kilograms), source) for gas, kilograms in gases]
        if co2e is not None:
            parts.append(GasFactor.co2e_only(Fraction(co2e), gwp_basis or "", source))
        emission = EmissionFactor(unit(per_unit), tuple(parts), id="given with the request")
    except UnknownUnit as unknown:
        raise refused("/factor/per_unit", unknown.code, str(unknown), unknown.hint) from unknown
    except UnknownGas as unknown:
        raise refused("/factor/gases", unknown.code, str(unknown), unknown.hint) from unknown
    except GhgError as error:
        raise refused("/factor", error.code, str(error), error.hint) from error
    return Binding(emission, None, (), None if uncertainty_percent is None else Fraction(uncertainty_percent), is_of_record=False)


def _chooses(catalogue: Catalogue, recorded: Question, listed: CatalogueFactor) -> bool:
    """Whether this factor is what the inventory gets, which leaves method, purpose, stage and data set to the defaults."""
    chosen = resolve(catalogue, recorded).chosen
    return chosen is not None and chosen.listed.factor.id == listed.factor.id


def _unresolved(selection: Selection, answer: Resolution) -> Problem:
    if selection.outcome == "no_factor":
        return Problem(NO_FACTOR, selection.detail, extra={"alternatives": [one.model_dump() for one in answer.candidates]})
    return refused(POINTERS[selection.outcome], selection.outcome, selection.detail)
