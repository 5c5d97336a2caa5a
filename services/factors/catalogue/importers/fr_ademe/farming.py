"""Which way of growing a farm product answers when none is named."""

from collections.abc import Iterable
from dataclasses import replace

from services.factors.catalogue.importers.fr_ademe.doubles import PlacedElement

_AVERAGES = ("national average", "average conventional", "conventional average")
_NOT_AVERAGE = ("organic", "Label Rouge", "Bleu Blanc Coeur")


def with_answers(placed: Iterable[PlacedElement]) -> list[PlacedElement]:
    """The only way answers, or the only national average that is neither organic nor under a label; else each has to be named."""
    groups: dict[tuple[object, ...], list[PlacedElement]] = {}
    for one in placed:
        groups.setdefault((*one.key[:2], *one.key[3:]), []).append(one)
    return [answer for group in groups.values() for answer in _answers(group)]


def _answers(group: list[PlacedElement]) -> list[PlacedElement]:
    defaults = [one for one in group if one.placement.is_default]
    if len(defaults) <= 1:
        return group
    averages = [one for one in defaults if _is_average(one)]
    answer = averages[0] if len(averages) == 1 else None
    return [one if one is answer else replace(one, placement=replace(one.placement, is_default=False)) for one in group]


def _is_average(one: PlacedElement) -> bool:
    technology = one.placement.technology or ""
    return any(word in technology for word in _AVERAGES) and not any(word in technology for word in _NOT_AVERAGE)
