"""The catalogue in memory: what questions for factors are answered from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ghg.factors import EmissionFactor
from ghg.units import Property
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, FuelProperty
from services.factors.domain.accounting import emission_factor, unit_property
from services.factors.domain.preferences import Preferences
from services.factors.domain.succession import FactorState


@dataclass(frozen=True, slots=True)
class StoredFactor:
    """A factor with where it stands now."""

    factor: Factor
    state: FactorState
    superseded_by: str | None
    version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CatalogueFactor:
    """A factor ready to be chosen and calculated with."""

    factor: Factor
    state: FactorState
    dataset: Dataset
    emission: EmissionFactor


Shelf = Mapping[str, tuple[CatalogueFactor, ...]]  # the published factors of one activity type, by region


@dataclass(frozen=True, slots=True)
class CatalogueProperty:
    """A fuel property ready to convert with."""

    content: FuelProperty
    dataset: Dataset
    connects: Property


@dataclass(frozen=True, slots=True)
class Catalogue:
    """As much of the catalogue as a question needs.

    properties   the fuel properties, by activity type
    preferences  the organisation's, by data set
    published    the published factors of the activity types in question, by activity type and region
    by_id        the factors that the question names, also superseded and withdrawn ones
    """

    datasets: Mapping[str, Dataset]
    activity_types: Mapping[str, ActivityType]
    properties: Mapping[str, tuple[CatalogueProperty, ...]]
    preferences: Preferences
    published: Mapping[str, Shelf]
    by_id: Mapping[str, CatalogueFactor]


def make_catalogue(
    datasets: Mapping[str, Dataset],
    activity_types: Mapping[str, ActivityType],
    factors: Iterable[StoredFactor],
    properties: Iterable[FuelProperty],
    preferences: Preferences,
) -> Catalogue:
    """Everything in the form in which it is looked up; the order in which it is given does not matter."""
    listed = [listed_factor(stored, datasets) for stored in factors]
    by_type: dict[str, tuple[CatalogueProperty, ...]] = {}
    for content in sorted(properties, key=lambda content: content.id):
        one = CatalogueProperty(content, datasets[content.dataset], unit_property(content, datasets[content.dataset]))
        for activity_type in content.activity_types:
            by_type[activity_type] = (*by_type.get(activity_type, ()), one)
    return Catalogue(datasets, activity_types, by_type, preferences, shelves(listed), {one.factor.id: one for one in listed})


def listed_factor(stored: StoredFactor, datasets: Mapping[str, Dataset]) -> CatalogueFactor:
    """A stored factor, ready."""
    return CatalogueFactor(stored.factor, stored.state, datasets[stored.factor.dataset], emission_factor(stored.factor, datasets))


def shelves(factors: Iterable[CatalogueFactor]) -> dict[str, Shelf]:
    """The published ones by activity type and region."""
    ordered: dict[str, dict[str, list[CatalogueFactor]]] = {}
    for one in sorted(factors, key=lambda one: one.factor.id):
        if one.state == "published":
            ordered.setdefault(one.factor.activity_type, {}).setdefault(one.factor.region, []).append(one)
    return {
        activity_type: {region: tuple(of_region) for region, of_region in by_region.items()} for activity_type, by_region in ordered.items()
    }
