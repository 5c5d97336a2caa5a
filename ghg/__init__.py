"""The accounting itself: units, gases, factors, calculation, consolidation, totals.

Pure functions and frozen dataclasses on exact rationals; standard library only, no input or output.
"""
