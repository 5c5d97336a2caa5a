"""The EHS system's part: its year in batches, December once more, a late correction and a void."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from baseyear.demo.activities import (
    SOURCE_SYSTEM,
    VOID_REASON,
    ActivityRecord,
    activity_records,
    correction,
    repeated_records,
    voided_record,
)
from baseyear.demo.client import ApiClient, DemoFailed, describe_problem

BATCH_SIZE = 1_000
BATCH_PATH = "/v1/activities/batch"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the API made of the records, by outcome, in the order of the journey."""

    year: Counter[str]
    december_again: Counter[str]
    correction: str
    newly_voided: bool
    records: int
    seconds: float

    @property
    def changed_nothing(self) -> bool:
        """Whether this run left the records as an earlier one had."""
        outcomes = {*self.year, *self.december_again, self.correction}
        return not self.newly_voided and outcomes <= {"unchanged", "stale", "quarantined"}

    @property
    def records_per_second(self) -> float:
        return self.records / self.seconds


def number_to_push() -> int:
    """How many records the whole push sends, repetitions and correction included."""
    return len(activity_records()) + len(repeated_records()) + 1


async def push_year(ehs: ApiClient, advance: Callable[[int], None]) -> Pushed:
    """Push everything. The order leaves the same state however often it is run.

    On a second run the first reading of the corrected record is `stale`, because the correction carries a later
    `source_modified_at`, and a void survives the same content.
    """
    started = perf_counter()
    year = await _push(ehs, activity_records(), advance)
    december_again = await _push(ehs, repeated_records(), advance)
    corrected = await _push(ehs, (correction(),), advance)
    newly_voided = await _void_once(ehs, voided_record().external_id)
    return Pushed(year, december_again, next(iter(corrected)), newly_voided, number_to_push(), perf_counter() - started)


async def _push(ehs: ApiClient, records: Sequence[ActivityRecord], advance: Callable[[int], None]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for batch in batches(records):
        answer = await ehs.post(BATCH_PATH, {"items": [record.as_json() for record in batch]}, expected=(207,))
        outcomes.update(outcome_of(item, batch) for item in answer["items"])
        advance(len(batch))
    return outcomes


def batches(records: Sequence[ActivityRecord]) -> list[Sequence[ActivityRecord]]:
    """The records in their order, at most BATCH_SIZE at a time."""
    return [records[start : start + BATCH_SIZE] for start in range(0, len(records), BATCH_SIZE)]


def outcome_of(item: dict[str, Any], batch: Sequence[ActivityRecord]) -> str:
    """The outcome of one record. Raises DemoFailed for a refusal: the demo's own records are all right."""
    if item["status"] >= 400:
        external_id = batch[item["index"]].external_id
        raise DemoFailed("POST", BATCH_PATH, item["status"], f"{external_id}: {describe_problem(item['problem'])}")
    return str(item["outcome"])


async def _void_once(ehs: ApiClient, external_id: str) -> bool:
    """Void the record unless it is void already; returns whether it was done now."""
    path = "/v1/activities"
    found = await ehs.get(path, {"source_system": SOURCE_SYSTEM, "external_id": external_id})
    if len(found["items"]) != 1:
        raise DemoFailed("GET", path, 200, f"expected exactly one record {external_id}, got {len(found['items'])}")
    record = found["items"][0]
    if record.get("voided"):
        return False
    await ehs.post(f"{path}/{record['id']}/voids", {"reason": VOID_REASON})
    return True
