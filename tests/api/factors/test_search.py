"""Finding factors by words: English and Chinese, beginnings and misspellings, ranked, filtered, and page by page while factors come."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from kernel.database import Database
from services.factors.usecases.index_catalogue import index_catalogue
from services.factors.usecases.load_pack import load_pack
from tests.api.factors.altered_pack import altered_pack, is_guangdong_2021
from tests.api.factors.test_catalogue import every_item
from tests.api.factors.test_own_factors import STEAM
from tests.conftest import Client


@pytest_asyncio.fixture
async def database(databases: dict[str, Any]) -> AsyncIterator[Database]:
    """The factors service's database with the shipped pack loaded."""
    database = Database(databases["factors"], "factors")
    yield database
    await database.close()


async def first(client: Client, q: str, **filters: Any) -> dict:
    """The best match."""
    answer = await client.get("/v1/factors", q=q, limit=1, **filters)
    assert answer.status == 200, answer.content
    assert answer.body["items"], f"nothing is found for {q}"
    return answer.body["items"][0]


def described(factor: dict) -> tuple:
    return factor["name_en"], factor["region"], factor["data_year"]


@pytest.mark.parametrize(
    ("q", "activity_type"),
    [
        ("natural gas", "fuel.natural_gas"),
        ("natrual gas", "fuel.natural_gas"),
        ("deisel", "fuel.diesel"),
        ("DIESEL", "fuel.diesel"),
        ("天然气", "fuel.natural_gas"),
        ("天然汽", "fuel.natural_gas"),
        ("天燃气", "fuel.natural_gas"),
        ("柴油的排放因子", "fuel.diesel"),
        ("emission factor for anthracite", "fuel.anthracite"),
        ("fuel.diesel", "fuel.diesel"),
        ("fuel.natural_g", "fuel.natural_gas"),
        ("average biofuel blend", "fuel.diesel"),
        ("motor gasoline", "fuel.petrol"),
        ("制冷剂 R410A", "refrigerant.R-410A"),
        ("R410A leak", "refrigerant.R-410A"),
        ("cement clinker", "process.cement.clinker"),
        ("R410A", "refrigerant.R-410A"),
        ("r-410a", "refrigerant.R-410A"),
    ],
)
async def test_the_thing_itself_is_the_best_match(reader: Client, q: str, activity_type: str) -> None:
    assert (await first(reader, q))["activity_type"] == activity_type


@pytest.mark.parametrize("q", ["天然气", "无烟煤", "汽油", "外购热力"])
async def test_who_asks_in_chinese_is_shown_the_country_first(reader: Client, q: str) -> None:
    assert (await first(reader, q))["region"] == "CN"


async def test_what_is_bought_by_its_price_comes_after_what_is_weighed(reader: Client) -> None:
    found = (await reader.get("/v1/factors", q="cement", limit=200)).body["items"]
    is_spend = [one["activity_type"].startswith("spend.") for one in found]

    assert is_spend[0] is False
    assert True in is_spend


async def test_characters_that_happen_to_stand_apart_are_no_match(reader: Client) -> None:
    found = (await reader.get("/v1/factors", q="制冷剂", limit=200)).body["items"]

    assert {one["activity_type"].partition(".")[0] for one in found} == {"refrigerant"}


@pytest.mark.parametrize(
    ("q", "field", "value"),
    [
        ("guangdong", "region", "CN-GD"),
        ("广东", "region", "CN-GD"),
        ("广东电网", "region", "CN-GD"),
        ("GRID cn-gd", "region", "CN-GD"),
        ("elect guangd", "region", "CN-GD"),
        ("guandgong electricity", "region", "CN-GD"),
        ("mexico", "region", "MX"),
        ("墨西哥", "region", "MX"),
        ("desnz 2025", "dataset", "uk-desnz-2025"),
        ("fuels china mee anthracite", "dataset", "cn-mee-fuels"),
    ],
)
async def test_a_region_or_a_data_set_is_found_by_its_names_and_its_code(reader: Client, q: str, field: str, value: str) -> None:
    assert (await first(reader, q))[field] == value


async def test_all_words_must_be_found(reader: Client) -> None:
    found = await every_item(reader, "/v1/factors", q="electricity guangdong 2021", limit=1000)

    assert {(one["activity_type"], one["region"], one["data_year"]) for one in found} == {("electricity.grid", "CN-GD", 2021)}
    assert await every_item(reader, "/v1/factors", q="electricity guangdong unicornium") == []


