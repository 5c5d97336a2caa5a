"""What holds for every question whatever a catalogue holds: factors of every region, stage and purpose, preferences of every kind."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.factors.catalogue.pack_model import Factor
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.preferences import OWN, Preference
from services.factors.domain.regions import country_of
from services.factors.domain.resolution import Question, resolve
from tests.unit.factors_service.small_catalogue import DIESEL, GRID, STEEL, WIND, catalogue_with, dataset, factor

TYPES = {activity_type.id: activity_type for activity_type in (DIESEL, GRID, STEEL, WIND)}
DATASETS = [dataset("worldwide", is_global=True), dataset("national"), dataset("revised", published_on="2024-05-01"), dataset(OWN)]
REGIONS = ("CN", "CN-GD", "HK", "TW", "grid:CN-SOUTH", "GB", "US", "US-CA", "GLO")
STAGES = ("direct", "upstream", "transmission_losses", "life_cycle")
PURPOSES = (None, "location_average", "residual", "fossil", "life_cycle")
SCOPE_3 = 3


@st.composite
def factors(draw: st.DrawFn) -> list[Factor]:
    made = []
    for number in range(draw(st.integers(1, 12))):
        activity_type = TYPES[draw(st.sampled_from(sorted(TYPES)))]
        made.append(
            factor(
                f"f{number}",
                activity_type,
                draw(st.sampled_from(REGIONS)),
                draw(st.none() | st.integers(2015, 2026)),
                "kWh" if "energy" in activity_type.unit_dimensions else "t",
                dataset=draw(st.sampled_from([one.id for one in DATASETS])),
                stage=draw(st.sampled_from(STAGES)),
                purpose=draw(st.sampled_from(PURPOSES)),
                technology=draw(st.none() | st.just("new")),
                is_default=draw(st.booleans()),
            )
        )
    return made


PREFERENCES = st.dictionaries(
    st.sampled_from([one.id for one in DATASETS]),
    st.lists(
        st.builds(
            Preference,
            st.sampled_from(("*", "fuel.*", "electricity.*", *sorted(TYPES))),
            st.integers(1, 100),
            st.none() | st.sampled_from(REGIONS),
            st.lists(st.sampled_from(REGIONS), max_size=3).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    activity_type = TYPES[draw(st.sampled_from(sorted(TYPES)))]
    return Question(
        activity_type.id,
        draw(st.sampled_from((*REGIONS, "CN-HK", "DE"))),
        draw(st.integers(2014, 2032)),
        "kWh" if "energy" in activity_type.unit_dimensions else "t",
        draw(st.sampled_from((None, "location_based", "market_based"))),
        draw(st.sampled_from((None, *PURPOSES))),
        draw(st.none() | st.sampled_from([one.id for one in DATASETS])),
        draw(st.sampled_from((None, *STAGES))),
    )


Content = tuple[list[Factor], dict[str, tuple[Preference, ...]]]
CONTENTS = st.tuples(factors(), PREFERENCES)


def built(content: Content, order: int = 0) -> Catalogue:
    made, preferences = list(content[0]), list(content[1].items())
    random.Random(order).shuffle(made)
    random.Random(order).shuffle(preferences)
    return catalogue_with(made, datasets=DATASETS, preferences=dict(preferences))


@settings(max_examples=400, deadline=None)
@given(content=CONTENTS, question=questions())
def test_what_is_chosen_keeps_the_rules_whatever_the_catalogue_holds(content: Content, question: Question) -> None:
    selection = resolve(built(content), question)

    if selection.chosen is None:
        assert all(candidate.misfits for candidate in selection.candidates)
        return
    factor, activity_type = selection.chosen.listed.factor, TYPES[question.activity_type]
    if question.stage is None and question.purpose != "life_cycle":
        assert factor.stage == activity_type.stage  # scopes 1 and 2 never take a life-cycle factor that nobody asked for
    if question.stage is not None:
        assert factor.stage == question.stage
    if question.purpose not in (None, "life_cycle"):
        assert factor.purpose == question.purpose
    if question.purpose == "life_cycle":
        assert factor.stage == (question.stage or "life_cycle")
    if question.dataset is not None:
        assert factor.dataset == question.dataset
    assert factor.data_year is None or 0 <= question.year - factor.data_year <= 5
    asked_country = country_of({"CN-HK": "HK"}.get(question.region, question.region))
    if activity_type.id.startswith("electricity.") or activity_type.scope != SCOPE_3:
        assert country_of(factor.region) == asked_country or (factor.region == "GLO" and factor.dataset == "worldwide")
    if activity_type.id.startswith("electricity."):
        assert factor.region != "GLO"
    assert factor.is_default or factor.technology is None


@settings(max_examples=200, deadline=None)
@given(content=CONTENTS, question=questions(), order=st.integers(1, 1_000))
def test_the_order_of_factors_and_preferences_decides_nothing(content: Content, question: Question, order: int) -> None:
    one, other = resolve(built(content), question), resolve(built(content, order), question)

    assert one == other
