"""The catalogue in memory: what questions for factors are answered from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ghg.factors import EmissionFactor
from ghg.units import Property
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, FuelProperty
from services.factors.domain.accounting import emission_factor, unit_property
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


@dataclass(frozen=True, slots=True)
class CatalogueProperty:
    """A fuel property ready to convert with."""

    content: FuelProperty
    dataset: Dataset
    connects: Property


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One state of the catalogue.

    version     the pack that was loaded last
    by_id       every factor, also superseded and withdrawn ones
    published   the published factors, by activity type and region
    properties  the fuel properties, by activity type
    """

    version: str
    datasets: Mapping[str, Dataset]
    activity_types: Mapping[str, ActivityType]
    by_id: Mapping[str, CatalogueFactor]
    published: Mapping[str, Mapping[str, tuple[CatalogueFactor, ...]]]
    properties: Mapping[str, tuple[CatalogueProperty, ...]]


def make_catalogue(
    version: str,
    datasets: Mapping[str, Dataset],
    activity_types: Mapping[str, ActivityType],
    factors: Iterable[StoredFactor],
    properties: Iterable[FuelProperty],
) -> Catalogue:
    """Everything in the form in which it is looked up; the order in which it is given does not matter."""
    by_id = {
        stored.factor.id: CatalogueFactor(
            stored.factor, stored.state, datasets[stored.factor.dataset], emission_factor(stored.factor, datasets)
        )
        for stored in factors
    }
    published: dict[str, dict[str, tuple[CatalogueFactor, ...]]] = defaultdict(dict)
    for one in sorted(by_id.values(), key=lambda one: one.factor.id):
        if one.state == "published":
            of_type = published[one.factor.activity_type]
            of_type[one.factor.region] = (*of_type.get(one.factor.region, ()), one)
    by_type: dict[str, tuple[CatalogueProperty, ...]] = {}
    for content in sorted(properties, key=lambda content: content.id):
        listed = CatalogueProperty(content, datasets[content.dataset], unit_property(content, datasets[content.dataset]))
        for activity_type in content.activity_types:
            by_type[activity_type] = (*by_type.get(activity_type, ()), listed)
    return Catalogue(version, datasets, activity_types, by_id, dict(published), by_type)
