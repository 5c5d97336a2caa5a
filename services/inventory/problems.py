"""The reasons to refuse that only the inventory service has."""

from kernel.problems import problem_type

TRANSITION_NOT_AVAILABLE = problem_type(
    "transition_not_available",
    409,
    "The inventory does not go there from its state",
    "An inventory goes from open to in_review to approved, and from either of these back to open. The detail says what is possible now.",
)
EFFECTIVE_BEFORE_PREVIOUS = problem_type(
    "effective_before_previous",
    409,
    "It would take effect before what came before it",
    "A transition takes effect on or after the day on which the state before it took effect.",
)
FACTOR_UPDATE_DECIDED = problem_type(
    "factor_update_decided",
    409,
    "The factor update is no longer open",
    "It was accepted or declined before, or overtaken by a newer one; GET /v1/factor-updates?state=proposed lists those that are open.",
)
RECOUNT_UNDER_WAY = problem_type(
    "recount_under_way",
    409,
    "Records are being counted anew",
    "A factor update was accepted and its records are still being counted anew; approve when its recount is done.",
)
MARKET_BASED_NOT_CALCULATED = problem_type(
    "market_based_not_calculated",
    409,
    "Market-based figures were not calculated",
    "Market-based electricity is an allocation of contracts and certificates over consumption; before its first run there are no figures.",
)
