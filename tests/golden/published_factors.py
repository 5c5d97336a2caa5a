"""Emission factors put together by hand from published rows, as the golden tests use them."""

from fractions import Fraction

from ghg.factors import EmissionFactor, GasFactor, as_fraction
from ghg.gwp import gwp_set
from ghg.sources import Source
from ghg.units import Property, unit

CARBON_TO_CO2 = Fraction(44, 12)


def source(document: str, row: str, printed_value: str, printed_unit: str) -> Source:
    return Source(
        dataset=document.split(",", maxsplit=1)[0],
        row=row,
        sha256="0" * 64,
        licence="see document",
        document=document,
        printed_value=printed_value,
        printed_unit=printed_unit,
    )


def gas(name: str, kg_per_unit: Fraction | str, document: str = "example", row: str = "1", gwp_basis: str | None = None) -> GasFactor:
    value = as_fraction(kg_per_unit) if isinstance(kg_per_unit, str) else kg_per_unit
    return GasFactor(name, value, source(document, row, str(kg_per_unit), "kg"), gwp_basis=gwp_basis)


def factor(unit_symbol: str, *gases: GasFactor, biogenic_co2: GasFactor | None = None, activity_type: str = "example") -> EmissionFactor:
    return EmissionFactor(
        id=f"{activity_type}/{unit_symbol}",
        activity_type=activity_type,
        region="CN",
        year=2021,
        unit=unit(unit_symbol),
        gases=gases,
        biogenic_co2=biogenic_co2,
        dataset="example",
        stage="direct",
    )


def guangdong_grid_2021() -> EmissionFactor:
    """0.4715 kg CO2/kWh, MEE & NBS Notice 2024 No. 12."""
    return factor("kWh", gas("CO2", "0.4715", "MEE & NBS Notice 2024 No. 12", "CN-GD"), activity_type="electricity.grid")


def chinese_fuel(
    unit_symbol: str, ncv_gj: str, carbon_t_per_gj: str, oxidation: str, ch4_kg_per_tj: str, n2o_kg_per_tj: str
) -> EmissionFactor:
    """CO2 = NCV × C × OX × 44/12 of the Chinese default table; CH4 and N2O of IPCC 2006 per TJ, with the same NCV.

    ncv_gj in GJ per unit of the factor
    """
    ncv = as_fraction(ncv_gj)
    carbon = as_fraction(carbon_t_per_gj) * as_fraction(oxidation)
    defaults, ipcc = "MEE industry guideline, default table", "IPCC 2006, volume 2, table 2.3"
    return factor(
        unit_symbol,
        gas("CO2", ncv * carbon * CARBON_TO_CO2 * 1000, defaults),
        gas("CH4_fossil", ncv / 1000 * as_fraction(ch4_kg_per_tj), ipcc),
        gas("N2O", ncv / 1000 * as_fraction(n2o_kg_per_tj), ipcc),
        activity_type="fuel",
    )


def chinese_natural_gas() -> EmissionFactor:
    """389.31 GJ per 10,000 Nm3, 0.01530 tC/GJ, 99 %; 1 kg CH4 and 0.1 kg N2O per TJ. Per Nm3."""
    return chinese_fuel("Nm3", ncv_gj="0.038931", carbon_t_per_gj="0.01530", oxidation="0.99", ch4_kg_per_tj="1", n2o_kg_per_tj="0.1")


def chinese_diesel() -> EmissionFactor:
    """43.33 GJ/t, 0.02020 tC/GJ, 98 %; 3 kg CH4 and 0.6 kg N2O per TJ. Per tonne."""
    return chinese_fuel("t", ncv_gj="43.33", carbon_t_per_gj="0.02020", oxidation="0.98", ch4_kg_per_tj="3", n2o_kg_per_tj="0.6")


def british_diesel_2021() -> EmissionFactor:
    """DESNZ 2021, Diesel (average biofuel blend), per litre. The gas rows are kg CO2e: masses are value ÷ AR4's 25 and 298."""
    document, ar4 = "DESNZ 2021, Fuels", gwp_set("AR4")
    return factor(
        "L",
        gas("CO2", "2.47507", document),
        gas("CH4_fossil", as_fraction("0.00026") / ar4.of("CH4_fossil"), document),
        gas("N2O", as_fraction("0.037") / ar4.of("N2O"), document),
        biogenic_co2=gas("CO2", "0.15117", "DESNZ 2021, Outside of scopes"),
        activity_type="fuel.diesel",
    )


def refrigerant(*mass_percent: tuple[str, str]) -> EmissionFactor:
    """A blend by its composition in per cent of mass, per kilogram lost."""
    blend = [gas(name, as_fraction(percent) / 100, "ASHRAE Standard 34") for name, percent in mass_percent]
    return factor("kg", *blend, activity_type="refrigerant")


def diesel_density() -> Property:
    """830.565 kg/m3: DESNZ 2025, Fuel properties, Diesel (100% mineral diesel)."""
    row = source("DESNZ 2025, Fuel properties", "Diesel (100% mineral diesel)", "830.565", "kg/m3")
    return Property("density", as_fraction("830.565"), unit("kg"), unit("m3"), row, "GB", 2025)


def metered_at_normal_conditions() -> Property:
    row = source("MEE industry guideline, default table", "natural gas", "389.31", "GJ/1e4 Nm3")
    return Property(
        "volume_conditions", Fraction(1), unit("Nm3"), unit("m3"), row, "CN", None, "m3 taken at 0 °C and 101.325 kPa, as the factor"
    )
