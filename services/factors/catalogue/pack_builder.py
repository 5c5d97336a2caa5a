"""Builds the factor pack from the publishers' files, and checks that a pack is what its sources give."""

import gzip
import hashlib
import tempfile
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.amee import import_amee
from services.factors.catalogue.importers.cn_mee import import_cn_mee
from services.factors.catalogue.importers.cn_mee_footprint import import_cn_mee_footprint
from services.factors.catalogue.importers.fr_ademe import import_fr_ademe
from services.factors.catalogue.importers.grid_aib import import_grid_aib
from services.factors.catalogue.importers.grid_ember import import_grid_ember
from services.factors.catalogue.importers.grid_eurostat import import_grid_eurostat
from services.factors.catalogue.importers.grid_ifi import import_grid_ifi
from services.factors.catalogue.importers.grid_national import import_grid_national
from services.factors.catalogue.importers.gwp import import_gwp_and_refrigerants
from services.factors.catalogue.importers.gwp_checks import import_gwp_checks
from services.factors.catalogue.importers.india import import_india
from services.factors.catalogue.importers.ipcc import IpccTables, import_ipcc
from services.factors.catalogue.importers.ipcc_processes import import_ipcc_processes
from services.factors.catalogue.importers.ipcc_vehicles import import_ipcc_vehicles
from services.factors.catalogue.importers.thailand_tgo import import_thailand_tgo
from services.factors.catalogue.importers.thailand_tgo_products import import_thailand_tgo_products
from services.factors.catalogue.importers.uk_desnz import import_uk_desnz
from services.factors.catalogue.importers.us_egrid import import_us_egrid
from services.factors.catalogue.importers.us_epa_hub import import_us_epa_hub
from services.factors.catalogue.importers.us_epa_supply_chain import import_us_epa_supply_chain
from services.factors.catalogue.pack_format import dataset_record, json_bytes, json_lines, record_of
from services.factors.catalogue.pack_reader import (
    ACTIVITY_TYPES,
    DATASETS,
    EXCLUDED_ROWS,
    FACTORS,
    FORMAT_VERSION,
    MANIFEST,
    PROPERTIES,
    pack_file_content,
)
from services.factors.catalogue.refusals import CatalogueError, PackDiffers
from services.factors.catalogue.source_files import PINNED, SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

SOURCES = "sources"
_ALREADY_COMPRESSED = {".xlsx", ".pdf", ".zip", ".gz"}


def build_pack(source_root: Path, pack: Path) -> None:
    """Writes the pack folder: the normalised data and, beside it, the compressed source files.

    source_root    folder that holds the files of tables/pinned_sources.json, plain or gzipped
    raises         SourceChanged, UnmappedRow: nothing is written then
    """
    sources = SourceFolder(source_root)
    contents = _pack_contents(_import_all(sources))
    contents[MANIFEST] = json_bytes(
        {"format_version": FORMAT_VERSION, "content_sha256": {name: _sha256(content) for name, content in contents.items()}}
    )
    packed = {name: gzip.compress(content, mtime=0) if name.endswith(".gz") else content for name, content in contents.items()}
    for name, content in (packed | _packed_sources(sources)).items():
        target = pack / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def verify_pack(pack: Path, source_root: Path | None = None) -> None:
    """Rebuilds the pack from `source_root`, by default from the sources that ship in it, and compares byte for byte.

    raises    PackDiffers, with the names of the files that are missing, too many or different
    """
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = Path(folder)
        build_pack(source_root or pack / SOURCES, rebuilt)
        names = {str(path.relative_to(rebuilt)) for path in rebuilt.rglob("*") if path.is_file()}
        shipped = {str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file() and path.suffix != ".md"}
        same = {name for name in names & shipped if pack_file_content(rebuilt / name) == pack_file_content(pack / name)}
    if different := sorted((names | shipped) - same):
        raise PackDiffers(f"the pack is not what its sources give; build it again: {', '.join(different)}")


def _import_all(sources: SourceFolder) -> list[Contribution]:
    ipcc = IpccTables(sources)
    return [
        import_amee(sources),
        import_cn_mee(sources, ipcc),
        import_cn_mee_footprint(sources),
        import_fr_ademe(sources),
        import_grid_aib(sources),
        import_grid_ember(sources),
        import_grid_eurostat(sources),
        import_grid_ifi(sources),
        import_ipcc(ipcc),
        import_ipcc_processes(sources),
        import_ipcc_vehicles(sources),
        import_grid_national(sources),
        import_india(sources),
        import_thailand_tgo(sources),
        import_thailand_tgo_products(sources),
        import_uk_desnz(sources),
        import_us_egrid(sources),
        import_us_epa_hub(sources),
        import_us_epa_supply_chain(sources),
        import_gwp_and_refrigerants(sources),
        import_gwp_checks(sources),
    ]


def _pack_contents(shares: list[Contribution]) -> dict[str, bytes]:
    # An activity that several publishers describe is made by each importer: with the same names, or it is refused as double.
    of_importers = dict.fromkeys(activity for share in shares for activity in share.activity_types)
    activity_types = [*written_activity_types().values(), *of_importers]
    factors = sorted((factor for share in shares for factor in share.factors), key=lambda factor: (factor.dataset, factor.key))
    properties = sorted((made for share in shares for made in share.properties), key=lambda made: (made.dataset, made.row, made.name))
    datasets = sorted((dataset for share in shares for dataset in share.datasets), key=lambda dataset: dataset.id)
    activity_types.sort(key=lambda activity: activity.id)
    for what, ids in (
        ("activity type", [activity.id for activity in activity_types]),
        ("factor", [factor.key for factor in factors]),
        ("property", [made.id for made in properties]),
        ("data set", [dataset.id for dataset in datasets]),
    ):
        _refuse_doubles(what, ids)
    return {
        DATASETS: json_bytes([dataset_record(dataset) for dataset in datasets]),
        ACTIVITY_TYPES: json_lines(record_of(activity) for activity in activity_types),
        PROPERTIES: json_lines(record_of(made) for made in properties),
        EXCLUDED_ROWS: json_lines(record_of(row) for share in shares for row in share.excluded_rows),
        **{
            f"{FACTORS}/{dataset}.jsonl.gz": json_lines(record_of(factor) for factor in of_dataset)
            for dataset, of_dataset in groupby(factors, key=attrgetter("dataset"))
        },
    }


def _refuse_doubles(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for identity in ids:
        if identity in seen:
            raise CatalogueError(f"two rows make the same {what} {identity}: tell them apart by technology, or exclude one with a reason")
        seen.add(identity)


def _packed_sources(sources: SourceFolder) -> dict[str, bytes]:
    packed = {}
    for path in PINNED:
        content = sources.read(path)
        if Path(path).suffix in _ALREADY_COMPRESSED:
            packed[f"{SOURCES}/{path}"] = content
        else:
            packed[f"{SOURCES}/{path}.gz"] = gzip.compress(content, mtime=0)
    return packed


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
