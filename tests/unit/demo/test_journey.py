from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from baseyear.demo.figures import Figures, Missing
from baseyear.demo.journey import DemoResult, what_changed
from baseyear.demo.pushing import Pushed

SECOND_RUN = DemoResult(
    pushed=Pushed(Counter(unchanged=3722, stale=1, quarantined=5), Counter(unchanged=370), "unchanged", False, 4099, 1.0),
    figures=Figures((), Decimal("1234567.891"), Decimal(0), ()),
    missing=Missing({}, {}),
    same_totals_as_before=True,
    files=(Path("report.pdf"),),
    seconds=2.0,
)


def test_a_second_run_says_that_nothing_changed_twice_and_hides_no_outcome():
    text = "\n".join(what_changed(SECOND_RUN))

    assert "Nothing changed twice. The year again: 3,722 unchanged, 5 quarantined, 1 stale;" in text
    assert "identical to the milligram, 1,234.568 t CO2e" in text


def test_a_second_run_with_other_totals_does_not_call_them_identical():
    text = "\n".join(what_changed(replace(SECOND_RUN, same_totals_as_before=False)))

    assert "identical" not in text
    assert "different from before" in text


def test_a_first_run_tells_the_correction_and_the_void():
    first = Pushed(Counter(created=3723, quarantined=5), Counter(unchanged=370), "corrected", True, 4099, 1.0)
    text = "\n".join(what_changed(replace(SECOND_RUN, pushed=first)))

    assert "The year: 3,723 created, 5 quarantined. December pushed again: 370 unchanged." in text
    assert "The late correction: corrected. The invoice entered twice: voided." in text
