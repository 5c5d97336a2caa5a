"""The reasons to refuse that only the inventory service has."""

from kernel.problems import problem_type

TRANSITION_NOT_AVAILABLE = problem_type(
    "transition_not_available",
    409,
    "The inventory does not go there from its state",
    "An inventory goes from open to in_review to approved, and from either of these back to open. The detail says what is possible now.",
)
SEPARATION_OF_DUTIES = problem_type(
    "separation_of_duties",
    403,
    "Somebody else must do this",
    "Who submits an inventory does not approve it: ask a client of somebody else with the scope inventories:approve.",
)
EFFECTIVE_BEFORE_PREVIOUS = problem_type(
    "effective_before_previous",
    409,
    "It would take effect before what came before it",
    "A transition takes effect on or after the day on which the state before it took effect.",
)
MARKET_BASED_NOT_CALCULATED = problem_type(
    "market_based_not_calculated",
    409,
    "Market-based figures were not calculated",
    "Market-based electricity is an allocation of contracts and certificates over consumption; before its first run there are no figures.",
)
