"""Which data sets the organisation prefers, for which activity types, and where one may stand in for another region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.factor_questions import OWN_FACTORS

OWN = OWN_FACTORS
OWN_RANK = 0
NOT_PREFERRED = 1_000
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Preference:
    """A data set goes before others for some activity types: the smaller `rank`, the earlier.

    activity_types  one id, all below one ("spend.naics.*"), or "*"
    region          whose factors stand in for the regions of `stands_in_for`, which scope 3 alone allows; None without any
    """

    activity_types: str
    rank: int
    region: str | None = None
    stands_in_for: tuple[str, ...] = ()

    def concerns(self, activity_type: str) -> bool:
        """Whether it speaks of this activity type."""
        if self.activity_types.endswith(EVERYTHING):
            return activity_type.startswith(self.activity_types.removesuffix(EVERYTHING))
        return activity_type == self.activity_types


def preference_from(record: Mapping[str, Any]) -> Preference:
    """Reads a preference as it is stored and told."""
    return Preference(**{**record, "stands_in_for": tuple(record["stands_in_for"])})


Preferences = Mapping[str, tuple[Preference, ...]]  # by data set


def ranks_for(preferences: Preferences, activity_type: str) -> dict[str, int]:
    """The rank of each preferred data set for one activity type; own factors go before all unless others are ranked with them."""
    return {OWN: OWN_RANK} | {
        dataset: min(one.rank for one in concerning)
        for dataset, of_dataset in preferences.items()
        if (concerning := [one for one in of_dataset if one.concerns(activity_type)])
    }


def stand_ins(preferences: Preferences, activity_type: str, regions: Iterable[str]) -> dict[tuple[str, str], str]:
    """Which region's factors of which data set may stand in for one of `regions`: (data set, its region) to the region stood in for."""
    wanted = list(regions)
    return {
        (dataset, one.region): region
        for dataset, of_dataset in preferences.items()
        for one in of_dataset
        if one.region is not None and one.concerns(activity_type)
        for region in reversed(wanted)  # the nearest is named
        if region in one.stands_in_for
    }
