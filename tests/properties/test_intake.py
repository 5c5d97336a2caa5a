"""Whatever is pushed, corrected, voided, mapped, released, closed and opened: totals are those of a calculation from scratch.

A model of the intake's contract runs beside the real service. It keeps, for every record, what counts and what waits; the totals that
it expects are calculated from that alone by `ghg`, with factors put together from the published rows.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from ghg.calculation import calculate_parts, split_by_year
from ghg.factors import EmissionFactor, as_fraction
from ghg.rounding import milligrams
from tests.api.inventory.conftest import intake  # noqa: F401 - a fixture
from tests.api.inventory.intake import Intake
from tests.golden.published_factors import chinese_diesel, chinese_natural_gas

STEPS = 45
KEYS = 6
FACTORS: dict[str, EmissionFactor] = {"fuel.natural_gas": chinese_natural_gas(), "fuel.diesel": chinese_diesel()}
UNITS = {"fuel.natural_gas": "Nm3", "fuel.diesel": "t"}
CODES = {"G-1": "fuel.natural_gas", "D-1": "fuel.diesel"}  # what each code is mapped to, once it is


@dataclass(frozen=True, slots=True)
class Content:
    """What a source says of a record: at which of the sites, and what, either by activity type or by item code."""

    site: int
    name: str
    start: date
    end: date
    quantity: str

    @property
    def activity_type(self) -> str:
        return CODES.get(self.name, self.name)


@dataclass(slots=True)
class Kept:
    """A record as the contract has it: the latest content, the one that counts, and what the source said last."""

    said: Content
    latest: Content
    modified: int | None
    counted: Content | None = None
    quarantine: str | None = None
    voided: bool = False
    revision: int = 1


@dataclass(slots=True)
class Model:
    """The intake's contract for one source system in two years, of which the first can be closed."""

    closable: int
    records: dict[int, Kept] = field(default_factory=dict)
    mapped: set[str] = field(default_factory=set)
    closed: bool = False
    approved: dict[int, dict[Any, Any]] = field(default_factory=dict)

    def push(self, key: int, content: Content, modified: int | None) -> str:
        kept = self.records.get(key)
        if kept is not None and modified is not None and kept.modified is not None and modified < kept.modified:
            return "stale"
        waits = self._waits(content, kept)
        if kept is None:
            self.records[key] = Kept(content, content, modified, None if waits else content, waits)
            return "quarantined" if waits else "created"
        if content == kept.said and (kept.quarantine is None or waits):
            kept.modified = kept.modified if modified is None else modified
            return "quarantined" if kept.quarantine else "unchanged"
        kept.said, kept.modified, kept.voided = content, modified, False
        self._take(kept, content, waits)
        return "quarantined" if waits else "corrected"

    def patch(self, key: int, quantity: str) -> int:
        kept = self.records[key]
        changed = replace(kept.latest, quantity=quantity)
        if changed == kept.latest:
            return 200
        if self._is_closed(kept.counted or kept.latest) or self._waits(changed, None):
            return 409
        kept.voided = False
        self._take(kept, changed, None)
        return 200

    def void(self, key: int) -> int:
        kept = self.records[key]
        if kept.voided:
            return 201
        if self._is_closed(kept.counted or kept.latest):
            return 409
        kept.counted, kept.quarantine, kept.voided = None, None, True
        kept.revision += 1
        return 201

    def release(self, key: int) -> int:
        kept = self.records[key]
        if kept.quarantine is None or self._waits(kept.latest, kept):
            return 409
        self._take(kept, kept.latest, None)
        return 201

    def map(self, code: str) -> None:
        self.mapped.add(code)
        for kept in self.records.values():
            if kept.quarantine == "unmapped_item" and kept.latest.name == code:
                self._take(kept, kept.latest, self._waits(kept.latest, kept))

    def figures(self, year: int) -> dict[Any, Any]:
        """What a year's totals must be: (site, activity type, month, gas) → milligrams of CO2e, and how many records are lacking."""
        if self.closed and year == self.closable:
            return self.approved[year]
        sums: Counter[Any] = Counter()
        for kept in self.records.values():
            if kept.counted is not None:
                sums.update(_parts(kept.counted, year))
        lacking = sum(
            kept.quarantine is not None and kept.counted is None and kept.latest.start.year == year for kept in self.records.values()
        )
        return {"sums": {key: mg for key, mg in sums.items() if mg}, "quarantined": lacking}

    def _take(self, kept: Kept, content: Content, waits: str | None) -> None:
        kept.latest, kept.quarantine = content, waits
        kept.counted = kept.counted if waits else content
        kept.revision += 1

    def _waits(self, content: Content, kept: Kept | None) -> str | None:
        if content.name in CODES and content.name not in self.mapped:
            return "unmapped_item"
        moves = kept is not None and kept.counted is not None and self._is_closed(kept.counted)
        return "closed_period" if moves or self._is_closed(content) else None

    def _is_closed(self, content: Content) -> bool:
        return self.closed and content.start < date(self.closable + 1, 1, 1) and content.end > date(self.closable, 1, 1)


