"""NOTICE names every data set that ships, and says of which a lawyer has to look at the terms."""

import re
import zipfile

from tests.unit.factors.conftest import PACK, SOURCES

NOTICE = (PACK.parents[2] / "NOTICE").read_text(encoding="utf-8")
_NAMED = re.compile(r"^\(data sets? ([^)]+)\)$", re.MULTILINE)


def _data_sets_of(text):
    return [name for names in _NAMED.findall(text) for name in re.split(r",\s+", names)]


def test_every_data_set_of_the_pack_is_named_once_and_no_other(pack):
    assert sorted(_data_sets_of(NOTICE)) == sorted(one.id for one in pack.datasets)


def test_exactly_the_data_sets_of_tier_a_star_are_marked_for_counsel(pack):
    marked = [section for section in NOTICE.split("\n\n\n") if "FOR COUNSEL\n" in section]

    assert {name for section in marked for name in _data_sets_of(section)} == {one.id for one in pack.datasets if one.tier == "A*"}
    assert [section for section in marked if "counsel" not in section.partition("\n")[2]] == []


def test_what_is_under_creative_commons_links_its_source_and_its_licence(pack):
    sections = {name: section for section in NOTICE.split("\n\n\n") for name in _data_sets_of(section)}
    (ember,) = [one for one in pack.datasets if one.licence == "CC BY 4.0"]

    assert ember.url in sections[ember.id]
    assert "https://creativecommons.org/licenses/by/4.0/" in sections[ember.id]


def test_the_notice_inside_the_archive_of_amee_is_reproduced_word_for_word():
    with zipfile.ZipFile(SOURCES / "amee-mit" / "amee_process_factors_2011_MIT.zip") as archive:
        copying = archive.read("COPYING").decode()

    assert [line for line in copying.splitlines() if line.strip() not in NOTICE] == []
    assert " ".join(copying.partition("\n\n")[2].split()) in " ".join(NOTICE.split())