async def test_another_year_is_not_a_misspelt_one(reader: Client) -> None:
    assert await every_item(reader, "/v1/factors", q="electricity guangdong 1921") == []


@pytest.mark.parametrize("q", ["%", "_", "'", ":* | !", "\\", "&&", "(", "\U0001f525"])
async def test_signs_are_no_words(reader: Client, q: str) -> None:
    assert await every_item(reader, "/v1/factors", q=q) == []


async def test_signs_are_no_language_of_the_search(reader: Client) -> None:
    plain = await every_item(reader, "/v1/factors", q="guangdong 2021")

    assert await every_item(reader, "/v1/factors", q="'guangdong':* \\ | & !(2021) %") == plain != []
    assert await every_item(reader, "/v1/factors", q="guangdong_2021") == plain


async def test_a_blank_text_lists_everything_in_the_usual_order(reader: Client) -> None:
    blank = (await reader.get("/v1/factors", q="  ", limit=20)).body["items"]

    assert blank == (await reader.get("/v1/factors", limit=20)).body["items"]
    assert [one["activity_type"] for one in blank] == sorted(one["activity_type"] for one in blank)


async def test_too_many_words_are_refused(reader: Client) -> None:
    answer = await reader.get("/v1/factors", q=" ".join(f"word{number}" for number in range(13)))

    assert answer.status == 422
    assert [(error["pointer"], error["code"]) for error in answer.problem.errors] == [("/q", "too_many_words")]


async def test_a_text_beyond_the_bound_is_refused(reader: Client) -> None:
    assert (await reader.get("/v1/factors", q="a" * 201)).status == 422


async def test_filters_narrow_what_is_found(reader: Client) -> None:
    found = await every_item(reader, "/v1/factors", q="diesel", region="GB", stage="direct", unit_kind="volume", year=2025, limit=1000)

    assert found
    assert {(one["region"], one["stage"], one["unit_kind"], one["data_year"]) for one in found} == {("GB", "direct", "volume", 2025)}


async def test_a_misspelt_word_is_looked_for_among_what_the_filters_leave(reader: Client) -> None:
    assert (await first(reader, "deisel", region="CN"))["region"] == "CN"


async def test_pages_of_a_search_hold_every_factor_once_in_one_order(reader: Client) -> None:
    for q in ("gas", "gsa natrual"):  # as it is written, and misspelt
        at_once = await every_item(reader, "/v1/factors", q=q, region=["CN", "TH", "GLO"], limit=1000)

        in_pages = await every_item(reader, "/v1/factors", q=q, region=["CN", "TH", "GLO"], limit=9)

        assert in_pages == at_once
        assert len({one["id"] for one in in_pages}) == len(in_pages)


async def test_a_cursor_of_one_text_is_not_one_of_another(reader: Client) -> None:
    cursor = (await reader.get("/v1/factors", q="gas", limit=2)).body["next"]

    answer = await reader.get("/v1/factors", q="coal", limit=2, cursor=cursor)

    assert [error["code"] for error in answer.problem.errors] == ["invalid_cursor"]


def pack_of(folder: Path, *changes: dict) -> Path:
    """A pack of one factor in several forms: each has its changes, and is a factor of its own."""

    def alter(factors: list[dict]) -> list[dict]:
        (original,) = filter(is_guangdong_2021, factors)
        return [
            original | {"id": f"f{number}", "key": f"key {number}", "technology": f"t{number}"} | change
            for number, change in enumerate(changes)
        ]

    return altered_pack(folder, alter)


async def ids(client: Client, q: str, **params: Any) -> list[str]:
    return [one["id"] for one in await every_item(client, "/v1/factors", q=q, **params)]


async def test_exact_words_come_before_beginnings_and_the_name_before_the_rest(
    operator: Client, database: Database, tmp_path: Path
) -> None:
    pack = pack_of(
        tmp_path / "pack",
        {"name_en": "Gridlock relief"},
        {"name_en": "Purchased power"},  # "grid" is in the activity type only
        {"name_en": "Electricity from the grid"},
        {"name_en": "Grid"},
        {"name_en": "Grid, of a plant that is no default", "is_default": False},
        {"name_en": "Grid, of a year before", "data_year": 2020},
    )
    await load_pack(database, pack)

    # exact in the name: the default of the shortest name first, then the longer names, then the variant; exact elsewhere last, because a
    # beginning in the name ("Gridlock") has "grid" of its activity type elsewhere, exactly
    assert await ids(operator, "grid", state="published") == ["f3", "f2", "f5", "f4", "f0", "f1"]


