import json
from fractions import Fraction

import pytest

from services.reporting.documents.json_document import render_json
from services.reporting.documents.labels import LanguageNotAvailable
from tests.unit.reporting.sample_content import sample_content, without_figures


def test_every_amount_stands_there_in_milligrams_and_in_kilograms():
    found = []

    def look(value):
        if isinstance(value, dict):
            found.extend((value[key], value[f"{key.removesuffix('_mg')}_kg"]) for key in value if key.endswith("_mg"))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(item)

    look(json.loads(render_json(sample_content())))

    assert len(found) > 100
    assert all(isinstance(kg, str) and Fraction(kg) * 10**6 == mg for mg, kg in found if mg is not None)


def test_the_document_carries_what_the_content_says():
    content = sample_content()
    document = json.loads(render_json(content))

    assert document["format"] == "baseyear.report/1"
    assert document["total"]["co2e_mg"] == content.total.co2e_mg == sum(line["emissions"]["co2e_mg"] for line in document["by_site"])
    assert document["period_end"] == "2022-01-01"
    assert document["generated_at"] == "2022-02-14T09:30:00+00:00"
    assert document["missing"]["counts"] == {"awaiting_factor": 3, "no_factor": 12, "quarantined": 1}
    assert document["missing"]["seldom"][1] == {"site_external_id": "S016", "activity_type": "refrigerant.R-410A", "months": ["2021-05"]}
    assert document["factors"][0]["gases"][0]["sha256"] == content.factors[0].gases[0].sha256
    assert len(document["co2_only_factors"]) == 4
    assert [line["item"] for line in document["conformance"]] == list("abcdefghijklmnopqrst")


def test_a_gas_without_a_gwp_is_null_and_not_zero():
    content = sample_content()
    unknown = content.by_gas[0].__class__(1, "HFC-9999", mass_mg=5, co2e_mg=None, gwp=None)
    document = json.loads(render_json(sample_content(by_gas=(*content.by_gas, unknown))))

    assert document["by_gas"][-1] | {"co2e_mg": None, "co2e_kg": None} == document["by_gas"][-1]


def test_the_same_content_gives_the_same_bytes_also_before_the_first_record():
    for make in (sample_content, without_figures):
        assert render_json(make()) == render_json(make())


def test_a_language_without_a_table_of_words_is_refused():
    with pytest.raises(LanguageNotAvailable, match="'zh-CN'; choose one of: en"):
        render_json(sample_content(language="zh-CN"))
