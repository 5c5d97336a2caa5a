"""What a report rests on: the factors with their sources, and the manifest by which it can be made again."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_changes

from ghg.totals import Total
from services.reporting.domain.books import Books
from services.reporting.domain.catalogue import Catalogue, Factor, GasSource
from services.reporting.domain.report_breakdowns import sums
from services.reporting.domain.report_content import Emissions, FactorGas, FactorUse, RunManifest, TopicPosition

BIOGENIC_CO2 = "biogenic CO2"


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the read model has heard each topic, and (kind, id, version) of all master data that a report shows."""

    topics: Sequence[TopicPosition]
    versions: Sequence[tuple[str, str, int]]


def factors_used(groups: Sequence[Total], catalogue: Catalogue) -> tuple[FactorUse, ...]:
    activity_types = {str(group.key["factor"]): str(group.key["activity_type"]) for group in groups}
    return tuple(_use(factor, activity_types[factor], emissions, catalogue) for factor, emissions in sums(groups, "factor"))


def _use(factor_id: str, activity_type: str, emissions: Emissions, catalogue: Catalogue) -> FactorUse:
    factor = catalogue.factors.get(factor_id)
    if factor is None:
        return FactorUse(factor_id, activity_type, "", None, "", "", (), emissions)
    gases = tuple(_gas(gas, catalogue) for gas in _gases(factor))
    return FactorUse(factor.id, factor.activity_type, factor.region, factor.data_year, factor.unit, factor.gas_coverage, gases, emissions)


def _gases(factor: Factor) -> Iterable[GasSource]:
    yield from factor.gases
    if factor.biogenic_co2 is not None:
        yield with_changes(factor.biogenic_co2, gas=BIOGENIC_CO2)


def _gas(gas: GasSource, catalogue: Catalogue) -> FactorGas:
    dataset = catalogue.datasets.get(gas.dataset)
    return FactorGas(
        gas=gas.gas,
        kg_per_unit=gas.kg_per_unit,
        dataset=gas.dataset,
        publisher=dataset.publisher if dataset else "",
        licence=gas.licence,
        attribution=dataset.attribution if dataset else "",
        source_row=gas.row,
        sha256=gas.sha256,
    )


def run_manifest(books: Books, catalogue: Catalogue, heard: Heard, software: str) -> RunManifest:
    """The manifest; the same rows of the read model give the same fingerprints.

    factor_pack_version  SHA-256 over every dataset's id, version, edition and source files
    inputs_sha256        SHA-256 over (kind, id, version) of the cells, the factors and the master data behind the report
    """
    datasets = [f"{d.id}\t{d.version}\t{d.edition}\t{','.join(d.sha256)}" for d in catalogue.datasets.values()]
    inputs = [("cell", held.cell.id, held.version) for held in books.cells]
    inputs += [("factor", factor.id, factor.version) for factor in catalogue.factors.values()]
    inputs += [("inventory", books.inventory.id, books.inventory.version), *heard.versions]
    return RunManifest(
        software_version=software,
        factor_pack_version=f"sha256:{_fingerprint(datasets)}",
        gwp_set=books.inventory.gwp_set,
        topics=tuple(heard.topics),
        inputs_sha256=_fingerprint("\t".join(map(str, line)) for line in inputs),
    )


def _fingerprint(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
