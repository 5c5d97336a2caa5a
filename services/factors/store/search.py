"""The text search: the factors in which every word is found, the best matches first, page by page."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from kernel.database import Session
from services.factors.domain.search_question import Meant, Sought, sought
from services.factors.domain.spelling import edits_allowed, meant
from services.factors.domain.words import is_chinese
from services.factors.store.catalogue import stored_factor
from services.factors.store.lists import FACTORS, FactorFilter, Found, conditions
from services.factors.store.search_index import similar_words
from services.factors.tables import SearchEntry

ENTRIES = SearchEntry.__table__
LEXEMES = ENTRIES.c.lexemes

# What matches better comes first, then what usually answers: published, a default, energy before goods and these before spend, of the
# country whose language is asked in, of a short name, of the newest data year.
ORDER = ("cost", "not_published", "not_default", "kind", "abroad", "name_words", "age", "activity_type", "region", "key", "id")
ENERGY = ("electricity.%", "fuel.%", "vehicle_fuel.%", "heat.%", "steam.%")
SPEND = "spend.%"
PLACE = "place_"


async def find_factors(session: Session, words: Sequence[str], wanted: FactorFilter, after: list[Any] | None, limit: int) -> list[Found]:
    """Up to `limit` factors in which every word is found, after a position.

    Words are taken as they are written; where that finds nothing, also for others that they may be a misspelling of. A position says
    which, and holds the values of ORDER.
    """
    if not words:
        return []
    if after is not None:
        misspelt, *place = after
        return await _page(session, words, await _meant(session, words) if misspelt else {}, wanted, place, limit)
    if found := await _page(session, words, {}, wanted, None, limit):
        return found
    corrections = await _meant(session, words)
    return await _page(session, words, corrections, wanted, None, limit) if corrections else []


def page_of_matches(
    words: Sequence[Sought], home: str | None, wanted: FactorFilter, place: Sequence[Any] | None, limit: int
) -> Select[Any]:
    """The statement: whole rows of factors, with their place in the order.

    home  the country that goes before others, None for none
    """
    is_energy = or_(*map(FACTORS.c.activity_type.like, ENERGY))
    every_word = " & ".join(f"({word.query})" for word in words)
    hits = (
        select(ENTRIES.c.factor, ENTRIES.c.name_words, reduce(add, map(_cost, words)).label("cost"))
        .where(_holds(every_word))
        .cte("hits")
        .prefix_with("MATERIALIZED")  # found by the index first, whatever the planner knows about the rest; costs are worked out once
    )
    columns = {
        "cost": hits.c.cost,
        "not_published": case((FACTORS.c.state == "published", 0), else_=1),
        "not_default": case((FACTORS.c.is_default, 0), else_=1),
        "kind": case((is_energy, 0), (FACTORS.c.activity_type.like(SPEND), 2), else_=1),
        "abroad": literal(0) if home is None else case((FACTORS.c.region == home, 0), else_=1),
        "name_words": hits.c.name_words,
        "age": -func.coalesce(FACTORS.c.data_year, 0),
        **{name: FACTORS.c[name] for name in ("activity_type", "region", "key", "id")},
    }
    matches = (
        select(*(columns[name].label(name) for name in ORDER))
        .join(hits, hits.c.factor == FACTORS.c.id)
        .where(*conditions(wanted))
        .subquery("matches")
    )
    order = [matches.c[name] for name in ORDER]
    page = select(matches).order_by(*order).limit(limit)
    if place is not None:
        page = page.where(tuple_(*order) > tuple_(*map(literal, place)))
    of_page = page.cte("page")
    places = [of_page.c[name].label(f"{PLACE}{name}") for name in ORDER]
    return select(FACTORS, *places).join(of_page, of_page.c.id == FACTORS.c.id).order_by(*places)


async def _page(
    session: Session, words: Sequence[str], corrections: Mapping[str, Meant], wanted: FactorFilter, place: list[Any] | None, limit: int
) -> list[Found]:
    connection = await session.connection()
    home = "CN" if any(map(is_chinese, words)) else None
    statement = page_of_matches([sought(word, corrections.get(word, {})) for word in words], home, wanted, place, limit)
    found = []
    for row in await connection.execute(statement):
        record = dict(row._mapping)
        position = [record.pop(f"{PLACE}{name}") for name in ORDER]
        found.append(Found(stored_factor(record), [bool(corrections), *position]))
    return found


def _cost(word: Sought) -> ColumnElement[int]:
    """The cost of the best tier; who matches at all, and in none of the better ones, matches in the last."""
    *better, last = word.tiers
    return case(*((_holds(tier.query), tier.cost) for tier in better), else_=last.cost) if better else literal(last.cost)


def _holds(query: str) -> ColumnElement[bool]:
    holds: ColumnElement[bool] = LEXEMES.bool_op("@@")(cast(literal(query, Text), TSQUERY))
    return holds


async def _meant(session: Session, words: Sequence[str]) -> dict[str, Meant]:
    """For each word those of the catalogue that it may be a misspelling of; empty if that can be said of none."""
    doubtful = [word for word in words if edits_allowed(word)]
    if not doubtful:
        return {}
    vocabulary = await similar_words(session, doubtful)
    return {word: meant(word, vocabulary) for word in words}
