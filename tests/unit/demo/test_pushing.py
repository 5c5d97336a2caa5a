from collections import Counter

import pytest

from baseyear.demo.activities import activity_records
from baseyear.demo.client import DemoFailed
from baseyear.demo.pushing import BATCH_SIZE, Pushed, batches, outcome_of

BATCH_LIMIT_OF_THE_CONTRACT = 10_000


def test_batches_keep_the_order_lose_nothing_and_stay_below_the_limit():
    records = activity_records()
    parts = batches(records)

    assert [record for part in parts for record in part] == list(records)
    assert max(map(len, parts)) == BATCH_SIZE <= BATCH_LIMIT_OF_THE_CONTRACT


def test_a_refused_record_stops_the_demo_and_is_named_with_what_the_problem_says():
    refused = {
        "index": 1,
        "status": 422,
        "outcome": "refused",
        "problem": {"detail": "The record is wrong.", "errors": [{"pointer": "/quantity/unit", "detail": "Unknown unit."}]},
    }
    batch = activity_records()[:2]

    with pytest.raises(DemoFailed) as failure:
        outcome_of(refused, batch)

    assert (failure.value.method, failure.value.path, failure.value.status) == ("POST", "/v1/activities/batch", 422)
    assert failure.value.detail == f"{batch[1].external_id}: The record is wrong.; /quantity/unit: Unknown unit."


def test_a_run_that_finds_everything_there_has_changed_nothing():
    assert pushed().changed_nothing


@pytest.mark.parametrize(
    "difference",
    [
        {"year": Counter(unchanged=3, created=1)},
        {"december_again": Counter(unchanged=3, corrected=1)},
        {"correction": "corrected"},
        {"newly_voided": True},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_a_run_that_wrote_anything_does_not_claim_that_nothing_changed(difference):
    assert not pushed(**difference).changed_nothing


def pushed(**different):
    as_on_a_second_run = {
        "year": Counter(unchanged=3, stale=1, quarantined=1),
        "december_again": Counter(unchanged=3),
        "correction": "unchanged",
        "newly_voided": False,
        "records": 9,
        "seconds": 0.5,
    }
    return Pushed(**as_on_a_second_run | different)
