"""Reading, beside the books, what a report says of the organisation, the factors and the run."""

from collections.abc import Iterable
from typing import Any

from contracts import topics
from kernel.database import Session
from kernel.postgres import driver
from services.reporting.domain.catalogue import Catalogue, Dataset, Factor, GasSource
from services.reporting.domain.group import Organisation
from services.reporting.domain.report_content import TopicPosition
from services.reporting.domain.report_sources import Heard

KEPT_IN = {
    topics.ORGANISATION.name: "organisation",
    topics.ACTIVITY_TYPE.name: "activity_type",
    topics.DATASET.name: "dataset",
    topics.FACTOR.name: "factor",
    topics.ENTITY.name: "entity",
    topics.SITE.name: "site",
    topics.INVENTORY.name: "inventory",
    topics.CELL.name: "cell",
    topics.APPROVED_CELL.name: "approved_cell",
}
MASTER_DATA = ("organisation", "activity_type", "dataset", "entity", "site")


async def read_organisation(session: Session) -> Organisation | None:
    connection = await driver(session)
    row = await connection.fetchrow("SELECT name, responsible, time_zone FROM organisation")
    return None if row is None else Organisation(**row)


async def read_catalogue(session: Session, factor_ids: Iterable[str]) -> Catalogue:
    connection = await driver(session)
    factors = await connection.fetch(
        "SELECT id, activity_type, region, data_year, unit, gas_coverage, gases, biogenic_co2, version FROM factor WHERE id = ANY($1)",
        sorted(factor_ids),
    )
    datasets = await connection.fetch("SELECT id, publisher, edition, attribution, source_files, version FROM dataset")
    names = await connection.fetch("SELECT id, name_en FROM activity_type")
    return Catalogue(
        {row["id"]: _factor(dict(row)) for row in factors},
        {row["id"]: _dataset(row) for row in datasets},
        {row["id"]: row["name_en"] for row in names},
    )


async def read_heard(session: Session) -> Heard:
    """Topics by name, each with how many of its events were heard and how many are in force: the newest of each id."""
    connection = await driver(session)
    kept = " UNION ALL ".join(f"SELECT '{topic}' AS topic, count(*) AS events FROM {table}" for topic, table in KEPT_IN.items())
    positions = await connection.fetch(
        "SELECT topic, position, events FROM (SELECT topic, sum(position)::bigint AS position FROM heard_topic GROUP BY topic) heard"
        f" JOIN ({kept}) kept USING (topic) ORDER BY topic"
    )
    shown = " UNION ALL ".join(f"SELECT '{table}' AS kind, id, version FROM {table}" for table in MASTER_DATA)
    versions = await connection.fetch(shown)
    return Heard([TopicPosition(**row) for row in positions], [tuple(row) for row in versions])


def _factor(row: dict[str, Any]) -> Factor:
    gases = tuple(_source(gas) for gas in row.pop("gases"))
    biogenic = row.pop("biogenic_co2")
    return Factor(**row, gases=gases, biogenic_co2=None if biogenic is None else _source(biogenic))


def _source(gas: dict[str, Any]) -> GasSource:
    return GasSource(gas["gas"], gas["kg_per_unit"], gas["dataset"], gas["licence"], gas["row"], gas["sha256"])


def _dataset(row: Any) -> Dataset:
    hashes = tuple(sorted(str(file.get("sha256", "")) for file in row["source_files"]))
    return Dataset(row["id"], row["publisher"], row["edition"], row["attribution"], hashes, row["version"])
