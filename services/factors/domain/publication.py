"""What is said to the other services about the catalogue: each data set, activity type and factor as a whole fact."""

from collections.abc import Mapping

from contracts.events import FactorPublished
from ghg.rounding import ratio_text
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.catalogue import StoredFactor
from services.factors.domain.provenance import gas_of_factor

WAS_PUBLISHED = ("published", "superseded", "withdrawn")


def factor_published(
    stored: StoredFactor, datasets: Mapping[str, Dataset], quality_scores: Mapping[str, int] | None = None
) -> FactorPublished:
    """The event of a factor that is new or stands differently now; its state is one of WAS_PUBLISHED."""
    factor, biogenic = stored.factor, stored.factor.biogenic_co2
    return FactorPublished(
        id=factor.id,
        version=stored.version,
        recorded_at=stored.recorded_at,
        state=stored.state,  # type: ignore[arg-type]  # of WAS_PUBLISHED
        dataset=factor.dataset,
        activity_type=factor.activity_type,
        region=factor.region,
        data_year=factor.data_year,
        stage=factor.stage,
        purpose=factor.purpose,
        unit=factor.unit,
        gases=[gas_of_factor(part, datasets[part.dataset]) for part in factor.gases],
        biogenic_co2=None if biogenic is None else gas_of_factor(biogenic, datasets[biogenic.dataset]),
        gas_coverage=factor.gas_coverage,
        name_en=factor.name_en,
        source_row=factor.source_row,
        value_printed=factor.value_printed,
        unit_printed=factor.unit_printed,
        notes=list(factor.notes),
        key=factor.key,
        technology=factor.technology,
        is_default=factor.is_default,
        conditions=factor.conditions,
        name_zh=factor.name_zh,
        price_year=factor.price_year,
        price_basis=factor.price_basis,
        uncertainty_percent=None if factor.uncertainty_percent is None else ratio_text(factor.uncertainty_percent),
        quality=factor.quality,
        quality_scores=None if quality_scores is None else dict(quality_scores),
        valid_from=factor.valid_from,
        valid_to=factor.valid_to,
        superseded_by=stored.superseded_by,
    )
