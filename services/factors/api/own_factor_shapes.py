"""What a proposal of a factor of the organisation's own consists of."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.factor_questions import FactorPurpose, FactorStage
from contracts.shapes import LongText, Region, Request, Text, UnitSymbol
from services.factors.api.estimate_shapes import FactorText, Figures

Score = Annotated[int, Field(ge=1, le=5, strict=True)]


class QualityScores(Request):
    """The pedigree of a figure, 1 (best) to 5 (worst).

    source  Weidema et al., Overview and methodology: data quality guideline for ecoinvent 3 (2013), table 10.4
    """

    reliability: Score
    completeness: Score
    temporal: Score
    geographical: Score
    technological: Score


class EvidenceOfFactor(Request):
    """A document that shows the figure."""

    name: Text
    uri: Annotated[Text, StringConstraints(max_length=2_000)] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class SourceOfFactor(Request):
    """Where the figure stands: the document as one cites it, and the place in it."""

    document: Text = Field(examples=["Heat supply contract 2025-17, Suzhou Industrial Park"])
    row: Annotated[Text, StringConstraints(max_length=500)] = ""
    evidence: list[EvidenceOfFactor] = Field(default=[], max_length=20)


class FactorIn(Figures):
    """A factor of the organisation's own: kilograms per unit, of gases, or of CO2e with the GWP set behind it.

    year        of the data: it serves activities of that year and the five after; without one it holds until it is replaced
    purpose     for electricity, by default the grid's average
    supersedes  the own factor whose place it takes when it is approved
    """

    activity_type: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(examples=["steam.purchased"])
    region: Region = Field(examples=["CN-JS"])
    year: Annotated[int, Field(ge=1990, le=2100, strict=True)] | None = Field(None, examples=[2025])
    unit: UnitSymbol = Field(examples=["GJ"])
    stage: FactorStage | None = None
    purpose: FactorPurpose | None = None
    biogenic_co2_kg_per_unit: FactorText | None = None
    source: SourceOfFactor
    name_en: Annotated[Text, StringConstraints(max_length=300)] | None = None
    name_zh: Annotated[Text, StringConstraints(max_length=300)] | None = None
    price_year: Annotated[int, Field(ge=1990, le=2099, strict=True)] | None = None
    quality_scores: QualityScores | None = None
    notes: list[Text] = Field(default=[], max_length=20)
    comment: LongText = ""
    supersedes: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class DecisionIn(Request):
    reason: Annotated[LongText, StringConstraints(max_length=2_000)] = ""


class ReasonIn(Request):
    reason: Annotated[LongText, StringConstraints(min_length=1, max_length=2_000)]


class PreferenceIn(Request):
    """The data set goes before others for some activity types, and may stand in for other regions.

    activity_types  an id, all below one ("spend.naics.*"), or "*"
    rank            the smaller, the earlier; own factors have rank 0
    region          whose factors stand in for those of `stands_in_for`, for activity types of scope 3
    """

    activity_types: Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9_.()-]{1,98}(\.\*)?)$")] = Field(examples=["spend.naics.*"])
    rank: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    region: Region | None = Field(None, examples=["US"])
    stands_in_for: list[Region] = Field(default=[], max_length=300, examples=[["CN", "VN"]])

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.region is None) != (not self.stands_in_for):
            raise PydanticCustomError("both_or_neither", "`region` and `stands_in_for` belong together: whose factors serve, and where")
        return self


class PreferencesIn(Request):
    preferences: list[PreferenceIn] = Field(max_length=100)
    reason: Annotated[LongText, StringConstraints(min_length=1, max_length=2_000)]


class PreferenceOut(BaseModel):
    activity_types: str
    rank: int
    region: str | None
    stands_in_for: list[str]
