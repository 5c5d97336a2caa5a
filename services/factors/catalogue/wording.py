"""What several importers say in the same words of their factors, so that a reader meets one wording."""

CO2_ONLY = "CO2 only: the publisher gives no CH4 and no N2O."
NM3 = "Nm3: 0 °C, 101.325 kPa"  # as a factor's conditions
