"""The selection in the words of the contract: candidates, and a snapshot with which one can calculate without asking again."""

from collections.abc import Mapping

from contracts.factor_questions import Candidate, FactorSnapshot, PropertySnapshot, Resolution
from ghg.rounding import ratio_text
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.catalogue import CatalogueFactor
from services.factors.domain.connection import UsableProperty
from services.factors.domain.criteria import Assessment
from services.factors.domain.provenance import gas_of_factor
from services.factors.domain.resolution import Selection


def resolution_answer(selection: Selection, datasets: Mapping[str, Dataset]) -> Resolution:
    """The selection as the contract says it."""
    chosen = selection.chosen
    return Resolution(
        outcome=selection.outcome,
        detail=selection.detail,
        factor=None if chosen is None else factor_snapshot(chosen.listed, chosen.connection or (), datasets),
        candidates=[_candidate(assessment, is_chosen=assessment is chosen) for assessment in selection.candidates],
    )


def factor_snapshot(listed: CatalogueFactor, connection: tuple[UsableProperty, ...], datasets: Mapping[str, Dataset]) -> FactorSnapshot:
    """The factor whole, with the properties that lead to its unit."""
    factor = listed.factor
    biogenic = factor.biogenic_co2
    return FactorSnapshot(
        id=factor.id,
        dataset=factor.dataset,
        activity_type=factor.activity_type,
        region=factor.region,
        data_year=factor.data_year,
        stage=factor.stage,
        purpose=factor.purpose,
        unit=listed.emission.unit.symbol,
        gases=[gas_of_factor(part, datasets[part.dataset]) for part in factor.gases],
        biogenic_co2=None if biogenic is None else gas_of_factor(biogenic, datasets[biogenic.dataset]),
        gas_coverage=factor.gas_coverage,
        notes=list(factor.notes),
        name_en=factor.name_en,
        licence=listed.dataset.licence,
        publisher=listed.dataset.publisher,
        source_row=factor.source_row,
        value_printed=factor.value_printed,
        unit_printed=factor.unit_printed,
        properties=[property_snapshot(used) for used in connection],
    )


def property_snapshot(used: UsableProperty) -> PropertySnapshot:
    """A fuel property with its source."""
    content = used.connects
    return PropertySnapshot(
        id=used.id,
        name=content.name,
        value=ratio_text(content.value),
        unit=f"{content.numerator.symbol}/{content.denominator.symbol}",
        region=content.region,
        data_year=content.year,
        dataset=content.source.dataset,
        row=content.source.row,
        sha256=content.source.sha256,
        licence=content.source.licence,
        document=content.source.document,
        printed_value=content.source.printed_value,
        printed_unit=content.source.printed_unit,
        note=content.note,
    )


def _candidate(assessment: Assessment, *, is_chosen: bool) -> Candidate:
    factor = assessment.listed.factor
    return Candidate(
        factor_id=factor.id,
        activity_type=factor.activity_type,
        region=factor.region,
        data_year=factor.data_year,
        unit=factor.unit,
        dataset=factor.dataset,
        chosen=is_chosen,
        reasons=assessment.reasons,
    )