async def test_a_whole_word_comes_before_one_that_it_begins_and_no_misspelt_one_is_found_then(
    operator: Client, database: Database, tmp_path: Path
) -> None:
    pack = pack_of(tmp_path / "pack", {"name_en": "Zeolitic tuff"}, {"name_en": "A sort of zeolit"}, {"name_en": "Zeolix"})
    await load_pack(database, pack)

    assert await ids(operator, "zeolit") == ["f1", "f0"]
    assert await ids(operator, "zeolyt") == ["f1"]


async def test_of_equal_matches_the_default_and_the_newest_year_come_first(operator: Client, database: Database, tmp_path: Path) -> None:
    pack = pack_of(
        tmp_path / "pack",
        {"name_en": "Zeolite", "data_year": 2019},
        {"name_en": "Zeolite", "data_year": 2023, "is_default": False},
        {"name_en": "Zeolite", "data_year": None},
        {"name_en": "Zeolite", "data_year": 2021},
    )
    await load_pack(database, pack)

    assert await ids(operator, "zeolite") == ["f3", "f0", "f2", "f1"]


async def test_a_page_goes_on_where_it_ended_while_factors_come(operator: Client, database: Database, tmp_path: Path) -> None:
    old = [{"name_en": f"Zeolite number {number:02}", "data_year": 2000 + number} for number in range(20)]
    await load_pack(database, pack_of(tmp_path / "first", *old))
    before = await ids(operator, "zeolitte")  # misspelt: what is corrected stays so
    page = (await operator.get("/v1/factors", q="zeolitte", limit=7)).body
    seen, cursor = [one["id"] for one in page["items"]], page["next"]
    turn = 0
    while cursor:
        turn += 1
        new = [
            {"id": f"n{place}-{turn}", "key": f"new {place} {turn}", "name_en": f"Zeolitte {place}", "data_year": 2050}
            for place in range(9)
        ]
        await load_pack(database, pack_of(tmp_path / f"pack{turn}", *old, *new))
        page = (await operator.get("/v1/factors", q="zeolitte", limit=7, cursor=cursor)).body
        seen, cursor = seen + [one["id"] for one in page["items"]], page["next"]

    assert [one for one in seen if one in before] == before
    assert len(set(seen)) == len(seen)


async def test_a_factor_is_found_as_soon_as_it_is_stored(operator: Client, database: Database, tmp_path: Path) -> None:
    assert await ids(operator, "Quokka 短尾矮袋鼠") == []

    await load_pack(database, pack_of(tmp_path / "pack", {"name_en": "Quokka", "name_zh": "短尾矮袋鼠"}))

    assert await ids(operator, "quokka") == await ids(operator, "quoka") == await ids(operator, "矮袋鼠") == ["f0"]


async def test_a_proposed_factor_is_found_among_the_proposed_ones(operator: Client) -> None:
    proposed = await operator.post("/v1/factors", STEAM)
    assert proposed.status == 201, proposed.content

    assert (
        await ids(operator, "steam jiangsu", state="proposed") == await ids(operator, "江苏蒸汽", state="proposed") == [proposed.body["id"]]
    )
    assert proposed.body["id"] not in await ids(operator, "steam jiangsu")


async def test_factors_of_an_earlier_version_are_found_after_an_upgrade(operator: Client, database: Database) -> None:
    before = await ids(operator, "guangdong", limit=1000)
    async with database.unit_of_work() as session:
        await session.execute(text("DELETE FROM search_entry WHERE factor LIKE '%a%'"))  # never indexed
        await session.execute(text("UPDATE search_entry SET lexemes = '', rules = 'of another version'"))
        await session.execute(text("DELETE FROM search_word"))
    assert await ids(operator, "guangdong") == []

    await index_catalogue(database)

    assert await ids(operator, "guangdong", limit=1000) == before
    assert await ids(operator, "guangdonk", limit=1000) == before


async def test_a_data_set_is_found_by_its_new_name(operator: Client, database: Database, tmp_path: Path) -> None:
    pack = altered_pack(tmp_path / "pack", lambda factors: factors, cn_mee_electricity_2021={"publisher": "Quokka Office"})

    await load_pack(database, pack)

    found = await every_item(operator, "/v1/factors", q="quokka office", limit=1000)
    assert {one["dataset"] for one in found} == {"cn-mee-electricity-2021"}
