import re
from calendar import monthrange
from datetime import date

from baseyear.demo.activities import (
    EMITTERS,
    GAPS,
    ITEM_MAPPINGS,
    UNMAPPED_CODE,
    YEAR,
    activity_records,
    correction,
    repeated_records,
    voided_record,
)
from baseyear.demo.group import SITES

RECORDS = activity_records()
QUANTITY = re.compile(r"\d{1,15}(\.\d{1,9})?")  # the contract's pattern


def test_a_year_of_the_group_is_three_to_four_thousand_records():
    assert 3_000 <= len(RECORDS) <= 4_000


def test_the_same_year_comes_out_every_time():
    assert activity_records() == activity_records()


def test_the_figures_are_the_same_on_every_machine():
    # Follows from SHA-256 and integer arithmetic alone. Kunshan plant 1, January: 62,000 MWh × 960/12,000 = 4,960,000 kWh;
    # the first four bytes of SHA-256("2021-01/KS-01/electricity"), 0x127bdab6, modulo 121, less 60, give −40 ‰: × 0.960 = 4,761,600 kWh.
    january = _record("2021-01/KS-01/electricity")

    assert january.as_json()["quantity"] == {"value": "4761600.000", "unit": "kWh"}


def test_no_external_id_stands_twice():
    assert len({record.external_id for record in RECORDS}) == len(RECORDS)


def test_every_quantity_is_a_decimal_string_of_the_contract_and_above_zero():
    for record in (*RECORDS, correction()):
        value = record.as_json()["quantity"]["value"]
        assert QUANTITY.fullmatch(value), value
        assert record.value > 0


def test_every_period_is_one_month_of_the_year_with_its_end_exclusive():
    for record in RECORDS:
        period = record.as_json()["period"]
        start, end = date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
        assert (start.year, start.month, start.day) == (YEAR, record.month, 1)
        assert (end - start).days == monthrange(YEAR, record.month)[1]


def test_every_site_sends_electricity_and_every_record_names_a_known_site_or_a_code_that_does():
    known = {site.external_id for site in SITES}
    site_of_code = {mapping.code: mapping.site for mapping in ITEM_MAPPINGS}
    sites = {record.site or site_of_code[record.item_code] for record in RECORDS}

    assert sites == known
    assert {record.external_id.split("/")[1] for record in RECORDS if record.external_id.endswith("/electricity")} == known


def test_a_record_names_an_activity_type_with_its_unit_or_an_item_code_but_not_both():
    for record in RECORDS:
        assert (record.activity_type is None) != (record.item_code is None)
        assert record.unit is not None or record.item_code is not None


def test_exactly_one_item_code_has_no_mapping():
    mapped = {mapping.code for mapping in ITEM_MAPPINGS}

    assert {record.item_code for record in RECORDS if record.item_code} - mapped == {UNMAPPED_CODE}
    assert mapped <= {record.item_code for record in RECORDS}


def test_a_mapping_means_the_same_as_the_records_of_sites_without_codes():
    units = {(emitter.activity_type, emitter.unit) for emitters in EMITTERS.values() for emitter in emitters}

    assert {(mapping.activity_type, mapping.unit) for mapping in ITEM_MAPPINGS} == units


def test_one_coded_meter_counts_in_megawatt_hours_and_the_other_coded_records_leave_the_unit_out():
    with_unit = {(record.site, record.unit) for record in RECORDS if record.item_code not in (None, UNMAPPED_CODE) and record.unit}

    assert with_unit == {("WA-01", "MWh")}


def test_months_in_a_gap_are_not_sent_while_the_months_around_them_are():
    sent = {record.external_id for record in RECORDS}
    for gap in GAPS:
        months = {month for month in range(1, 13) if f"{YEAR}-{month:02}/{gap.site}/{gap.emitter}" in sent}
        assert months == set(range(1, 13)) - set(gap.months)


def test_the_late_correction_keeps_the_key_and_is_younger_than_the_first_reading():
    late = correction()
    first = _record(late.external_id)

    assert late.value == first.value * 10
    assert late.modified_at > first.modified_at


def test_the_corrected_figure_is_in_line_with_the_months_around_it():
    february, april = (_record(f"2021-{month}/KS-01/electricity").value for month in ("02", "04"))

    assert february < correction().value < april * 2


def test_the_invoice_entered_twice_differs_from_the_first_entry_in_its_number_only():
    twice = voided_record()
    once = _record(twice.external_id.removesuffix("/second-invoice"))

    assert twice in RECORDS
    assert twice.as_json() | {"external_id": once.external_id} == once.as_json()


def test_december_pushed_again_is_content_already_sent_and_not_what_is_corrected_or_voided():
    again = set(repeated_records())

    assert again and again <= set(RECORDS)
    assert not {correction().external_id, voided_record().external_id} & {record.external_id for record in again}


def _record(external_id):
    return next(record for record in RECORDS if record.external_id == external_id)
