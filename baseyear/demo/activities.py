"""The group's year of activity data: what each site burned, bought and leaked, month by month.

Every figure follows from the site, the month and its own name alone, so the same year comes out on every machine and every run.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from baseyear.demo.group import SITES, Site, SiteKind

YEAR = 2021
SOURCE_SYSTEM = "yunhuai-ehs"
MONTHS = tuple(range(1, 13))
QUARTER_ENDS = (3, 6, 9, 12)
PIPED_GAS_COUNTRIES = ("CN", "GB")  # elsewhere the canteens and ovens run on LPG
CODED_REGIONS = ("CN-AH", "CN-JX")  # their EHS names items by its own codes and leaves the unit to the mapping
MEGAWATT_HOUR_SITE = "WA-01"  # the one meter there that counts in MWh
# Parts per thousand of an average month: the Spring Festival falls into February, the coolers run in summer.
SEASON = dict(zip(MONTHS, (960, 720, 950, 960, 1000, 1060, 1130, 1140, 1080, 1020, 980, 1000), strict=True))


@dataclass(frozen=True, slots=True)
class Emitter:
    """One kind of consumption of a site; `per_megawatt_hour` scales it to the site's yearly electricity."""

    name: str
    activity_type: str
    unit: str
    per_megawatt_hour: Decimal
    data_quality: str
    months: tuple[int, ...] = MONTHS


@dataclass(frozen=True, slots=True)
class ItemMapping:
    """What an item code of the EHS means."""

    code: str
    activity_type: str
    unit: str
    site: str | None = None

    def as_json(self) -> dict[str, str]:
        """The body of `PUT /v1/source-systems/{system}/items/{code}`."""
        body = {"activity_type": self.activity_type, "unit": self.unit}
        return body if self.site is None else body | {"site_external_id": self.site}


@dataclass(frozen=True, slots=True)
class Gap:
    """Months that a site never sent, which no total may take for zero."""

    site: str
    emitter: str
    months: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """One line of the EHS; exactly one of `activity_type` and `item_code` is set, and an item code may know unit and site."""

    external_id: str
    month: int
    value: Decimal
    data_quality: str
    modified_at: str
    site: str | None = None
    unit: str | None = None
    activity_type: str | None = None
    item_code: str | None = None
    comment: str | None = None

    def as_json(self) -> dict[str, object]:
        """One item of `POST /v1/activities/batch`."""
        body = {
            "source_system": SOURCE_SYSTEM,
            "external_id": self.external_id,
            "site_external_id": self.site,
            "activity_type": self.activity_type,
            "item_code": self.item_code,
            "period": {"start": _first_day(self.month), "end": _first_day(self.month + 1)},
            "quantity": {"value": f"{self.value:f}"} | ({"unit": self.unit} if self.unit else {}),
            "data_quality": self.data_quality,
            "comment": self.comment,
            "source_modified_at": self.modified_at,
        }
        return {name: value for name, value in body.items() if value is not None}


ELECTRICITY = Emitter("electricity", "electricity.grid", "kWh", Decimal(1000), "invoiced")
NATURAL_GAS = Emitter("natural-gas", "fuel.natural_gas", "m3", Decimal(4), "measured")
PROCESS_GAS = replace(NATURAL_GAS, per_megawatt_hour=Decimal(14))  # plating baths and ovens
GENERATOR_DIESEL = Emitter("generator-diesel", "fuel.diesel", "L", Decimal("0.12"), "measured", QUARTER_ENDS)  # test runs
TRUCK_DIESEL = Emitter("truck-diesel", "vehicle_fuel.diesel", "L", Decimal("0.9"), "invoiced")
PETROL = Emitter("petrol", "vehicle_fuel.petrol", "L", Decimal("0.45"), "invoiced")
OFFICE_PETROL = replace(PETROL, per_megawatt_hour=Decimal(3))
LPG = Emitter("lpg", "fuel.lpg", "kg", Decimal("0.3"), "invoiced")
R410A = Emitter("r-410a", "refrigerant.R-410A", "kg", Decimal("0.0012"), "calculated", QUARTER_ENDS)
OFFICE_R410A = replace(R410A, per_megawatt_hour=Decimal("0.008"), months=(6,))
R134A = Emitter("r-134a", "refrigerant.HFC-134a", "kg", Decimal("0.0008"), "calculated", (5, 10))

_PLANT = (GENERATOR_DIESEL, TRUCK_DIESEL, PETROL, LPG, R410A, R134A)
EMITTERS: dict[SiteKind, tuple[Emitter, ...]] = {
    "plant": (ELECTRICITY, NATURAL_GAS, *_PLANT),
    "process_plant": (ELECTRICITY, PROCESS_GAS, *_PLANT),
    "office": (ELECTRICITY, OFFICE_PETROL, OFFICE_R410A),
    "rented_hall": (ELECTRICITY,),
}

HALL_METER = ItemMapping("M-NC-HALL3", "electricity.grid", "kWh", site="NC-02")
_CODES = {
    "electricity": ItemMapping("E-KWH", "electricity.grid", "kWh"),
    "natural-gas": ItemMapping("G-NG", "fuel.natural_gas", "m3"),
    "generator-diesel": ItemMapping("O-GEN", "fuel.diesel", "L"),
    "truck-diesel": ItemMapping("O-TRUCK", "vehicle_fuel.diesel", "L"),
    "petrol": ItemMapping("O-CAR", "vehicle_fuel.petrol", "L"),
    "lpg": ItemMapping("G-LPG", "fuel.lpg", "kg"),
    "r-410a": ItemMapping("K-410A", "refrigerant.R-410A", "kg"),
    "r-134a": ItemMapping("K-134A", "refrigerant.HFC-134a", "kg"),
}
ITEM_MAPPINGS = (*_CODES.values(), HALL_METER)
UNMAPPED_CODE = "S-STEAM"  # bought steam in the heating season: nobody has said yet what it is

