"""What the demo shows: progress while it works (plain lines where there is no terminal), then figures and next steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from baseyear.demo.activities import GAPS, UNMAPPED_CODE
from baseyear.demo.figures import Figures, Missing

SCOPE_NAMES = {1: "direct emissions", 2: "energy bought, location-based", 3: "value chain"}
EXPLANATIONS = {
    "awaiting_factor": "not yet calculated: the factor service has not answered",
    "no_factor": "stored, not counted: no emission factor fits",
    "quarantined": "stored, not counted: in quarantine",
}


class Step:
    """One step under way: count what is done, and leave a word about it."""

    def __init__(self, progress: Progress | None, label: str, total: int | None) -> None:
        self.outcome = ""
        self._progress = progress
        self._task = progress.add_task(label, total=total) if progress else None

    def advance(self, count: int = 1) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, count)


class Screen:
    """The demo's side of the console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, label: str, total: int | None = None) -> Iterator[Step]:
        """Show one step while it runs, and one line when it has succeeded."""
        started = perf_counter()
        columns = [SpinnerColumn(), TextColumn("{task.description}"), *([BarColumn(), MofNCompleteColumn()] if total else [])]
        if self._console.is_terminal:
            with Progress(*columns, console=self._console, transient=True) as progress:
                step = Step(progress, label, total)
                yield step
        else:
            step = Step(None, label, total)
            yield step
        outcome = f": {step.outcome}" if step.outcome else ""
        self.say(f"✓ {label}{outcome} ({perf_counter() - started:.1f} s)")

    def say(self, line: str = "") -> None:
        """One line as it is: no markup, no wrapping, so that a command can be copied."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show_figures(self, figures: Figures, year: int) -> None:
        """Tonnes by scope, each with its categories; figures are shown to the kilogram, the report has the milligrams."""
        table = Table(title=f"Greenhouse gas emissions {year}, operational control, GWP of AR6", title_justify="left")
        table.add_column("scope and category")
        table.add_column("t CO2e", justify="right")
        table.add_column("records", justify="right")
        for scope in sorted({row.scope for row in figures.categories}):
            rows = [row for row in figures.categories if row.scope == scope]
            name = f"Scope {scope}: {SCOPE_NAMES[scope]}"
            table.add_row(name, tonnes(figures.of_scope(scope)), f"{sum(row.records for row in rows):,}", style="bold")
            for row in rows:
                table.add_row(f"  {row.category.replace('_', ' ')}", tonnes(row.co2e_kg), f"{row.records:,}")
            table.add_section()
        table.add_row("Total", tonnes(figures.co2e_kg), f"{sum(row.records for row in figures.categories):,}", style="bold")
        table.add_row("Biogenic CO2, outside the total", tonnes(figures.biogenic_co2_kg), "", style="dim")
        self._console.print(table)

    def show_missing(self, figures: Figures, missing: Missing) -> None:
        """What the total does not contain: records without a figure, then months that were never sent."""
        self.say("Missing from the total (missing is not zero):")
        details = {
            "no_factor": [f"{kind} in {country}: {count}" for (kind, country), count in sorted(missing.no_factor.items())],
            "quarantined": [f"{_item(item)}: {count}" for item, count in sorted(missing.quarantined.items())],
        }
        for state, count in figures.incomplete:
            if count:
                self.say(f"  {_counted(count, 'record')} {EXPLANATIONS.get(state, state)}")
                for detail in details.get(state, ()):
                    self.say(f"    {detail}")
        self.say(f"  {_counted(sum(len(gap.months) for gap in GAPS), 'month')} that no site ever sent")
        for gap in GAPS:
            self.say(f"    {gap.emitter} at {gap.site}, month {' and '.join(map(str, gap.months))}: {gap.reason}")

    def show_next_steps(self, base_url: str, files: tuple[Path, ...], year: int) -> None:
        """Where the reports are, and the first commands of one's own."""
        base_url = base_url.rstrip("/")
        self.say("Reports:")
        for path in files:
            self.say(f"  {path}")
        self.say()
        self.say("What to try next:")
        self.say("  .venv/bin/baseyear up       # keeps serving; then, in a second terminal:")
        self.say(f"  {SIGN_IN.replace('BASE_URL', base_url)}")
        self.say(f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{base_url}/v1/emissions?year={year}&group_by=scope,category'")
        self.say(f"  and in a browser: {base_url}/docs")


# The operator's id and secret reach curl through a pipe, so that they stand in no process list.
SIGN_IN = (
    """TOKEN=$(python3 -c 'import json, sys; print("user={client_id}:{client_secret}".format(**json.load(sys.stdin)))' """
    """< "${BASEYEAR_HOME:-.baseyear}/operator.json" | curl -s -K - -d grant_type=client_credentials BASE_URL/oauth2/token """
    """| python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')"""
)


def tonnes(kilograms: Decimal) -> str:
    """Kilograms as tonnes with three decimals, for reading."""
    return f"{kilograms / 1000:,.3f}"


def _item(item: str) -> str:
    return f"{item}, an item code without a mapping" if item == UNMAPPED_CODE else item


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
