"""What a factor must fulfil to serve a question, each criterion with its reason in plain words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ghg.errors import DimensionMismatch
from ghg.gwp import CO2E
from ghg.units import Unit
from services.factors.catalogue.pack_model import ActivityType, Factor
from services.factors.domain.catalogue import CatalogueFactor
from services.factors.domain.connection import (
    NO_YEAR,
    UsableProperty,
    connect,
    connection_text,
    connects_by_itself,
    mismatch_text,
)
from services.factors.domain.preferences import NOT_PREFERRED, OWN
from services.factors.domain.regions import WORLD, country_of, described

OLDEST_YEARS = 5
NOWHERE = 9  # the place of a region that does not serve the asked one
UNCONNECTED = 9  # more properties than any chain has

LIFE_CYCLE = "life_cycle"  # a stage; as a purpose another word for it
ELECTRICITY = "electricity"  # the family of its activity types: from the grid, or of one source


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question in the catalogue's own terms.

    chain      the regions whose factors may serve, nearest first, the world included where that is allowed
    stage      that which the factor must have
    purpose    likewise, None for activity types without purposes, and for the life cycle, which is a stage
    ranks      of the data sets that the organisation prefers
    stand_ins  (data set, region) whose factors the organisation takes for another region, to that region
    ways       what was found out about the way from the asked unit to a factor's unit, by that unit
    """

    activity_type: ActivityType
    region: str
    chain: tuple[str, ...]
    year: int
    unit: Unit
    stage: str
    purpose: str | None
    is_purpose_asked: bool
    dataset: str | None
    ranks: Mapping[str, int]
    stand_ins: Mapping[tuple[str, str], str]
    usable: Sequence[UsableProperty]
    ways: dict[str, "Way"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion applied to one factor; a reason against says what would make it match."""

    criterion: str
    fits: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Way:
    """The way from the asked unit to a factor's unit: the properties that it takes, None if there is none."""

    connection: tuple[UsableProperty, ...] | None
    finding: Finding


Rank = tuple[int, int, int, int, int, bool, int, str, str]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A factor that was looked at.

    misfits     the criteria that it does not fulfil
    connection  leads from the asked unit to the factor's unit, None if nothing does
    rank        the smaller, the better: fewest misfits, preferred data set, nearest region, nearest year, fewest conversions, gases
                rather than CO2e alone, which no other GWP set can be put to, newest revision, data set, id
    """

    listed: CatalogueFactor
    findings: tuple[Finding, ...]
    misfits: tuple[str, ...]
    connection: tuple[UsableProperty, ...] | None
    rank: Rank

    @property
    def reasons(self) -> list[str]:
        """What speaks against it, then what speaks for it."""
        return [finding.reason for finding in sorted(self.findings, key=lambda finding: finding.fits)]


def is_electricity(activity_type: ActivityType) -> bool:
    """Whether it is electricity, of whichever scope: that never leaves its country."""
    return activity_type.id.partition(".")[0] == ELECTRICITY


def assess(listed: CatalogueFactor, wanted: Wanted) -> Assessment:
    """Hold one factor against the question."""
    factor = listed.factor
    way = _way(listed, wanted)
    findings = (*_findings(listed, wanted), way.finding)
    misfits = tuple([finding.criterion for finding in findings if not finding.fits])
    place = wanted.chain.index(factor.region) if factor.region in wanted.chain else NOWHERE
    preferred = wanted.ranks.get(factor.dataset, NOT_PREFERRED)
    distance = NO_YEAR if factor.data_year is None else abs(wanted.year - factor.data_year)
    steps = UNCONNECTED if way.connection is None else len(way.connection)
    published = int((listed.dataset.published_on or "0").replace("-", ""))
    is_co2e_only = factor.gas_coverage == CO2E
    rank = (len(misfits), preferred, place, distance, steps, is_co2e_only, -published, factor.dataset, factor.id)
    return Assessment(listed, findings, misfits, way.connection, rank)


def _way(listed: CatalogueFactor, wanted: Wanted) -> Way:
    if connects_by_itself(listed):
        return _find_way(listed, wanted)
    if listed.factor.unit not in wanted.ways:
        wanted.ways[listed.factor.unit] = _find_way(listed, wanted)
    return wanted.ways[listed.factor.unit]


def _find_way(listed: CatalogueFactor, wanted: Wanted) -> Way:
    try:
        connection = connect(wanted.unit, listed, wanted.usable)
    except DimensionMismatch as mismatch:
        return Way(None, Finding("unit", False, mismatch_text(wanted.unit, listed, mismatch)))
    return Way(connection, Finding("unit", True, connection_text(wanted.unit, listed, connection)))


def _findings(listed: CatalogueFactor, wanted: Wanted) -> Iterator[Finding]:
    yield _region(listed, wanted)
    yield _vintage(listed.factor.data_year, wanted.year)
    yield _stage(listed.factor.stage, wanted)
    yield from _purpose(listed, wanted)
    yield from _technology(listed.factor, wanted)
    yield from _preference(listed.factor.dataset, wanted)
    if wanted.dataset is not None:
        is_asked = listed.factor.dataset == wanted.dataset
        yield Finding(
            "dataset", is_asked, f"data set {listed.factor.dataset}" + (" as asked" if is_asked else f", asked is {wanted.dataset}")
        )


def _region(listed: CatalogueFactor, wanted: Wanted) -> Finding:
    region = listed.factor.region
    if region == WORLD and not listed.dataset.is_global:
        return Finding("region", False, f"data set {listed.dataset.id} does not declare itself global: name it by factor_id")
    if region in wanted.chain:
        return Finding("region", True, _near_text(listed, wanted))
    if (listed.dataset.id, region) in wanted.stand_ins:
        stood_in_for = described(wanted.stand_ins[listed.dataset.id, region])
        return Finding("region", True, f"{described(region)} stands in for {stood_in_for}, as the organisation has decided")
    return Finding("region", False, _elsewhere_text(region, wanted))


def _near_text(listed: CatalogueFactor, wanted: Wanted) -> str:
    region = listed.factor.region
    if region == wanted.region:
        return f"{described(region)} as asked"
    if region == WORLD:
        return f"worldwide: data set {listed.dataset.id} declares itself global"
    return f"{described(region)} stands in for {described(wanted.region)}"


def _elsewhere_text(region: str, wanted: Wanted) -> str:
    if is_electricity(wanted.activity_type) and country_of(region) != country_of(wanted.region):
        return f"{described(region)}: electricity never leaves its country, it serves activities there only"
    return f"{described(region)}: never chosen for {described(wanted.region)}; it serves activities there, or name it by factor_id"


def _vintage(data_year: int | None, year: int) -> Finding:
    if data_year is None:
        return Finding("vintage", True, "no data year: it holds until it is replaced")
    if data_year == year:
        return Finding("vintage", True, f"data year {data_year} is the activity's year")
    if data_year > year:
        return Finding(
            "vintage", False, f"data year {data_year} is after the activity's year {year}: it serves activities from {data_year} on"
        )
    if year - data_year > OLDEST_YEARS:
        last = data_year + OLDEST_YEARS
        return Finding("vintage", False, f"data year {data_year} is more than {OLDEST_YEARS} years old: it serves activities up to {last}")
    return Finding(
        "vintage", True, f"data year {data_year} is the nearest up to the activity's year {year}, at most {OLDEST_YEARS} years old"
    )


def _stage(stage: str, wanted: Wanted) -> Finding:
    if stage == wanted.stage:
        return Finding("stage", True, f"stage {stage}")
    if wanted.stage == wanted.activity_type.stage:
        return Finding("stage", False, f"stage {stage}: scope {wanted.activity_type.scope} takes {wanted.stage} emissions")
    return Finding("stage", False, f"stage {stage}, asked is {wanted.stage}")


def _purpose(listed: CatalogueFactor, wanted: Wanted) -> Iterator[Finding]:
    purpose = listed.factor.purpose
    if purpose == LIFE_CYCLE == listed.factor.stage:
        purpose = None  # the stage says it already
    if purpose == wanted.purpose:
        if purpose is not None:
            yield Finding("purpose", True, f"purpose {purpose}" + (" as asked" if wanted.is_purpose_asked else ", the default"))
    elif purpose is None:
        yield Finding("purpose", False, f"it has no purpose, asked is {wanted.purpose}: ask without purpose")
    else:
        yield Finding("purpose", False, f"purpose {purpose}: it is used only when asked for")


def _technology(factor: Factor, wanted: Wanted) -> Iterator[Finding]:
    if factor.is_default:
        if factor.technology is not None:
            yield Finding("technology", True, f"technology {factor.technology}, the default")
    elif factor.technology is not None:
        yield Finding("technology", False, f"technology {factor.technology}: it is used only when named by factor_id")
    elif factor.purpose is None and factor.stage == wanted.activity_type.stage:
        yield Finding("technology", False, "not the default of its data set: it is used only when named by factor_id")


def _preference(dataset: str, wanted: Wanted) -> Iterator[Finding]:
    if dataset in wanted.ranks:
        text = "a factor of the organisation's own" if dataset == OWN else f"data set {dataset} is preferred by the organisation"
        yield Finding("preference", True, text)
