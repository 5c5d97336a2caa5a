"""A group whose records are pushed while things break: what they say, in which deliveries they are sent, what they come to."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ghg.factors import EmissionFactor
from ghg.gwp import gwp_set
from tests.golden.published_factors import chinese_diesel, chinese_natural_gas, guangdong_grid_2021, refrigerant

Json = dict[str, Any]

SYSTEM = "ehs"
SITES = [f"site-{number:02}" for number in range(60)]
CLIENTS = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of activity: where it counts, and the published factor with the units of it that one pushed unit is."""

    unit: str
    scope: int
    category: str
    factor: EmissionFactor
    ratio: Fraction


KINDS = {
    "electricity.grid": Kind("kWh", 2, "electricity", guangdong_grid_2021(), Fraction(1)),
    "fuel.natural_gas": Kind("m3", 1, "stationary_combustion", chinese_natural_gas(), Fraction(1)),
    # 830.565 kg/m3: DESNZ 2025, Fuel properties; a litre is 830.565 / 10^6 t
    "fuel.diesel": Kind("L", 1, "stationary_combustion", chinese_diesel(), Fraction(830_565, 10**9)),
    "refrigerant.R-410A": Kind("kg", 1, "fugitive", refrigerant(("HFC-32", "50"), ("HFC-125", "50")), Fraction(1)),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a client sends before it goes on: one batch, or single records side by side; some with an Idempotency-Key."""

    records: Sequence[Json]
    as_batch: bool
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is pushed.

    final      external id → the record as it stands in the end
    corrected  external ids of the records that were first sent with another quantity
    streams    per client its deliveries, in order
    """

    final: dict[str, Json]
    corrected: frozenset[str]
    streams: list[list[Delivery]]

    def revision(self, external_id: str) -> int:
        return 2 if external_id in self.corrected else 1

    def after(self, before: "Plan") -> "Plan":
        """What is there when both were pushed."""
        return Plan(before.final | self.final, before.corrected | self.corrected, [*before.streams, *self.streams])


NOTHING = Plan({}, frozenset(), [])


def plan_of(count: int, chance: random.Random, first: int = 0) -> Plan:
    """`count` records over the sites and the months of 2021, a tenth of them corrected later, many sent more than once.

    first  the number in the name of the first one
    """
    final = {record["external_id"]: record for record in (_record(number, chance) for number in range(first, first + count))}
    corrected = frozenset(chance.sample(sorted(final), count // 10))
    settled = [record for name, record in final.items() if name not in corrected]
    records = list(final.values())
    streams = [list(_deliveries(records[place::CLIENTS], corrected, settled, chance)) for place in range(CLIENTS)]
    return Plan(final, corrected, streams)


def _record(number: int, chance: random.Random) -> Json:
    activity_type = chance.choice(list(KINDS))
    month, length = chance.randint(1, 12), 1
    if number % 10 == 0:  # over several months, from a day within the first
        month, length = chance.randint(1, 9), 3
    return {
        "source_system": SYSTEM,
        "external_id": f"r-{number:06}",
        "site_external_id": chance.choice(SITES),
        "activity_type": activity_type,
        "period": {"start": date(2021, month, 1 if length == 1 else 12).isoformat(), "end": _first_of(month + length).isoformat()},
        # three decimals of a kilowatt-hour at 0.4715 kg are half a milligram every other time
        "quantity": {"value": f"{chance.randrange(1, 10**7) / 1000:.3f}", "unit": KINDS[activity_type].unit},
        "data_quality": "measured",
    }


def _first_of(month: int) -> date:
    return date(2021 + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _deliveries(own: list[Json], corrected: frozenset[str], settled: list[Json], chance: random.Random) -> Iterator[Delivery]:
    """One client's stream: a record's correction goes out after the record was answered; what is settled may be said again by anybody."""
    waiting: list[Json] = []
    begin = 0
    while begin < len(own):
        as_batch = chance.random() < 0.6
        some = own[begin : begin + (chance.randint(100, 300) if as_batch else chance.randint(5, 40))]
        begin += len(some)
        first = [_provisional(record) if record["external_id"] in corrected else record for record in some]
        yield _delivery(first, as_batch, chance)
        if chance.random() < 0.15:
            yield _delivery(chance.sample(first, len(first)), True, chance)
        if chance.random() < 0.15:
            yield _delivery(chance.sample(settled, min(60, len(settled))), chance.random() < 0.5, chance)
        waiting += [record for record in some if record["external_id"] in corrected]
        if len(waiting) > 50 or (waiting and begin >= len(own)):
            yield _delivery(waiting, chance.random() < 0.5, chance)
            waiting = []


def _delivery(records: Sequence[Json], as_batch: bool, chance: random.Random) -> Delivery:
    return Delivery(records, as_batch, f"key-{chance.getrandbits(64):x}" if chance.random() < 0.25 else None)


def _provisional(record: Json) -> Json:
    return record | {"quantity": record["quantity"] | {"value": f"9{record['quantity']['value']}"}}


@dataclass(frozen=True, slots=True)
class Figures:
    """Milligrams of CO2e by (scope, category, site, month) and by gas, records by (scope, category, site, month)."""

    by_group: dict[tuple[int, str, str, str], int]
    by_gas: dict[str, int]
    records: dict[tuple[int, str, str, str], int]


def figures_of(records: Iterable[Json]) -> Figures:
    """What records come to under AR6, from the published factors by exact rationals; only Python's half-even `round` rounds."""
    ar6 = gwp_set("AR6")
    by_group: dict[Any, int] = defaultdict(int)
    by_gas: dict[str, int] = defaultdict(int)
    counts: dict[Any, int] = defaultdict(int)
    for record in records:
        kind = KINDS[record["activity_type"]]
        start, end = (date.fromisoformat(record["period"][name]) for name in ("start", "end"))
        amount = Fraction(record["quantity"]["value"]) * kind.ratio
        group = (kind.scope, kind.category, record["site_external_id"])
        counts[*group, f"{start:%Y-%m}"] += 1
        for gas in kind.factor.gases:
            for month, milligrams in _by_month(amount * gas.kg_per_unit * ar6.of(gas.gas) * 10**6, start, end):
                by_group[*group, month] += milligrams
                by_gas[gas.gas] += milligrams
    return Figures(dict(by_group), dict(by_gas), dict(counts))


def _by_month(exact: Fraction, start: date, end: date) -> Iterator[tuple[str, int]]:
    """A period's figure cut at the months: running totals by days, each rounded half-even, and their differences."""
    left, before = start, 0
    while left < end:
        right = min(_first_of(left.month + 1), end)
        running = round(exact * (right - start).days / (end - start).days)
        yield f"{left:%Y-%m}", running - before
        left, before = right, running
