from decimal import Decimal

from baseyear.demo.group import ASSOCIATE, ENTITIES, GROUP_NAME, SITES, SUBSIDIARIES


def test_the_group_has_fifty_two_subsidiaries_and_says_that_it_is_fictional():
    assert len(SUBSIDIARIES) == 52
    assert "fictional" in GROUP_NAME


def test_no_external_id_of_an_entity_or_a_site_stands_twice():
    assert len({entity.external_id for entity in ENTITIES}) == len(ENTITIES)
    assert len({site.external_id for site in SITES}) == len(SITES)


def test_a_parent_is_created_before_its_children_and_only_the_root_has_none():
    created = set()
    for entity in ENTITIES:
        assert entity.parent in created or not created
        created.add(entity.external_id)

    assert [entity.external_id for entity in ENTITIES if entity.parent is None] == ["YH"]


def test_every_site_belongs_to_an_entity_of_its_own_country():
    country_of = {entity.external_id: entity.country for entity in ENTITIES}

    assert {site.external_id: site.country for site in SITES} == {site.external_id: country_of[site.entity] for site in SITES}


def test_every_site_has_a_time_zone():
    assert all("/" in site.as_json()["timezone"] for site in SITES)


def test_the_associate_is_owned_at_thirty_percent_and_out_of_both_kinds_of_control():
    body = ASSOCIATE.as_json()

    assert body["ownership"][0]["share"] == "0.30"
    assert (body["operational_control"], body["financial_control"]) == (False, False)
    assert any(site.entity == ASSOCIATE.external_id for site in SITES)


def test_every_subsidiary_is_controlled_and_owned_by_more_than_half():
    assert all(entity.controlled and Decimal("0.5") < Decimal(entity.share) <= 1 for entity in SUBSIDIARIES)
    assert {entity.share for entity in SUBSIDIARIES} == {"1.00", "0.60", "0.51"}
