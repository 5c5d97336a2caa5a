"""What is said to the other services about the catalogue: each data set, activity type and factor as a whole fact."""

from collections.abc import Mapping

from contracts.events import FactorPublished
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.catalogue import StoredFactor
from services.factors.domain.provenance import gas_of_factor


def factor_published(stored: StoredFactor, datasets: Mapping[str, Dataset]) -> FactorPublished:
    """The event of a factor that is new or stands differently now."""
    factor, biogenic = stored.factor, stored.factor.biogenic_co2
    return FactorPublished(
        id=factor.id,
        version=stored.version,
        recorded_at=stored.recorded_at,
        state=stored.state,
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
    )
