"""A catalogue that changes under a running inventory, as new packs make it change."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import text

from kernel.database import Database
from services.factors.catalogue.pack_format import json_lines
from services.factors.catalogue.pack_reader import (
    ACTIVITY_TYPES,
    DATASETS,
    EXCLUDED_ROWS,
    FACTORS,
    PROPERTIES,
    pack_file_content,
)
from services.factors.usecases.load_pack import load_pack
from services.inventory.usecases.propose_factor_updates import PROPOSE_UPDATES
from services.inventory.usecases.recount import ASK_AGAIN
from services.inventory.usecases.recount_replaced import RECOUNT_REPLACED
from tests.api.inventory.intake import Intake, Json, until
from tests.small_pack import small_pack, write_pack

# The others stay as they are, so that a change of a few factors does not cost as much as a pack of all publishers.
ALTERED = ("cn-mee-electricity-2021", "cn-mee-electricity-2022", "cn-mee-electricity-2023", "grid-national-vn", "refrigerant-blends")
VINTAGE_2023 = "cn-mee-electricity-2023"
VINTAGE_2022 = "cn-mee-electricity-2022"


Alter = Callable[[list[dict]], list[dict]]


def partial_pack(folder: Path, alter: Alter) -> Path:
    """A pack of the data sets ALTERED with what `alter` makes of their factors; a changed factor must have changed its id."""
    known = small_pack()
    factors = [json.loads(line) for name in ALTERED for line in pack_file_content(known / FACTORS / f"{name}.jsonl.gz").splitlines()]
    datasets = [dataset for dataset in json.loads((known / DATASETS).read_text()) if dataset["id"] in ALTERED]
    contents = {
        DATASETS: json.dumps(datasets).encode(),
        ACTIVITY_TYPES: (known / ACTIVITY_TYPES).read_bytes(),
        PROPERTIES: (known / PROPERTIES).read_bytes(),
        EXCLUDED_ROWS: b"",
        f"{FACTORS}/altered.jsonl": json_lines(alter(factors)),
    }
    return write_pack(folder, contents, edition=folder.name)  # of no version loaded before


def unchanged(factors: list[dict]) -> list[dict]:
    return factors


def without(*datasets: str) -> Alter:
    """The shipped factors as they were before these data sets came out."""
    return lambda factors: [factor for factor in factors if factor["dataset"] not in datasets]


def without_factor(dataset: str, region: str) -> Alter:
    return lambda factors: [factor for factor in factors if (factor["dataset"], factor["region"]) != (dataset, region)]


def with_value(dataset: str, region: str, identity: str, kg_per_unit: str) -> Alter:
    """Another value under the same key and another id, as a correction has it; of location-based electricity."""

    def alter(factors: list[dict]) -> list[dict]:
        return [
            factor | {"id": identity, "gases": [factor["gases"][0] | {"kg_per_unit": kg_per_unit}]}
            if (factor["dataset"], factor["region"], factor["purpose"]) == (dataset, region, "location_average")
            else factor
            for factor in factors
        ]

    return alter


@dataclass(slots=True)
class Catalogue:
    """The catalogue of the intake's installation; packs are written below `folder`."""

    intake: Intake
    folder: Path
    numbers: Any = field(default_factory=count)

    def database(self, service: str) -> Database:
        return self.intake.installation.services[service].ground.database

    async def becomes(self, alter: Alter) -> None:
        """Load the shipped data sets with changes, and wait for the inventory."""
        await load_pack(self.database("factors"), partial_pack(self.folder / f"pack-{next(self.numbers)}", alter))
        await self.has_concluded()

    async def has_concluded(self) -> None:
        """Wait until inventory has heard what changed, and has drawn its conclusions."""
        await self.intake.settle()
        await self.until_jobs_are_done(PROPOSE_UPDATES, ASK_AGAIN)

    async def until_jobs_are_done(self, *kinds: str) -> None:
        async def done() -> bool:
            return not await self.read(
                "inventory", "SELECT count(*) FROM job WHERE kind = ANY(:kinds) AND finished_at IS NULL", kinds=[*kinds]
            )

        await until(done, 30)

    async def read(self, service: str, query: str, **parameters: Any) -> Any:
        async with self.database(service).unit_of_work() as session:
            return await session.scalar(text(query), parameters)

    async def updates(self, state: str | None = "proposed") -> list[Json]:
        return (await self.intake.get("/v1/factor-updates", **({"state": state} if state else {})))["items"]

    async def only_update(self, state: str = "proposed") -> Json:
        (only,) = await self.updates(state)
        return await self.intake.get(f"/v1/factor-updates/{only['id']}")

    async def impact(self, update: Json) -> Json:
        return await self.intake.get(f"/v1/factor-updates/{update['id']}/impact")

    async def accept(self, update: Json) -> Json:
        """Accept an update and wait until its records are counted anew; the update as it is then."""
        answer = await self.intake.operator.post(f"/v1/factor-updates/{update['id']}/acceptances", {"reason": "The new edition holds."})
        assert answer.status == 201, answer.content
        await self.until_jobs_are_done(RECOUNT_REPLACED)
        await self.intake.settle()
        return await self.intake.get(f"/v1/factor-updates/{update['id']}")

    async def decline(self, update: Json) -> Json:
        answer = await self.intake.operator.post(f"/v1/factor-updates/{update['id']}/refusals", {"reason": "The old one stays for us."})
        assert answer.status == 201, answer.content
        return answer.body


def month(year: int, number: int = 3) -> Json:
    return {"start": f"{year}-{number:02d}-01", "end": f"{year}-{number + 1:02d}-01"}
