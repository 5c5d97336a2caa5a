"""Every word of a report that is not data, in one table per language. Another language is another table with the same keys."""

from collections.abc import Mapping
from dataclasses import dataclass


class LanguageNotAvailable(ValueError):
    """There is no table of words in the language asked for."""

    def __init__(self, language: str) -> None:
        super().__init__(f"reports are not available in {language!r}; choose one of: {', '.join(LABELS)}")
        self.language = language


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language: `labels("total")`, `labels("banner.behind", reported="…")`."""

    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values)

    def of(self, kind: str, value: str) -> str:
        """The word for a value of data (`tenure`, `owned`), or the value itself where the table has none."""
        return self.texts.get(f"{kind}.{value}", value)

    def counted(self, key: str, n: int) -> str:
        return self(f"{key}.{'one' if n == 1 else 'many'}", n=f"{n:,}")


def labels_in(language: str) -> Labels:
    if language not in LABELS:
        raise LanguageNotAvailable(language)
    return Labels(LABELS[language])


ENGLISH = {
    # title page and furniture
    "title": "Greenhouse gas inventory report",
    "subtitle": "Arranged by ISO 14064-1:2018, clause 9.3.1",
    "organisation": "Organisation",
    "period": "Reporting period",
    "period.text": "{first} to {last}",
    "responsible": "Responsible",
    "responsible.none": "not named yet",
    "report_id": "Report",
    "prepared": "Prepared",
    "inventory": "Inventory",
    "inventory.text": "{name} {year}, {state}",
    "base_year.yes": "This inventory is the base year.",
    "base_year.no": "This inventory is not the base year.",
    "unit.tonnes": "tonnes CO₂e",
    "unit.t": "t CO₂e",
    "unit.t_co2": "t CO₂",
    "contents": "Contents",
    "page": "Page",
    "of": "of",
    "chart.no_data": "No figures in this period",
    "value": "Value",
    "item": "Item",
    # sections
    "section.summary": "Summary",
    "section.scope_category": "Emissions by scope and category",
    "section.month": "Emissions by month",
    "section.gas": "Emissions by gas",
    "section.site": "Emissions by site",
    "section.entity": "Emissions by entity",
    "section.activity": "Emissions by activity",
    "section.missing": "What is missing",
    "section.boundary": "Organisational boundary",
    "section.method": "How the figures were made",
    "section.factors": "Emission factors",
    "section.conformance": "What ISO 14064-1 asks for",
    "section.manifest": "Run manifest",
    "table.entities": "Entities",
    "table.sites": "Sites",
    "table.factors": "Factors used",
    "table.sources": "Sources and licences",
    "table.missing_records": "Records without a figure",
    "table.gaps": "Months without data",
    "table.seldom": "Reported less often than monthly",
    "table.co2_only": "Factors that count CO₂ only",
    "table.topics": "What the read model had heard",
    # sheets of the workbook: at most 31 characters
    "sheet.summary": "Summary",
    "sheet.scope_category": "By scope & category",
    "sheet.site": "By site",
    "sheet.entity": "By entity",
    "sheet.month": "By month",
    "sheet.gas": "By gas",
    "sheet.activity": "Activity",
    "sheet.factors": "Factors",
    "sheet.boundary": "Boundary",
    "sheet.missing": "Missing data",
    "sheet.conformance": "ISO 14064-1",
    "sheet.manifest": "Manifest",
    # columns
    "scope": "Scope",
    "category": "Category",
    "iso_category": "ISO",
    "records": "Records",
    "share": "Share",
    "total": "Total",
    "biogenic": "Biogenic CO₂, t",
    "co2e_t": "t CO₂e",
    "month": "Month",
    "months": "Months",
    "months_with_data": "Months with data",
    "gas": "Gas",
    "gwp": "GWP",
    "mass_scope": "Scope {scope}, t gas",
    "co2e_scope": "Scope {scope}, t CO₂e",
    "id": "ID",
    "site": "Site",
    "entity": "Entity",
    "region": "Region",
    "country": "Country",
    "parent": "Parent",
    "group_share": "Share taken",
    "tenure": "Tenure",
    "activity_type": "Activity type",
    "activity": "Activity",
    "quantity": "Quantity",
    "unit": "Unit",
    "factor": "Factor",
    "factor_id": "Factor ID",
    "data_year": "Data year",
    "gas_coverage": "Gases covered",
    "kg_per_unit": "kg gas per unit",
    "source_row": "Source row",
    "dataset": "Dataset",
    "publisher": "Publisher",
    "licence": "Licence",
    "attribution": "Attribution",
    "sha256": "SHA-256 of the source file",
    "state": "State",
    "reason": "Reason",
    "topic": "Topic",
    "position": "Position",
    "events": "Events",
    "requirement": "Requirement",
    "answer": "Answer",
    "exact_kg": "{column}, as exact kg",
    "exact": "{column}, exact",
    "unknown": "unknown",
    "no_gwp": "no value",
    "others": "{n} further sites",
    "others.together": "{tonnes} together",
    # values of data
    "scope.1": "Scope 1",
    "scope.2": "Scope 2",
    "scope.3": "Scope 3",
    "scope_long.1": "Scope 1, direct",
    "scope_long.2": "Scope 2, imported energy",
    "scope_long.3": "Scope 3, other indirect",
    "category.stationary_combustion": "Stationary combustion",
    "category.mobile_combustion": "Mobile combustion",
    "category.process": "Process emissions",
    "category.fugitive": "Fugitive emissions",
    "category.electricity": "Imported electricity",
    "category.steam": "Imported steam",
    "category.heat": "Imported heat",
    "category.cooling": "Imported cooling",
    "gas.CH4_fossil": "CH₄, fossil",
    "gas.CH4_biogenic": "CH₄, biogenic",
    "gas.CO2": "CO₂",
    "gas.biogenic CO2": "CO₂, biogenic",
    "gas.N2O": "N₂O",
    "gas.SF6": "SF₆",
    "gas.NF3": "NF₃",
    "gas.CO2e": "CO₂e, gases not split",
    "gwp_basis.unstated": "GWP set not named",
    "approach.operational_control": "Operational control",
    "approach.financial_control": "Financial control",
    "approach.equity_share": "Equity share",
    "tenure.owned": "Owned",
    "tenure.finance_lease": "Finance lease",
    "tenure.operating_lease": "Operating lease",
    "tenure.leased_out": "Leased out",
    "inventory_state.open": "open",
    "inventory_state.in_review": "in review",
    "inventory_state.approved": "approved",
    "inventory_state.verified": "verified",
    "inventory_state.locked": "locked",
    "missing_state.awaiting_factor": "Waiting for a factor",
    "missing_state.no_factor": "No factor found",
    "missing_state.quarantined": "Quarantined",
    "scope2_method.location_based": "location-based",
    "scope2_method.market_based": "market-based",
    "requirement_state.answered": "answered",
    "requirement_state.partly": "partly",
    "requirement_state.open": "open",
    "requirement_state.not_applicable": "not applicable",
    # banners
    "banner.draft": "Draft",
    "banner.draft.text": "The inventory is {state}. Its figures may still change, and nobody has approved them.",
    "banner.behind": "Behind: two figures",
    "banner.behind.text": (
        "This report was made before every change had reached it. It counts {reported} t CO₂e; the inventory itself counts "
        "{inventory} t CO₂e, a difference of {difference} t. Issue the report again before using either figure."
    ),
    "banner.unanswered": "Behind: not compared",
    "banner.unanswered.text": (
        "This report counts {reported} t CO₂e, and nobody could compare it with the inventory itself. {reason} "
        "Issue the report again before using the figure."
    ),
    "banner.final": "Final",
    "banner.final.text": "The inventory is {state}. These figures are its consolidated rows and move only by a restatement.",
    # prose
    "summary.lead": (
        "{organisation} emitted {total} tonnes of CO₂ equivalent within its boundary from {first} to {last}. "
        "{parts}{biogenic}The figures rest on {records} from {sites} in {entities}."
    ),
    "summary.empty": (
        "Nothing has been calculated for {organisation} from {first} to {last}: no record with a figure has been received. "
        "That is not a total of zero."
    ),
    "summary.part": "{scope} is {tonnes} t ({share})",
    "summary.parts": "{list}. ",
    "summary.biogenic": "Biogenic CO₂ of {tonnes} t is reported apart and stands in no total. ",
    "summary.complete": "Every record received has a figure.",
    "summary.missing": "Records not counted: {list}. Missing is not zero: the true total is higher by what they stand for.",
    "summary.other_basis": "{tonnes} t of the total were published as CO₂e only, under {basis}, and taken as published, not converted.",
    "summary.unstated_basis": (
        "{tonnes} t of the total were published as CO₂e only, by publishers that do not name their GWP set, and taken as published, "
        "not converted."
    ),
    "reading": (
        "Tonnes are rounded to the kilogram for reading, each by itself, so printed rows may differ from a printed total in the last "
        "digit. The workbook and the JSON document carry every figure exact to the milligram."
    ),
    "scope_category.note": "ISO: subcategory of ISO 14064-1:2018, Annex B. Biogenic CO₂ stands apart and is in no total.",
    "site.note": "A dash means that no figure exists, which is not the same as zero. Largest sites first.",
    "entity.note": "A dash means that no figure exists, which is not the same as zero. Largest entities first.",
    "gas.note": "Masses are of the gas itself. GWP: kg CO₂e per kg of gas over 100 years, {gwp_set}.",
    "gaps.note": (
        "A gap is a month that is over and has no data of an activity that the site reports monthly, that is, in at least three quarters "
        "of the months. Months in which a site was outside the boundary, or that are not over, are not counted."
    ),
    "seldom.note": "Data in fewer than three quarters of the months, so nobody looked for gaps: check whether something stopped coming.",
    "activity.note": "Quantities are at 100 % of each site, before consolidation, in the unit of the factor.",
    "missing.lead": ("This page lists what the total does not contain. Nothing was estimated in its place, and nothing was taken as zero."),
    "missing.awaiting_factor.one": "{n} record waits for an emission factor; it is calculated as soon as the catalogue answers.",
    "missing.awaiting_factor.many": "{n} records wait for an emission factor; they are calculated as soon as the catalogue answers.",
    "missing.no_factor.one": "{n} record has no fitting emission factor. Somebody has to publish or propose one.",
    "missing.no_factor.many": "{n} records have no fitting emission factor. Somebody has to publish or propose one.",
    "missing.quarantined.one": (
        "{n} record is in quarantine, because its item is not mapped or its period is closed. It is kept, not counted."
    ),
    "missing.quarantined.many": (
        "{n} records are in quarantine, because their items are not mapped or their period is closed. They are kept, not counted."
    ),
    "missing.gaps.one": "Data are missing for {n} month of an activity that its site otherwise reports monthly.",
    "missing.gaps.many": "Data are missing for {n} months of activities that their sites otherwise report monthly.",
    "missing.seldom.one": (
        "{n} pair of site and activity has data in fewer than three quarters of the months, like a generator that is tested once a "
        "quarter. It is not looked at for gaps; the workbook and the JSON document list it."
    ),
    "missing.seldom.many": (
        "{n} pairs of site and activity have data in fewer than three quarters of the months, like a generator that is tested once a "
        "quarter. They are not looked at for gaps; the workbook and the JSON document list them."
    ),
    "missing.co2_only.one": (
        "{n} emission factor counts CO₂ alone. Its CH₄ and N₂O are absent, so the figures made with it are slightly too low."
    ),
    "missing.co2_only.many": (
        "{n} emission factors count CO₂ alone. Their CH₄ and N₂O are absent, so the figures made with them are slightly too low."
    ),
    "missing.none": (
        "Nothing is known to be missing: every record has a figure, every activity that is reported monthly has data in every month, "
        "and every factor counts all its gases."
    ),
    "missing.everything": "Everything: no record with a figure has been received for this period.",
    "count.awaiting_factor": "{n} waiting for a factor",
    "count.no_factor": "{n} without a fitting factor",
    "count.quarantined": "{n} in quarantine",
    "count.records.one": "{n} activity record",
    "count.records.many": "{n} activity records",
    "count.sites.one": "{n} site",
    "count.sites.many": "{n} sites",
    "count.entities.one": "{n} entity",
    "count.entities.many": "{n} entities",
    "boundary.lead": "Consolidation approach: {approach}. The boundary holds {entities} and {sites}.",
    "method.scope2": "Imported electricity is reported {method}.",
    "method.formula": "Calculation",
    "method.rounding": "Rounding",
    "method.gwp": "Global warming potentials",
    "method.gwp.text": "{gwp_set}. {source}",
    "method.notes": "Notes",
    "factors.lead": (
        "Each gas of a factor is traced to the row it was read from. Values are kilograms of gas per unit of activity, exact; "
        "those with a slash are fractions."
    ),
    "conformance.lead": (
        "Clause 9.3.1 lists twenty items that a report must contain. Answered: {answered}; answered in part: {partly}; open: {open}; "
        "not applicable: {not_applicable}. Until all are answered this report does not claim conformity with ISO 14064-1."
    ),
    "manifest.lead": "With the same software, factor pack and inputs the same report comes out byte for byte.",
    "manifest.software": "Software",
    "manifest.factor_pack": "Factor pack",
    "manifest.gwp_set": "GWP set",
    "manifest.generated_at": "Made at",
    "manifest.inputs": "SHA-256 of the inputs",
    "manifest.inventory_id": "Inventory ID",
    "manifest.time_zone": "Time zone of the organisation",
    "glyphs": (
        "{n} different characters of names have no glyph in the fonts of this machine and are printed as {mark}: {list}. The workbook and "
        "the JSON document have them in full. To print them, install a font that has them (Debian: fonts-noto-cjk or "
        "fonts-wqy-microhei) and issue the report again."
    ),
    # key figures and charts
    "key.total": "Total",
    "key.biogenic": "Biogenic CO₂, apart",
    "key.inventory": "Total as the inventory counts it",
    "chart.month": "Tonnes CO₂e by month and scope",
    "chart.site": "Largest sites, tonnes CO₂e by scope",
    "chart.category_tonnes": "Tonnes CO₂e by category",
    "chart.category": "Share of the total by category",
    "chart.month.alt": "Stacked columns of tonnes CO₂e by month and scope. Highest month: {month} with {tonnes} t.",
    "chart.site.alt": "Bars of tonnes CO₂e by site and scope, largest first. Largest: {site} with {tonnes} t.",
    "chart.category.alt": "Bars of the share of each category. {list}.",
    # ISO 14064-1:2018, 9.3.1, paraphrased; wording of the answers
    "iso.a": "Description of the organisation that reports",
    "iso.b": "Person or unit responsible for the report",
    "iso.c": "Reporting period",
    "iso.d": "Organisational boundary",
    "iso.e": "Reporting boundary and the criteria for significant emissions",
    "iso.f": "Direct emissions, each gas apart, in tonnes CO₂e",
    "iso.g": "Biogenic CO₂: treatment and quantity, apart",
    "iso.h": "Direct removals, if quantified",
    "iso.i": "Exclusion of significant sources or sinks, explained",
    "iso.j": "Indirect emissions by category",
    "iso.k": "Base year and its inventory",
    "iso.l": "Changes of the base year or of earlier figures",
    "iso.m": "Quantification approaches and the reasons for them",
    "iso.n": "Changes of approach since earlier reports",
    "iso.o": "Emission factors used, with reference",
    "iso.p": "Effect of uncertainty on accuracy, per category",
    "iso.q": "Uncertainty assessment and its results",
    "iso.r": "Statement that the report follows ISO 14064-1:2018",
    "iso.s": "Whether the inventory was verified, and to which assurance",
    "iso.t": "GWP values and their source",
    "iso.b.open": "The organisation has not named anybody.",
    "iso.e.partly": "Scope 1 and imported energy are reported. Criteria of significance for other indirect emissions are not recorded.",
    "iso.f.partly": "{tonnes} t of scope 1 are known only as CO₂e, without a split by gas.",
    "iso.f.co2_only": "Some factors of scope 1 count CO₂ alone; their other gases are absent.",
    "iso.h.not_applicable": "No removals are quantified.",
    "iso.i.partly": "What has no figure is listed; deliberate exclusions are not recorded.",
    "iso.j.partly": "Imported energy is reported. Categories 3 to 6 are not quantified.",
    "iso.j.open": "No indirect emissions are quantified.",
    "iso.k.answered": "{year} is the base year and this is its inventory.",
    "iso.k.open": "This inventory is not the base year's, and the base year is not shown beside it.",
    "iso.l.not_applicable": "This is the base year: there is nothing earlier to compare with.",
    "iso.l.open": "Comparisons with earlier years are not recorded.",
    "iso.uncertainty.open": "Uncertainty has not been assessed.",
    "iso.r.answered": "This report follows ISO 14064-1:2018.",
    "iso.r.open": "Withheld until every other item is answered.",
    "iso.s.answered": "The inventory has not been verified by a third party.",
    "iso.s.partly": "The inventory is marked {state}; type and level of assurance are not recorded.",
    "iso.see": "See “{section}”.",
}

LABELS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH}
