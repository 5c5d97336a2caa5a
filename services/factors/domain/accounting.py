"""From the catalogue's rows to the objects that `ghg` calculates with; the one place where that happens in this service."""

from collections.abc import Mapping

from ghg.factors import EmissionFactor, GasFactor
from ghg.sources import Source
from ghg.units import Property, unit, unit_pair
from services.factors.catalogue.pack_model import Dataset, Factor, FuelProperty, GasPart
from services.factors.domain.provenance import document_of, sha256_of


def emission_factor(factor: Factor, datasets: Mapping[str, Dataset]) -> EmissionFactor:
    """The factor as `ghg` calculates with it, each gas with the row that prints it.

    datasets  by id; a composed factor has gases from several
    """
    biogenic = factor.biogenic_co2
    return EmissionFactor(
        id=factor.id,
        activity_type=factor.activity_type,
        region=factor.region,
        year=factor.data_year,
        unit=unit(factor.unit if factor.price_year is None else f"{factor.unit}_{factor.price_year}"),
        gases=tuple(_gas_factor(part, datasets[part.dataset]) for part in factor.gases),
        biogenic_co2=None if biogenic is None else _gas_factor(biogenic, datasets[biogenic.dataset]),
        dataset=factor.dataset,
        stage=factor.stage,
        notes=factor.notes,
    )


def unit_property(content: FuelProperty, dataset: Dataset) -> Property:
    """The fuel property as `ghg` converts with it."""
    numerator, denominator = unit_pair(content.unit)
    source = _source(dataset, content.row, content.printed_value, content.printed_unit)
    return Property(content.name, content.value, numerator, denominator, source, content.region, content.data_year, content.note)


def _gas_factor(part: GasPart, dataset: Dataset) -> GasFactor:
    source = _source(dataset, part.row, part.printed_value, part.printed_unit)
    return GasFactor(part.gas, part.kg_per_unit, source, part.derivation, part.gwp_basis)


def _source(dataset: Dataset, row: str, printed_value: str, printed_unit: str) -> Source:
    return Source(
        dataset=dataset.id,
        row=row,
        sha256=sha256_of(dataset),
        licence=dataset.licence,
        document=document_of(dataset),
        printed_value=printed_value,
        printed_unit=printed_unit,
    )
