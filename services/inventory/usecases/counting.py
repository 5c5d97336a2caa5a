"""From a judged record to its row: what it counts, and what is taken out when it counts no more."""

from decimal import Decimal
from fractions import Fraction

from ghg.errors import GhgError
from kernel.identifiers import uuid7
from kernel.problems import refused
from services.inventory.domain.activity_records import Accepted, Quarantined
from services.inventory.domain.categories import SCOPE_OF
from services.inventory.domain.cells import (
    Bindings,
    Contribution,
    Figures,
    Measured,
    calculate_measured,
    calculate_record,
    measured,
    without_figure,
)
from services.inventory.domain.judgement import Surroundings
from services.inventory.store.activities import StoredActivity


def new_row(judgement: Accepted | Quarantined, bindings: Bindings, principal: str) -> StoredActivity:
    """The row of a record that nobody pushed before, with its figures.

    raises  a 422 problem for a record that is too large to be true
    """
    record = judgement.record
    accepted = judgement if isinstance(judgement, Accepted) else judgement.accepted
    figures = _figures(judgement, bindings)
    return StoredActivity(
        id=uuid7(),
        source_system=record.source_system,
        external_id=record.external_id,
        revision=1,
        fingerprint=record.fingerprint(),
        source_modified_at=record.source_modified_at,
        counted_revision=1 if isinstance(judgement, Accepted) else None,
        quarantine=judgement.reason if isinstance(judgement, Quarantined) else None,
        voided=False,
        content=record.content,
        site_id=judgement.site.id if judgement.site else None,
        activity_type=accepted.kind.id if accepted else record.activity_type,
        item_code=record.item_code,
        period_start=record.period_start,
        period_end=record.period_end,
        quantity=Decimal(record.content["quantity"]["value"]),
        unit=accepted.unit.symbol if accepted else record.unit,
        category=accepted.category if accepted else record.category,
        calculation_state=figures.state,
        combinations=tuple(figures.combinations),
        binding_numbers=tuple(figures.binding_numbers),
        contributions=tuple(figures.contributions),
        principal=principal,
    )


def counted_revision(stored: StoredActivity, accepted: Accepted, bindings: Bindings, principal: str) -> StoredActivity:
    """A stored record with other content counted in place of what it counted before."""
    revision = stored.revision + 1
    return new_row(accepted, bindings, principal).changed(id=stored.id, revision=revision, counted_revision=revision)


def recounted(stored: StoredActivity, item_code: str | None, bindings: Bindings) -> StoredActivity:
    """A counted record with the figures that other bindings of its combinations give it; what was judged when it was pushed stays.

    item_code  of its counted revision
    raises     ghg.errors.OutOfRange
    """
    record = Measured(
        site_id=stored.site_id,
        scope=SCOPE_OF[stored.category or ""],
        category=stored.category,
        activity_type=stored.activity_type,
        method=stored.combinations[0].method,
        item=item_code,
        period_start=stored.period_start,
        period_end=stored.period_end,
        quantity=Fraction(stored.quantity),
    )
    figures = calculate_measured(record, stored.combinations, bindings)
    return stored.changed(
        calculation_state=figures.state,
        binding_numbers=tuple(figures.binding_numbers),
        contributions=tuple(figures.contributions),
    )


def counts_in_closed_period(stored: StoredActivity, around: Surroundings) -> bool:
    """Whether taking out what a record counts would move a closed period."""
    return stored.counted_revision is not None and around.closed_period(stored.period_start, stored.period_end) is not None


def taken_out(stored: StoredActivity) -> list[Contribution]:
    return [part.taken_out() for part in stored.contributions]


def _figures(judgement: Accepted | Quarantined, bindings: Bindings) -> Figures:
    if isinstance(judgement, Quarantined):
        record = measured(judgement.record, judgement.site, judgement.accepted)
        return Figures("quarantined", without_figure(record, "quarantined"), [], [])
    try:
        return calculate_record(judgement, bindings)
    except GhgError as error:
        raise refused("/quantity/value", error.code, str(error), error.hint or None) from error
