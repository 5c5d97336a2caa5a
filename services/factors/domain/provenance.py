"""Where a number of the catalogue was printed."""

from contracts.events import GasOfFactor
from ghg.rounding import ratio_text
from services.factors.catalogue.pack_model import Dataset, GasPart


def sha256_of(dataset: Dataset) -> str:
    """The SHA-256 of the file that a data set was read from; empty for the organisation's own factors, which come from no file."""
    return dataset.source_files[0].sha256 if dataset.source_files else ""


def document_of(dataset: Dataset) -> str:
    """The document as one cites it: publisher, title, edition."""
    title = dataset.title if dataset.edition in dataset.title else f"{dataset.title}, {dataset.edition}"
    return f"{dataset.publisher}: {title}"


def citation(dataset: Dataset) -> dict[str, str]:
    """What each gas of a factor quotes of the data set that it was taken from."""
    return {"sha256": sha256_of(dataset), "licence": dataset.licence, "document": document_of(dataset)}


def gas_of_factor(part: GasPart, dataset: Dataset) -> GasOfFactor:
    """One gas of a factor as events and answers show it; kilograms exact, as a decimal or "a/b"."""
    return GasOfFactor(
        gas=part.gas,
        kg_per_unit=ratio_text(part.kg_per_unit),
        gwp_basis=part.gwp_basis,
        dataset=dataset.id,
        row=part.row,
        **citation(dataset),
        printed_value=part.printed_value,
        printed_unit=part.printed_unit,
        derivation=part.derivation,
    )
