"""Factors of the organisation's own: proposed by one client, approved by another, and from then on like any publisher's."""

from dataclasses import dataclass
from fractions import Fraction

from ghg.errors import GhgError, UnknownGas, UnknownUnit
from ghg.gwp import CO2E, usual_name
from ghg.money import MONEY, currency, price_year
from ghg.rounding import ratio_text
from ghg.units import unit
from kernel.problems import refused
from services.factors.catalogue.contribution import new_factor
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, GasPart
from services.factors.domain.accounting import emission_factor
from services.factors.domain.criteria import LIFE_CYCLE
from services.factors.domain.preferences import OWN
from services.factors.domain.regions import WORLD, usual_region

OWN_DATASET = Dataset(
    id=OWN,
    name="Own factors",
    publisher="The organisation",
    title="Factors of its own, each approved by a second person",
    edition="",
    year=None,
    published_on=None,
    licence="The organisation's own",
    attribution="The organisation",
    tier="own",
    url=None,
    has_vintage=True,
    is_global=False,
    source_files=(),
)


@dataclass(frozen=True, slots=True)
class OwnFactorContent:
    """What is proposed: kilograms of each gas per unit, or of CO2e with its GWP basis, and the document that says so.

    gases  pairs of a gas, by any usual spelling, and its kilograms per unit
    year   the data year; None for a factor that holds until it is replaced
    """

    activity_type: str
    region: str
    year: int | None
    unit: str
    stage: str | None
    purpose: str | None
    gases: tuple[tuple[str, str], ...]
    co2e: str | None
    gwp_basis: str | None
    biogenic_co2: str | None
    document: str
    row: str
    name_en: str | None
    name_zh: str | None
    price_year: int | None
    uncertainty_percent: str | None
    notes: tuple[str, ...]


def own_factor(content: OwnFactorContent, activity: ActivityType) -> Factor:
    """The factor that the content describes.

    raises  Problem at the field that is wrong: no_country, unknown_unit, dimension_mismatch, no_money, contradiction, no_purposes,
            unknown_gas, invalid_factor
    """
    symbol, prices_of = _unit(content, activity)
    stage, purpose = _stage_and_purpose(content, activity)
    parts = _gas_parts(content)
    printed = "; ".join(part.printed_value for part in parts)
    factor = new_factor(
        activity,
        OWN_DATASET,
        _region(content),
        symbol,
        parts,
        gas_coverage="+".join(dict.fromkeys(part.gas.split("_")[0] for part in parts)),
        source_row=f"{content.document}: {content.row}" if content.row else content.document,
        value_printed=printed,
        unit_printed=parts[0].printed_unit,
        data_year=content.year,
        stage=stage,
        purpose=purpose,
        biogenic_co2=None if content.biogenic_co2 is None else _part("CO2", content.biogenic_co2, None, content),
        quality="proposed and approved within the organisation",
        notes=content.notes,
        name_en=content.name_en,
        name_zh=content.name_zh,
        price_year=prices_of,
        uncertainty_percent=None if content.uncertainty_percent is None else Fraction(content.uncertainty_percent),
    )
    try:
        emission_factor(factor, {OWN: OWN_DATASET})
    except GhgError as error:
        raise refused("/gases" if content.co2e is None else "/co2e", error.code, str(error), error.hint) from error
    return factor


def _region(content: OwnFactorContent) -> str:
    if content.region == WORLD:
        detail = "A factor of the organisation's own serves a country or a part of one: no region falls back to it from the world."
        raise refused("/region", "no_country", detail, "Propose it for each country in which it holds.")
    return usual_region(content.region)


def _unit(content: OwnFactorContent, activity: ActivityType) -> tuple[str, int | None]:
    """The unit's own symbol, lest two spellings make two factors about the same; of money the currency, and its price year apart."""
    try:
        asked = unit(content.unit)
    except UnknownUnit as unknown:
        raise refused("/unit", unknown.code, str(unknown), unknown.hint) from unknown
    if asked.dimension not in activity.unit_dimensions:
        kinds = " or ".join(kind.replace("_", " ") for kind in activity.unit_dimensions)
        raise refused("/unit", "dimension_mismatch", f"{activity.id} is measured in {kinds}.", "Give the factor per a unit of that kind.")
    if asked.dimension != MONEY:
        if content.price_year is not None:
            raise refused("/price_year", "no_money", f"{asked.symbol} has no price year.", "Leave it out.")
        return asked.symbol, None
    written = price_year(asked)
    if written is not None and content.price_year not in (None, written):
        raise refused("/price_year", "contradiction", f"The unit says {written}.", "Say the price year once.")
    return currency(asked), written or content.price_year


def _stage_and_purpose(content: OwnFactorContent, activity: ActivityType) -> tuple[str, str | None]:
    """Of electricity, if nothing else is said, the grid's average: what location-based accounting asks for."""
    if content.purpose == LIFE_CYCLE and content.stage not in (None, LIFE_CYCLE):
        raise refused("/stage", "contradiction", "The purpose life_cycle takes the stage life_cycle.", "Leave the stage out.")
    if activity.method == "none" and content.purpose not in (None, LIFE_CYCLE):
        detail = f"{activity.id} has no such purposes: they tell figures of grid electricity apart."
        raise refused("/purpose", "no_purposes", detail, "Leave it out.")
    stage = LIFE_CYCLE if content.purpose == LIFE_CYCLE else content.stage or activity.stage
    if stage == LIFE_CYCLE:
        return stage, None if activity.stage == LIFE_CYCLE else LIFE_CYCLE
    is_usual = activity.method != "none" and stage == activity.stage
    return stage, content.purpose or ("location_average" if is_usual else None)


def _gas_parts(content: OwnFactorContent) -> tuple[GasPart, ...]:
    if content.co2e is not None:
        return (_part(CO2E, content.co2e, content.gwp_basis, content),)
    parts = []
    for index, (gas, kilograms) in enumerate(content.gases):
        try:
            parts.append(_part(usual_name(gas), kilograms, None, content))
        except UnknownGas as unknown:
            raise refused(f"/gases/{index}/gas", unknown.code, str(unknown), unknown.hint) from unknown
    return tuple(parts)


def _part(gas: str, kilograms: str, gwp_basis: str | None, content: OwnFactorContent) -> GasPart:
    return GasPart(
        gas=gas,
        kg_per_unit=Fraction(kilograms),
        gwp_basis=gwp_basis,
        dataset=OWN,
        row=content.row or content.document,
        printed_value=ratio_text(Fraction(kilograms)),
        printed_unit=f"kg {gas} per {content.unit}",
        derivation="as proposed",
    )
