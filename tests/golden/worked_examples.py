"""Worked examples of published guidance: inputs as printed there, results by hand, with the arithmetic in a comment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A quantity, the kilograms of each gas per unit, and the kilograms of CO2e of each gas and in all."""

    name: str
    quantity: str
    unit: str
    per_unit: str
    gases: dict[str, str]
    gwp_set: str
    co2e_kg: dict[str, str]
    total_kg: str


WORKED_EXAMPLES = (
    # US EPA, Direct Emissions from Stationary Combustion Sources, equation 1, with table 1 of the Emission Factors Hub 2021 (AR4):
    # 1,000,000 scf × 0.05444 kg = 54,440 kg CO2; × 0.00103 g = 1.03 kg CH4 × 25 = 25.75; × 0.0001 g = 0.1 kg N2O × 298 = 29.8
    WorkedExample(
        "EPA hub 2021: a million standard cubic feet of natural gas",
        "1000000",
        "scf",
        "scf",
        {"CO2": "0.05444", "CH4_fossil": "0.00000103", "N2O": "0.0000001"},
        "AR4",
        {"CO2": "54440.000000", "CH4_fossil": "25.750000", "N2O": "29.800000"},
        "54495.550000",
    ),
    # The same through the heat content, which is a higher one: 1,026 mmBtu × 53.06 = 54,439.56; × 1 g × 25 = 25.65; × 0.1 g × 298 = 30.5748
    WorkedExample(
        "EPA hub 2021: the heat of a million standard cubic feet of natural gas",
        "1026",
        "mmBtu_gross",
        "mmBtu_gross",
        {"CO2": "53.06", "CH4_fossil": "0.001", "N2O": "0.0001"},
        "AR4",
        {"CO2": "54439.560000", "CH4_fossil": "25.650000", "N2O": "30.574800"},
        "54495.784800",
    ),
    # US EPA hub 2021, table 6, CAMX: 453.2 lb CO2, 0.033 lb CH4, 0.004 lb N2O per MWh; 1 lb = 0.45359237 kg, so per 1,000 MWh
    # 453,200 lb = 205,568.062084 kg; 33 lb = 14.96854821 kg × 25 = 374.21370525; 4 lb = 1.81436948 kg × 298 = 540.68210504
    WorkedExample(
        "EPA hub 2021: a thousand megawatt-hours in California",
        "1000",
        "MWh",
        "MWh",
        {"CO2": "205.568062084", "CH4_fossil": "0.01496854821", "N2O": "0.00181436948"},
        "AR4",
        {"CO2": "205568.062084", "CH4_fossil": "374.213705", "N2O": "540.682105"},
        "206482.957894",
    ),
    # IPCC 2006, volume 2, equation 2.1, with tables 1.2 and 2.3: 1 Gg of anthracite × 26.7 TJ/Gg = 26.7 TJ;
    # × 98,300 = 2,624,610 kg CO2; × 10 = 267 kg CH4 × 29.8 = 7,956.6; × 1.5 = 40.05 kg N2O × 273 = 10,933.65
    WorkedExample(
        "IPCC 2006 equation 2.1: a gigagram of anthracite",
        "26.7",
        "TJ_net",
        "TJ_net",
        {"CO2": "98300", "CH4_fossil": "10", "N2O": "1.5"},
        "AR6",
        {"CO2": "2624610.000000", "CH4_fossil": "7956.600000", "N2O": "10933.650000"},
        "2643500.250000",
    ),
    # IPCC 2006, volume 3, equation 2.4: 0.51 t CO2 per t of clinker × 1.02 for cement kiln dust = 0.5202; 12,345.678 t
    # × 520.2 kg = 6,422,221.6956
    WorkedExample(
        "IPCC 2006 equation 2.4: clinker",
        "12345.678",
        "t",
        "t",
        {"CO2": "520.2"},
        "AR6",
        {"CO2": "6422221.695600"},
        "6422221.695600",
    ),
    # IPCC 2006, volume 3, table 3.3: nitric acid of medium pressure, 7 kg N2O/t; 100 t × 7 = 700 kg × 265 (AR5)
    WorkedExample(
        "IPCC 2006 table 3.3: nitric acid of medium pressure",
        "100",
        "t",
        "t",
        {"N2O": "7"},
        "AR5",
        {"N2O": "185500.000000"},
        "185500.000000",
    ),
    # IPCC 2006, volume 5, table 4.1: digestion, 0.8 g CH4 per kg of wet waste; 250 t = 250,000 kg × 0.0008 = 200 kg × 27.0
    WorkedExample(
        "IPCC 2006 volume 5 table 4.1: digestion of wet waste",
        "250",
        "t",
        "kg",
        {"CH4_biogenic": "0.0008"},
        "AR6",
        {"CH4_biogenic": "5400.000000"},
        "5400.000000",
    ),
    # DESNZ 2025, Fuels, natural gas, gross: the CH4 and N2O of 0.00028 and 0.00009 kg CO2e are, at AR5's 28 and 265, 0.00001 kg and
    # 0.000000339622641509... kg. 10,000 kWh: CO2 1,825.9; CH4 0.1 kg × 29.8 = 2.98; N2O 0.0033962264 kg × 273 = 0.9271698...
    WorkedExample(
        "DESNZ 2025: ten thousand kilowatt-hours of natural gas, gross",
        "10000",
        "kWh_gross",
        "kWh_gross",
        {"CO2": "0.18259", "CH4_fossil": "0.00001", "N2O": "0.000000339622641509"},
        "AR6",
        {"CO2": "1825.900000", "CH4_fossil": "2.980000", "N2O": "0.927170"},
        "1829.807170",
    ),
    # US EPA hub 2021, table 12, R-404A: 44 % × 3,500 + 52 % × 4,470 + 4 % × 1,430 = 1,540 + 2,324.4 + 57.2 = 3,921.6, printed 3,922
    WorkedExample(
        "EPA hub 2021 table 12: ten kilograms of R-404A",
        "10",
        "kg",
        "kg",
        {"HFC-125": "0.44", "HFC-143a": "0.52", "HFC-134a": "0.04"},
        "AR4",
        {"HFC-125": "15400.000000", "HFC-134a": "572.000000", "HFC-143a": "23244.000000"},
        "39216.000000",
    ),
    # US EPA hub 2025, table 12, R-407C: 23 % × 677 + 25 % × 3,170 + 52 % × 1,300 = 1,624.21, printed 1,624; 1 lb = 0.45359237 kg:
    # 155.71, 792.5 and 676 × 0.45359237 = 70.6288679..., 359.4719532..., 306.6284421...
    WorkedExample(
        "EPA hub 2025 table 12: a pound of R-407C",
        "1",
        "lb",
        "kg",
        {"HFC-32": "0.23", "HFC-125": "0.25", "HFC-134a": "0.52"},
        "AR5",
        {"HFC-32": "70.628868", "HFC-125": "359.471953", "HFC-134a": "306.628442"},
        "736.729263",
    ),
    # Ties of half a milligram go to the even one: 0.5 mg, 1.5 mg and 2.5 mg of CO2 are 0, 2 and 2
    WorkedExample("half a milligram", "1", "kg", "kg", {"CO2": "0.0000005"}, "AR6", {"CO2": "0.000000"}, "0.000000"),
    WorkedExample("one and a half milligrams", "3", "kg", "kg", {"CO2": "0.0000005"}, "AR6", {"CO2": "0.000002"}, "0.000002"),
    WorkedExample("two and a half milligrams", "5", "kg", "kg", {"CO2": "0.0000005"}, "AR6", {"CO2": "0.000002"}, "0.000002"),
)