GAPS = (
    Gap("VBG-01", "electricity", (5, 6), "plant closed during the epidemic, invoices not yet found"),
    Gap("VBG-02", "electricity", (5,), "plant closed during the epidemic, invoice not yet found"),
    Gap("MZ-01", "electricity", (8,), "meter exchanged, last reading lost"),
    Gap("XG-01", "electricity", (12,), "December invoice not received"),
    Gap("EN-01", "natural-gas", (11, 12), "change of supplier"),
    Gap("MAA-01", "truck-diesel", (4, 5), "haulier sent no statement"),
)

_FORGOTTEN_MULTIPLIER = "2021-03/KS-01/electricity"
_DOUBLE_INVOICE = "2021-09/CZ-01/generator-diesel"
CORRECTED_AT = "2022-02-14T08:30:00Z"
VOID_REASON = "The invoice for September had been entered twice, under two numbers."


def activity_records() -> tuple[ActivityRecord, ...]:
    """Everything that the EHS sends in its first pass, month by month, mistakes included."""
    regular = [_first_reading(record) for site in SITES for record in _records_of(site)]
    return tuple(sorted([*regular, *_steam(), voided_record()], key=lambda record: (record.month, record.external_id)))


def correction() -> ActivityRecord:
    """The late correction: the same record as first sent, with the meter's multiplier applied.

    It carries a later `source_modified_at`, so that the first reading, pushed again, is stale and cannot undo it.
    """
    wrong = next(record for record in activity_records() if record.external_id == _FORGOTTEN_MULTIPLIER)
    return replace(wrong, value=wrong.value * 10, modified_at=CORRECTED_AT, comment="Meter multiplier of 10 applied.")


def voided_record() -> ActivityRecord:
    """An invoice that was entered a second time; the demo pushes it, then voids it."""
    site = next(site for site in SITES if site.external_id == "CZ-01")
    invoice = next(record for record in _records_of(site) if record.external_id == _DOUBLE_INVOICE)
    return replace(invoice, external_id=f"{_DOUBLE_INVOICE}/second-invoice")


def repeated_records() -> tuple[ActivityRecord, ...]:
    """December once more, as an EHS does that is not sure of its last answer."""
    return tuple(record for record in activity_records() if record.month == 12)


def _records_of(site: Site) -> Iterator[ActivityRecord]:
    for emitter in EMITTERS[site.kind]:
        if emitter.activity_type == "fuel.natural_gas" and site.country not in PIPED_GAS_COUNTRIES:
            continue
        gaps = {month for gap in GAPS if (gap.site, gap.emitter) == (site.external_id, emitter.name) for month in gap.months}
        for month in emitter.months:
            if month not in gaps:
                yield _as_sent(site, emitter, month)


def _as_sent(site: Site, emitter: Emitter, month: int) -> ActivityRecord:
    external_id = f"{YEAR}-{month:02}/{site.external_id}/{emitter.name}"
    record = ActivityRecord(
        external_id=external_id,
        month=month,
        value=_monthly_value(site, emitter, month, external_id),
        data_quality=emitter.data_quality,
        modified_at=f"{_first_day(month + 1)[:-2]}05T02:00:00Z",
    )
    if site.external_id == HALL_METER.site:
        return replace(record, item_code=HALL_METER.code)
    if site.region not in CODED_REGIONS:
        return replace(record, site=site.external_id, activity_type=emitter.activity_type, unit=emitter.unit)
    coded = replace(record, site=site.external_id, item_code=_CODES[emitter.name].code)
    if site.external_id == MEGAWATT_HOUR_SITE and emitter is ELECTRICITY:
        return replace(coded, value=record.value / 1000, unit="MWh")
    return coded


def _first_reading(record: ActivityRecord) -> ActivityRecord:
    if record.external_id != _FORGOTTEN_MULTIPLIER:
        return record
    return replace(record, value=record.value / 10)


def _steam() -> Iterator[ActivityRecord]:
    for month in (1, 2, 3, 11, 12):
        external_id = f"{YEAR}-{month:02}/BD-01/steam"
        yield ActivityRecord(
            external_id=external_id,
            month=month,
            value=Decimal(420_000 + 100 * _wobble(external_id)) / 1000,
            unit="t",
            data_quality="invoiced",
            modified_at=f"{_first_day(month + 1)[:-2]}05T02:00:00Z",
            site="BD-01",
            item_code=UNMAPPED_CODE,
        )


def _monthly_value(site: Site, emitter: Emitter, month: int, external_id: str) -> Decimal:
    yearly = site.megawatt_hours * emitter.per_megawatt_hour
    season = Fraction(SEASON[month], sum(SEASON[each] for each in emitter.months))
    thousandths = round(Fraction(yearly) * season * (1000 + _wobble(external_id)))
    return Decimal(thousandths).scaleb(-3)


def _wobble(name: str) -> int:
    """Parts per thousand between -60 and 60 that depend on the name only."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 121 - 60


def _first_day(month: int) -> str:
    return f"{YEAR}-{month:02}-01" if month <= 12 else f"{YEAR + 1}-01-01"
