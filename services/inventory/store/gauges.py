"""What an operator watches of the inventory."""

from kernel.metrics import Observed
from kernel.vitals import FromRows

RECORDS_WITHOUT_FIGURE = FromRows(
    Observed("baseyear_records_without_figure", "Records that have no figure, by what they wait for.", ("state",)),
    "SELECT waited_for.state, coalesce(sum(cell.records), 0)"
    " FROM unnest(ARRAY['awaiting_factor', 'no_factor', 'quarantined']) AS waited_for(state) LEFT JOIN cell USING (state)"
    " GROUP BY waited_for.state",
)
