"""From the books of an inventory to everything that its report says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ghg.gwp import gwp_set
from ghg.totals import GroupKey, Total
from services.reporting.domain import report_breakdowns as breakdowns
from services.reporting.domain import report_content as content
from services.reporting.domain.books import Books
from services.reporting.domain.catalogue import Catalogue
from services.reporting.domain.group import Organisation
from services.reporting.domain.missing_data import missing_data
from services.reporting.domain.report import Comparison, Report
from services.reporting.domain.report_boundary import boundary
from services.reporting.domain.report_sources import Heard, factors_used, run_manifest

FINEST: tuple[GroupKey, ...] = ("scope", "category", "site", "entity", "month", "activity_type", "factor")
FORMULA = "Emissions = activity × emission factor × GWP, for each gas and record; the inventory takes the group's share of each."
ROUNDING = (
    "Figures are exact fractions up to one rounding, half to even, to whole milligrams, for each gas and month of a record, and once "
    "more where a share below 100 % is taken. Every total is a sum of these whole numbers, so all breakdowns add up to it."
)


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made from, read at one moment.

    software  name and version of the product
    """

    organisation: Organisation
    books: Books
    catalogue: Catalogue
    heard: Heard
    software: str


def assemble_report(report: Report, material: Material, comparison: Comparison, generated_at: datetime) -> content.ReportContent:
    """The content of a report; its breakdowns are sums of one finest grouping, so they add up to the total."""
    books, inventory, organisation = material.books, material.books.inventory, material.organisation
    finest = books.totals(FINEST)
    groups = finest.groups
    return content.ReportContent(
        report_id=str(report.id),
        status=comparison.status(closed=inventory.is_closed),
        language=report.language,
        period_start=inventory.period_start,
        period_end=inventory.period_end,
        generated_at=generated_at,
        organisation=content.Organisation(organisation.name, organisation.responsible, organisation.time_zone),
        inventory=content.Inventory(inventory.id, inventory.name, inventory.state, inventory.year, inventory.is_base_year),
        boundary=boundary(books),
        method=_method(books, finest.total, groups, material.catalogue),
        total=comparison.reported,
        by_scope=breakdowns.by_scope(groups),
        by_category=breakdowns.by_category(groups),
        by_gas=breakdowns.by_gas(groups, inventory.gwp_set),
        by_site=breakdowns.by_site(groups),
        by_entity=breakdowns.by_entity(groups),
        by_month=breakdowns.by_month(groups),
        by_activity=breakdowns.by_activity(books, groups, material.catalogue),
        other_gwp_basis=tuple(content.OtherBasis(basis, mg) for basis, mg in sorted(finest.total.co2e_on_other_basis.items())),
        factors=factors_used(groups, material.catalogue),
        missing=missing_data(books, generated_at.astimezone(ZoneInfo(organisation.time_zone)).date()),
        manifest=run_manifest(books, material.catalogue, material.heard, material.software),
        inventory_total=comparison.inventory,
        behind_because=comparison.behind_because,
    )


def _method(books: Books, total: Total, groups: Sequence[Total], catalogue: Catalogue) -> content.Method:
    chosen = gwp_set(books.inventory.gwp_set)
    named = [gas.gas for gas in total.gases if gas.gas in chosen.sources] or list(chosen.sources)
    notes = [
        f"{chosen.name} has no GWP for {gas}: its mass is shown, its CO2e is unknown and in no total." for gas in total.gases_without_gwp
    ]
    unheard = sorted({str(group.key["factor"]) for group in groups} - catalogue.factors.keys())
    if unheard:
        notes.append(f"Reporting has not heard of these factors yet, so their sources are not shown: {', '.join(unheard)}.")
    return content.Method(
        scope2_method=books.method,
        formula=FORMULA,
        rounding=ROUNDING,
        gwp_set=chosen.name,
        gwp_source=" ".join(dict.fromkeys(chosen.sources[gas] for gas in named)),
        notes=tuple(notes),
    )