def _parts(content: Content, year: int) -> Counter[Any]:
    """CO2e of one record in one year, month by month, by `ghg` alone."""
    sums: Counter[Any] = Counter()
    for start, end, quantity in split_by_year(as_fraction(content.quantity), content.start, content.end):
        if start.year == year:
            for part in calculate_parts(quantity, FACTORS[content.activity_type], start, end):
                for gas in part.gases:
                    sums[content.site, content.activity_type, f"{part.start:%Y-%m}", gas.gas] += gas.co2e_mg["AR6"] or 0
    return sums


class Run:
    """One random history, done to the model and to the service alike."""

    def __init__(self, intake: Intake, seed: int, sites: list[str]) -> None:  # noqa: F811 - the fixture's value
        self.chance = random.Random(seed)
        self.intake = intake
        self.sites = sites
        self.system = intake.name("system")
        self.model = Model(next(intake.years))
        self.ids: dict[int, str] = {}
        self.inventories: dict[int, str] = {}

    async def step(self) -> None:
        steps = [
            (self.push, 8),
            (self.batch, 3),
            (self.patch, 2),
            (self.void, 2),
            (self.release, 2),
            (self.map, 1),
            (self.close_or_open, 2),
        ]
        step = self.chance.choices([step for step, _ in steps], [weight for _, weight in steps])[0]
        await step()

    async def push(self) -> None:
        key, content, modified = self.a_key(), self.a_content(), self.a_time()
        answer = await self.intake.push(self.as_record(key, content, modified))
        assert answer.body["outcome"] == self.model.push(key, content, modified)
        self.ids[key] = answer.body["id"]

    async def batch(self) -> None:
        """Some keys twice: the same again is judged again, other content is refused."""
        sent: list[tuple[int, Content, int | None]] = []
        for _ in range(4):
            key = self.a_key()
            said = next((content for other, content, _ in sent if other == key), None)
            sent.append((key, said if said and self.chance.random() < 0.7 else self.a_content(), self.a_time() if said is None else None))
        records = [self.as_record(*one) for one in sent]
        if self.chance.random() < 0.3:
            await self.intake.batch(records, query="?dry_run=true")
        items = await self.intake.batch(records)
        first: dict[int, tuple[Content, str]] = {}
        for item, (key, content, modified) in zip(items, sent, strict=True):
            if key not in first:
                first[key] = content, self.model.push(key, content, modified)
                expected = first[key][1]
            elif content != first[key][0]:
                expected = "refused"
            else:
                expected = "unchanged" if first[key][1] in ("created", "corrected") else first[key][1]
            assert item["outcome"] == expected
            if item["id"] is not None:
                self.ids[key] = item["id"]

    async def patch(self) -> None:
        if self.ids:
            key, quantity = self.chance.choice(sorted(self.ids)), self.a_quantity()
            answer = await self.intake.operator.patch(f"/v1/activities/{self.ids[key]}", {"quantity": {"value": quantity}})
            assert answer.status == self.model.patch(key, quantity)

    async def void(self) -> None:
        if self.ids:
            key = self.chance.choice(sorted(self.ids))
            answer = await self.intake.operator.post(f"/v1/activities/{self.ids[key]}/voids", {"reason": "a test"})
            assert answer.status == self.model.void(key)

    async def release(self) -> None:
        if self.ids:
            key = self.chance.choice(sorted(self.ids))
            answer = await self.intake.operator.post(f"/v1/activities/{self.ids[key]}/releases")
            assert answer.status == self.model.release(key)

    async def map(self) -> None:
        code = self.chance.choice(sorted(CODES))
        mapped = await self.intake.map_item(self.system, code, activity_type=CODES[code], unit=UNITS[CODES[code]])
        assert mapped["release"]["state"] == "done"
        self.model.map(code)

    async def close_or_open(self) -> None:
        year = self.model.closable
        inventory = await self.inventory(year)
        if self.model.closed:
            await self.intake.transition(inventory, "open")
            self.model.closed = False
        else:
            self.model.approved[year] = self.model.figures(year)
            await self.intake.approve(inventory)
            self.model.closed = True

    async def inventory(self, year: int) -> str:
        if year not in self.inventories:
            self.inventories[year] = await self.intake.inventory(year)
        return self.inventories[year]

    async def check(self) -> None:
        for year in (self.model.closable, self.model.closable + 1):
            totals = await self.intake.get(f"/v1/inventories/{await self.inventory(year)}/totals", group_by="site,activity_type,month,gas")
            assert self._as_figures(totals) == self.model.figures(year), year
        for key, kept in self.model.records.items():
            stands = await self.intake.get(f"/v1/activities/{self.ids[key]}")
            assert (stands["revision"], stands["quarantine"], stands["voided"]) == (kept.revision, kept.quarantine, kept.voided)
            figures = None if kept.counted is None else sum(sum(_parts(kept.counted, year).values()) for year in self._years(kept.counted))
            assert (None if stands["emissions"] is None else milligrams(stands["emissions"]["co2e_kg"])) == figures

    async def check_reporting(self) -> None:
        await self.intake.settle()
        for year in (self.model.closable, self.model.closable + 1):
            reported = await self.intake.get("/v1/emissions", year=year, group_by="site,activity_type,month,gas")
            assert self._as_figures(reported) == self.model.figures(year), year

    def _as_figures(self, totals: dict[str, Any]) -> dict[Any, Any]:
        sums = {
            (self.sites.index(item["site"]), item["activity_type"], item["month"], item["gas"]): milligrams(item["emissions"]["co2e_kg"])
            for item in totals["items"]
        }
        assert sum(sums.values()) == milligrams(totals["total"]["co2e_kg"])
        return {"sums": {key: mg for key, mg in sums.items() if mg}, "quarantined": totals["incomplete"]["quarantined"]}

    def _years(self, content: Content) -> range:
        return range(content.start.year, content.end.year + 1)

    def a_key(self) -> int:
        return self.chance.randrange(KEYS)

    def a_time(self) -> int | None:
        return self.chance.choice([None, None, *range(1, 7)])

    def a_quantity(self) -> str:
        return self.chance.choice(["0", "0.000000001", "1", "2.5", "1000", "12345.678901234", "999999"])

    def a_content(self) -> Content:
        """Now and then what was said before, so that pushes repeat themselves."""
        if self.model.records and self.chance.random() < 0.4:
            return self.chance.choice(list(self.model.records.values())).said
        start = date(self.model.closable, 1, 1) + timedelta(days=self.chance.choice([0, 31, 200, 340, 364, 365, 400, 600]))
        end = min(start + timedelta(days=self.chance.choice([1, 30, 31, 90])), date(self.model.closable + 2, 1, 1))
        name = self.chance.choice([*FACTORS, *CODES])
        return Content(self.chance.randrange(len(self.sites)), name, start, end, self.a_quantity())

    def as_record(self, key: int, content: Content, modified: int | None) -> dict[str, Any]:
        coded = content.name in CODES
        record = {
            "source_system": self.system,
            "external_id": f"R-{key}",
            "site_external_id": self.sites[content.site],
            "item_code" if coded else "activity_type": content.name,
            "period": {"start": content.start.isoformat(), "end": content.end.isoformat()},
            "quantity": {"value": content.quantity, "unit": UNITS[content.activity_type]},
            "data_quality": "measured",
        }
        return record | ({} if modified is None else {"source_modified_at": f"2021-01-0{modified}T00:00:00Z"})


@pytest.mark.parametrize("seed", range(12))
async def test_totals_are_those_of_a_calculation_from_scratch_whatever_happened(intake: Intake, seed: int):  # noqa: F811
    run = Run(intake, seed, [await intake.site(), await intake.site()])

    for _ in range(STEPS):
        await run.step()
        await run.check()
    await run.check_reporting()
