"""Factor updates: where the catalogue answers otherwise than combinations are bound, gathered into what one decides as one.

One update holds all that one data set would take over from another ("the edition of 2026 is out"): these factors were published
together, and a year that took some of them would stand on two editions. For the same reason one update holds all that a revision of a
data set changes in itself, or in the densities and calorific values on the way to its factors, and one all that would be left without a
factor because a data set lost it. Only a factor of the organisation's own is an update by itself, as it was proposed and approved alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from contracts.factor_questions import OWN_FACTORS, Resolution
from ghg.rounding import ratio_text
from services.inventory.domain.bindings import Binding, Combination, Unbound, bind

State = Literal["proposed", "accepted", "declined", "overtaken"]
Kind = Literal["other_data_set", "revised_data_set", "own_factor", "other_conversion", "no_factor"]

Pair = tuple[str, str | None, str | None]  # the factors from and to, and the ratio to it where it stays the same factor


@dataclass(frozen=True, slots=True)
class Choice:
    """What calculates a combination: a factor, and the exact ratio of the combination's unit to the factor's."""

    factor: str
    dataset: str
    ratio: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the changes of one update have in common; the factor is named only where it is the organisation's own."""

    kind: Kind
    from_dataset: str
    to_dataset: str | None
    to_factor: str | None = None

    @property
    def order(self) -> tuple[str, ...]:
        return self.kind, self.from_dataset, self.to_dataset or "", self.to_factor or ""


@dataclass(frozen=True, slots=True)
class Change:
    """A kept binding, and what the catalogue would calculate its combination with now; None if with nothing."""

    binding: UUID
    before: Choice
    after: Choice | None

    @property
    def pair(self) -> Pair:
        """What is declined for good: the same pair is not proposed again."""
        if self.after is None:
            return self.before.factor, None, None
        return self.before.factor, self.after.factor, self.after.ratio if self.after.factor == self.before.factor else None

    @property
    def occasion(self) -> Occasion:
        before, after = self.before, self.after
        if after is None:
            return Occasion("no_factor", before.dataset, None)
        if after.factor == before.factor:
            return Occasion("other_conversion", before.dataset, after.dataset)
        if after.dataset == OWN_FACTORS:
            return Occasion("own_factor", before.dataset, after.dataset, after.factor)
        return Occasion("revised_data_set" if after.dataset == before.dataset else "other_data_set", before.dataset, after.dataset)


def change_of(binding: UUID, combination: Combination, kept: Resolution, answered: Resolution) -> Change | None:
    """The change from a kept answer to today's, None where both give the same figures: a factor's value never changes under its id."""
    before, after = _choice(bind(combination, kept)), _choice(bind(combination, answered))
    assert before is not None, "only combinations with a factor are asked for again here"
    return None if before == after else Change(binding, before, after)


def _choice(bound: Binding | Unbound) -> Choice | None:
    if isinstance(bound, Unbound):
        return None
    return Choice(bound.snapshot.id, bound.snapshot.dataset, ratio_text(bound.ratio))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new update: its changes in the order of their bindings, and the open updates whose bindings it takes over."""

    occasion: Occasion
    changes: tuple[Change, ...]
    overtakes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What brings the open updates in line with the catalogue: those to propose, and those that no longer say what it answers."""

    new: tuple[Proposal, ...]
    overtaken: tuple[UUID, ...]


def reconcile(found: Iterable[Change], proposed: Mapping[UUID, frozenset[Change]], declined: Collection[Pair]) -> Reconciliation:
    """Compare everything that the catalogue answers otherwise now with the updates that are open.

    An open update that still says exactly this stays as it is; any other is overtaken, also where the catalogue went back and nothing
    takes its place. What was declined is left out.
    found     the changes of all kept bindings
    proposed  the open updates, by id
    """
    gathered: dict[Occasion, set[Change]] = defaultdict(set)
    for change in found:
        if change.pair not in declined:
            gathered[change.occasion].add(change)
    wanted = {frozenset(changes): occasion for occasion, changes in gathered.items()}
    overtaken = {update: changes for update, changes in sorted(proposed.items()) if changes not in wanted}
    stay = {changes for update, changes in proposed.items() if update not in overtaken}
    new = [_proposal(occasion, changes, overtaken) for changes, occasion in wanted.items() if changes not in stay]
    return Reconciliation(tuple(sorted(new, key=lambda proposal: proposal.occasion.order)), tuple(overtaken))


def _proposal(occasion: Occasion, changes: frozenset[Change], overtaken: Mapping[UUID, frozenset[Change]]) -> Proposal:
    bindings = {change.binding for change in changes}
    overtakes = [update for update, others in overtaken.items() if any(other.binding in bindings for other in others)]
    return Proposal(occasion, tuple(sorted(changes, key=lambda change: change.binding)), tuple(overtakes))
