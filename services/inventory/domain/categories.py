"""The closed list of categories and their scopes.

source  GHG Protocol Corporate Standard, ch. 4 (scope 1); Scope 2 Guidance, ch. 5; Corporate Value Chain (Scope 3) Standard, table 5.4
"""

SCOPE_1 = ("stationary_combustion", "mobile_combustion", "process", "fugitive")
SCOPE_2 = ("electricity", "steam", "heat", "cooling")
SCOPE_3 = tuple(f"s3.{number}" for number in range(1, 16))

FUEL_AND_ENERGY_RELATED = "s3.3"

SCOPE_OF = {category: scope for scope, categories in ((1, SCOPE_1), (2, SCOPE_2), (3, SCOPE_3)) for category in categories}
