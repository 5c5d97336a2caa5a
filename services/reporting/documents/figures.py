"""Numbers as a reader wants them. Nothing is calculated with the texts that are made here."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

MG_PER_KG = 10**6
MG_PER_TONNE = 10**9


def kilograms(mg: int) -> str:
    """Exact: six decimals of a kilogram are whole milligrams. `1234567` → `1.234567`."""
    sign, amount = ("-" if mg < 0 else ""), abs(mg)
    return f"{sign}{amount // MG_PER_KG}.{amount % MG_PER_KG:06d}"


def tonnes(mg: int) -> str:
    """Tonnes to three decimals (whole kilograms, half-even), thousands parted by commas. `1234567890123` → `1,234.568`."""
    whole_kg = round(Fraction(mg, MG_PER_KG))
    sign, amount = ("−" if whole_kg < 0 else ""), abs(whole_kg)
    return f"{sign}{amount // 1000:,}.{amount % 1000:03d}"


def percent(share: Fraction) -> str:
    """One decimal, and never `0.0 %` for something that is there."""
    if 0 < share < Fraction(5, 10_000):
        return "< 0.1 %"
    return f"{float(share) * 100:.1f} %"


def decimal(text: str) -> str:
    """A decimal text with its thousands parted: `1234567.500` → `1,234,567.5`."""
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "")


def months(listed: Iterable[str]) -> str:
    """Months with neighbours drawn together: `2021-01 – 2021-03, 2021-07`."""
    runs: list[list[str]] = []
    for month in sorted(set(listed)):
        if runs and _following(runs[-1][-1]) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in runs)


def _following(month: str) -> str:
    day = date.fromisoformat(f"{month}-01")
    return f"{day.year + day.month // 12:04d}-{day.month % 12 + 1:02d}"
