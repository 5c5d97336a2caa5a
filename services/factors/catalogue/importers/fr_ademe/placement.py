"""The answer of a placement: where in the catalogue an element belongs."""

from dataclasses import dataclass

from services.factors.catalogue.importers.fr_ademe.places import Place
from services.factors.catalogue.pack_model import ActivityType


@dataclass(frozen=True, slots=True)
class Placement:
    """Activity types that an element serves, where it holds, and what tells it from others of the same activity.

    technology    None where nothing has to be told apart
    is_default    whether it answers when no technology is named
    purpose       of electricity: what its direct emissions answer
    is_direct     of an element without items: whether its total is emitted by the activity itself, not over a life cycle
    is_whole      whether its total alone is a factor, and no item of it
    """

    activities: tuple[ActivityType, ...]
    place: Place
    technology: str | None = None
    is_default: bool = True
    data_year: int | None = None
    purpose: str | None = None
    is_direct: bool = False
    is_whole: bool = False
    notes: tuple[str, ...] = ()
