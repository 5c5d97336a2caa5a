"""What is said to the other services about the catalogue: each data set, activity type and factor as a whole fact."""

from collections.abc import Mapping

from contracts.events import FactorPublished, GasOfFactor
from services.factors.catalogue.pack_format import Record
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.provenance import citation

WAS_PUBLISHED = ("published", "superseded", "withdrawn")


def factor_published(record: Record, datasets: Mapping[str, Dataset], quality_scores: Mapping[str, int] | None) -> FactorPublished:
    """The event of a factor that is new or stands differently now, from its row, whose state is one of WAS_PUBLISHED."""
    return FactorPublished.model_validate(
        {
            **record,
            "gases": [_gas(part, datasets) for part in record["gases"]],
            "biogenic_co2": None if record["biogenic_co2"] is None else _gas(record["biogenic_co2"], datasets),
            "quality_scores": quality_scores,
        }
    )


def _gas(part: Record, datasets: Mapping[str, Dataset]) -> GasOfFactor:
    return GasOfFactor(**part, **citation(datasets[part["dataset"]]))
