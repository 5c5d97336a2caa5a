from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from baseyear.demo.figures import Figures, Missing
from baseyear.demo.screen import Screen


def totals(total="3500.000001", no_factor=2):
    rows = [(2, "electricity", "3000.000000"), (1, "fugitive", "200.000001"), (1, "mobile_combustion", "300.000000")]
    return {
        "items": [{"scope": scope, "category": category, "emissions": {"co2e_kg": kg}, "records": 4} for scope, category, kg in rows],
        "total": {"co2e_kg": total, "biogenic_co2_kg": "12.000000"},
        "incomplete": {"awaiting_factor": 0, "no_factor": no_factor, "quarantined": 1},
    }


def test_a_scope_is_the_exact_sum_of_its_categories():
    figures = Figures.of(totals())

    assert figures.of_scope(1) == Decimal("500.000001")
    assert figures.of_scope(2) == Decimal(3000)


def test_categories_that_do_not_add_up_to_the_total_are_refused():
    with pytest.raises(ValueError, match=r"add up to 3500\.000001 kg, the total says 3500\.000002 kg"):
        Figures.of(totals(total="3500.000002"))


def test_the_order_of_the_rows_does_not_make_two_totals_different():
    turned = totals()
    turned["items"].reverse()

    assert Figures.of(turned) == Figures.of(totals())


def test_totals_that_lack_another_number_of_records_are_not_equal():
    assert Figures.of(totals(no_factor=3)) != Figures.of(totals())


def test_the_table_shows_tonnes_by_scope_with_their_categories():
    text = shown(lambda screen: screen.show_figures(Figures.of(totals()), 2021))

    for line in ("Scope 1: direct emissions", "mobile combustion", "Scope 2: energy bought, location-based", "Total"):
        assert line in text
    assert "3.500" in text and "0.012" in text


def test_what_is_missing_is_told_with_its_reason_and_never_as_zero():
    missing = Missing(no_factor={("electricity.grid", "VN"): 2}, quarantined={"S-STEAM": 1})
    text = shown(lambda screen: screen.show_missing(Figures.of(totals()), missing))

    assert "2 records stored, not counted: no emission factor fits\n    electricity.grid in VN: 2\n" in text
    assert "1 record stored, not counted: in quarantine\n    S-STEAM, an item code without a mapping: 1\n" in text
    assert "9 months that no site ever sent" in text
    assert "awaiting" not in text and "not yet calculated" not in text


def test_a_command_to_copy_is_neither_wrapped_nor_taken_for_markup():
    text = shown(lambda screen: screen.show_next_steps("http://127.0.0.1:8000/", (), 2021))

    assert """print(json.load(sys.stdin)["access_token"])')\n""" in text
    assert "'http://127.0.0.1:8000/v1/emissions?year=2021&group_by=scope,category'\n" in text


def test_without_a_terminal_a_step_is_one_plain_line():
    def work(screen):
        with screen.step("pushing", total=2) as step:
            step.advance(2)
            step.outcome = "2 records"

    assert shown(work) == "✓ pushing: 2 records (0.0 s)\n"


def test_a_step_that_fails_is_not_shown_as_done():
    def work(screen):
        with pytest.raises(RuntimeError), screen.step("pushing"):
            raise RuntimeError

    assert shown(work) == ""


def shown(work):
    text = StringIO()
    work(Screen(Console(file=text, width=80, force_terminal=False)))
    return text.getvalue()
