"""What a new pack means for the factors that are stored: which stay, which are new, which are superseded or withdrawn."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from services.factors.catalogue.pack_model import Factor

FactorState = Literal["published", "superseded", "withdrawn", "proposed", "rejected"]  # the last two of own factors only


@dataclass(frozen=True, slots=True)
class StoredState:
    """Where a stored factor stands."""

    id: str
    key: str
    dataset: str
    state: FactorState


@dataclass(frozen=True, slots=True)
class Change:
    """A stored factor's new state; `superseded_by` is the id of the factor that took its key."""

    id: str
    state: FactorState
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class Succession:
    """The steps from the stored factors to those of the pack; leaving comes before entering, so that a key has one published factor."""

    leaving: tuple[Change, ...]
    returning: tuple[Change, ...]
    new: tuple[Factor, ...]


def succession(stored: Iterable[StoredState], factors: Collection[Factor], datasets: Collection[str]) -> Succession:
    """Compare what is stored with a pack's factors.

    A published factor whose key now has another id is superseded by that; one whose key the pack has dropped is withdrawn, if the pack
    still has its data set. An id that the pack brings back is published again.
    datasets  ids of the pack's data sets
    """
    by_id = {factor.id: factor for factor in factors}
    id_of_key = {factor.key: factor.id for factor in factors}
    leaving, returning, known = [], [], set()
    for one in stored:
        known.add(one.id)
        if one.id in by_id:
            if one.state != "published":
                returning.append(Change(one.id, "published", None))
        elif one.state == "published":
            if one.key in id_of_key:
                leaving.append(Change(one.id, "superseded", id_of_key[one.key]))
            elif one.dataset in datasets:
                leaving.append(Change(one.id, "withdrawn", None))
    return Succession(tuple(leaving), tuple(returning), tuple(factor for factor in factors if factor.id not in known))
