"""What a new pack means for the factors that are stored: which stay, which are new, which are superseded or withdrawn."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

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
    """The steps from the stored factors to those of the pack; leaving comes before entering, so that a key has one published factor.

    new  ids of factors that are not stored yet
    """

    leaving: tuple[Change, ...]
    returning: tuple[Change, ...]
    new: frozenset[str]


def succession(stored: Iterable[StoredState], factors: Mapping[str, str], datasets: Collection[str]) -> Succession:
    """Compare what is stored with a pack's factors.

    A published factor whose key now has another id is superseded by that; one whose key the pack has dropped is withdrawn, if the pack
    still has its data set. An id that the pack brings back is published again.
    factors   the keys of the pack's factors, by id
    datasets  ids of the pack's data sets
    """
    id_of_key = {key: factor_id for factor_id, key in factors.items()}
    leaving, returning, known = [], [], set()
    for one in stored:
        known.add(one.id)
        if one.id in factors:
            if one.state != "published":
                returning.append(Change(one.id, "published", None))
        elif one.state == "published":
            if one.key in id_of_key:
                leaving.append(Change(one.id, "superseded", id_of_key[one.key]))
            elif one.dataset in datasets:
                leaving.append(Change(one.id, "withdrawn", None))
    return Succession(tuple(leaving), tuple(returning), frozenset(factors.keys() - known))
