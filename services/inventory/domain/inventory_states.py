"""The life of an inventory: open, in review, approved; and back to open, with a reason. Verified and locked come with verification."""

from dataclasses import dataclass
from datetime import date

from contracts.shapes import InventoryState
from kernel.auth import Principal
from kernel.problems import SEPARATION_OF_DUTIES, Problem, refused
from services.inventory.problems import EFFECTIVE_BEFORE_PREVIOUS, TRANSITION_NOT_AVAILABLE

CLOSED_STATES: frozenset[InventoryState] = frozenset({"approved", "verified", "locked"})
NEXT_STATES: dict[InventoryState, tuple[InventoryState, ...]] = {
    "open": ("in_review",),
    "in_review": ("approved", "open"),
    "approved": ("open",),
}
SCOPES: dict[InventoryState, str] = {"in_review": "inventories:write", "open": "inventories:write"}
APPROVAL_SCOPE = "inventories:approve"


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody wants of an inventory: another state, effective from a day (None: today), for a reason."""

    to: InventoryState
    effective_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an inventory stands: its state, since when it is effective, and who submitted it."""

    state: InventoryState
    effective_on: date
    submitted_by: str | None

    def after(self, step: Step, actor: Principal, today: date) -> "Standing":
        """Where it stands after the step.

        today   in the organisation's time zone
        raises  Problem: missing_scope, transition_not_available, separation_of_duties, effective_before_previous;
                reason_required and in_the_future at their fields
        """
        actor.require(SCOPES.get(step.to, APPROVAL_SCOPE))
        self._refuse_unavailable(step.to)
        if step.to == "open" and not (step.reason and step.reason.strip()):
            raise refused("/reason", "reason_required", "Going back to open needs a reason.", "Say why; it is kept in the audit trail.")
        if step.to == "approved" and self.submitted_by == actor.client_id:
            raise Problem(SEPARATION_OF_DUTIES, "This client submitted the inventory for review; another one must approve it.")
        effective_on = self._effective(step.effective_on, actor, today)
        submitted_by = {"open": None, "in_review": actor.client_id}.get(step.to, self.submitted_by)
        return Standing(step.to, effective_on, submitted_by)

    def _refuse_unavailable(self, to: InventoryState) -> None:
        possible = NEXT_STATES.get(self.state, ())
        if to in possible:
            return
        detail = f"The inventory is {self.state}; from there it goes to {' or '.join(possible) or 'no other state yet'}, not to {to}."
        if to in ("verified", "locked"):
            detail += " Verification and locking are not available yet."
        raise Problem(TRANSITION_NOT_AVAILABLE, detail)

    def _effective(self, wanted: date | None, actor: Principal, today: date) -> date:
        day = wanted or today
        if day > today:
            raise refused("/effective_on", "in_the_future", f"{day} is in the future; today is {today} in the organisation's time zone.")
        if day < today:
            actor.require("history:write")
        if day < self.effective_on:
            detail = f"The inventory has been {self.state} since {self.effective_on}; the next state cannot take effect on {day}."
            raise Problem(EFFECTIVE_BEFORE_PREVIOUS, detail)
        return day
