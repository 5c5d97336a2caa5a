"""The figures that the product is judged by, from the pushed quantity to the total, each with its source."""

import pytest

from ghg.rounding import milligrams
from tests.api.inventory.intake import DIESEL, GAS, Intake, gases_of


async def test_electricity_in_guangdong_takes_the_published_factor_of_the_province_and_year(intake: Intake):
    # Guangdong 2021: 0.4715 kgCO2/kWh (MEE and NBS, notice 2024 No. 12); 1,000,000 kWh × 0.4715 = 471,500 kg
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), quantity={"value": "1000000", "unit": "kWh"}))

    assert pushed["emissions"] == {
        "co2e_kg": "471500.000000",
        "gases": [{"gas": "CO2", "kg": "471500.000000", "co2e_kg": "471500.000000", "gwp_basis": None}],
        "biogenic_co2_kg": "0.000000",
        "gwp_set": "AR6",
    }
    trace = await intake.get(f"/v1/activities/{pushed['id']}/calculation")
    factor = trace["factor"]
    assert (factor["value"], factor["unit"], factor["region"], factor["data_year"]) == ("0.4715", "kgCO2/kWh", "CN-GD", 2021)
    assert "Notice 2024 No.12" in factor["source"]
    assert len(factor["sha256"]) == 64
    assert factor["licence"]


async def test_a_factor_of_co2_only_says_so(intake: Intake):
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD")))
    trace = await intake.get(f"/v1/activities/{pushed['id']}/calculation")

    assert trace["factor"]["gas_coverage"] == "CO2"
    assert any("CO2 only" in note for note in trace["factor"]["notes"])
    assert any("CO2 only" in step["result"] for step in trace["steps"])


async def test_natural_gas_in_china_is_calculated_gas_by_gas(intake: Intake):
    # CO2: 1,000 Nm3 × 389.31 GJ/10^4 Nm3 × 0.0153 tC/GJ × 0.99 × 44/12 = 2,162.188809 kg (industry-guideline default table)
    # CH4: 38.931 GJ × 1 kg/TJ × 29.8 = 1.160144 kg; N2O: 38.931 GJ × 0.1 kg/TJ × 273 = 1.062816 kg (IPCC 2006, volume 2, table 2.3)
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), **GAS))

    assert gases_of(pushed["emissions"]) == {"CO2": "2162.188809", "CH4_fossil": "1.160144", "N2O": "1.062816"}
    assert pushed["emissions"]["co2e_kg"] == "2164.411769"
    trace = await intake.get(f"/v1/activities/{pushed['id']}/calculation")
    assert trace["steps"][0]["text"].startswith("m3 is taken at the conditions of the factor")
    assert {gas["dataset"] for gas in trace["factor"]["gases"]} == {"cn-mee-fuels", "ipcc-2006-stationary"}


async def test_diesel_in_china_goes_through_the_british_density_and_says_so(intake: Intake):
    # 1,000 L × 830.565 kg/m3 = 0.830565 t (DESNZ 2025, fuel properties, 100% mineral diesel) × 43.33 GJ/t = 35.98838145 GJ
    # CO2: × 0.0202 tC/GJ × 0.98 × 44/12 = 2,612.228664 kg; CH4: × 3 kg/TJ × 29.8 = 3.217361 kg; N2O: × 0.6 kg/TJ × 273 = 5.894897 kg
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), **DIESEL))

    assert gases_of(pushed["emissions"]) == {"CO2": "2612.228664", "CH4_fossil": "3.217361", "N2O": "5.894897"}
    assert pushed["emissions"]["co2e_kg"] == "2621.340922"
    (density,) = (await intake.get(f"/v1/activities/{pushed['id']}/calculation"))["properties"]
    assert (density["name"], density["value"], density["unit"], density["region"]) == ("density", "830.565", "kg/m3", "GB")
    assert "of another region" in density["note"]


async def test_blend_diesel_in_britain_has_its_biogenic_carbon_apart(intake: Intake):
    # DESNZ 2021, diesel (average biofuel blend), per litre: CO2 2.47507; CH4 0.00026 kg CO2e ÷ 25 × 29.8; N2O 0.037 ÷ 298 × 273;
    # outside of scopes 0.15117. 1,000 L: 2,475.07 + 0.30992 + 33.895973 = 2,509.275893 kg, and 151.17 kg biogenic
    site = await intake.site("GB")
    pushed = await intake.pushed(intake.record(site, **DIESEL))

    assert gases_of(pushed["emissions"]) == {"CO2": "2475.070000", "CH4_fossil": "0.309920", "N2O": "33.895973"}
    assert pushed["emissions"]["co2e_kg"] == "2509.275893"
    assert pushed["emissions"]["biogenic_co2_kg"] == "151.170000"
    assert await intake.total_of(site) == milligrams("2509.275893")


async def test_a_refrigerant_blend_is_counted_by_its_components(intake: Intake):
    # R-410A is 50 % HFC-32 and 50 % HFC-125 (ASHRAE 34): 6.25 kg × 771 + 6.25 kg × 3,740 = 28,193.75 kg (AR6)
    leak = {"activity_type": "refrigerant.R-410A", "quantity": {"value": "12.5", "unit": "kg"}}
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), **leak))

    assert gases_of(pushed["emissions"]) == {"HFC-32": "4818.750000", "HFC-125": "23375.000000"}
    assert pushed["emissions"]["co2e_kg"] == "28193.750000"


async def test_electricity_of_a_site_with_a_grid_of_its_own_takes_the_grids_factor(intake: Intake):
    on_the_grid = await intake.pushed(intake.record(await intake.site("CN-GD", grid_region="grid:CN-SOUTH")))
    trace = await intake.get(f"/v1/activities/{on_the_grid['id']}/calculation")

    assert trace["factor"]["region"] == "grid:CN-SOUTH"


async def test_electricity_counted_in_another_category_is_still_of_its_grid(intake: Intake):
    site = await intake.site("CN-GD", grid_region="grid:CN-SOUTH")
    leased_out = await intake.pushed(intake.record(site, category="s3.13"))
    trace = await intake.get(f"/v1/activities/{leased_out['id']}/calculation")

    assert (leased_out["scope"], leased_out["category"]) == (3, "s3.13")
    assert trace["factor"]["region"] == "grid:CN-SOUTH"


@pytest.mark.parametrize(
    ("value", "milligrams_of_co2"),
    [
        # 0.4715 kg/kWh = 471,500 mg/kWh; 0.000001 kWh = 0.4715 mg. Exact halves go to the even neighbour, not away from zero.
        ("0.000005", 2),  # 2.3575
        ("0.000001", 0),  # 0.4715
        ("0.000003", 1),  # 1.4145
        ("0.001", 472),  # 471.5: half-even 472, as half-up
        ("0.003", 1414),  # 1,414.5: half-even 1,414, half-up 1,415
    ],
)
async def test_a_figure_is_rounded_once_and_half_even(intake: Intake, value: str, milligrams_of_co2: int):
    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), quantity={"value": value, "unit": "kWh"}))

    assert milligrams(pushed["emissions"]["co2e_kg"]) == milligrams_of_co2


async def test_any_unit_of_the_dimension_gives_the_same_figure(intake: Intake):
    site = await intake.site("CN-GD")
    figures = {
        (await intake.pushed(intake.record(site, quantity={"value": value, "unit": unit})))["emissions"]["co2e_kg"]
        for value, unit in (("1000", "kWh"), ("1", "MWh"), ("3.6", "GJ"), ("3600000000", "J"))
    }

    assert figures == {"471.500000"}


async def test_a_record_over_months_is_spread_by_days_and_adds_up(intake: Intake):
    # 10 kWh × 471,500 mg over 15 March to 15 May: 61 days; R(E × 17/61), R(E × 47/61) − …, R(E) − …
    # E = 4,715,000 mg: 17/61 → 1,314,016.39; 47/61 → 3,632,868.85; so 1,314,016 + 2,318,853 + 1,082,131
    site = await intake.site("CN-GD")
    period = {"start": "2021-03-15", "end": "2021-05-15"}
    await intake.pushed(intake.record(site, period=period, quantity={"value": "10", "unit": "kWh"}))

    assert await intake.of_site(site) == {
        "electricity.grid 2021-03": 1_314_016,
        "electricity.grid 2021-04": 2_318_853,
        "electricity.grid 2021-05": 1_082_131,
    }


async def test_a_record_over_new_year_takes_the_factor_of_each_calendar_year(intake: Intake):
    # 62 days from 1 December 2021: 31 kWh by days in each year; Guangdong 2021 0.4715, Guangdong 2022 0.4403 kg/kWh
    site = await intake.site("CN-GD")
    period = {"start": "2021-12-01", "end": "2022-02-01"}
    pushed = await intake.pushed(intake.record(site, period=period, quantity={"value": "62", "unit": "kWh"}))
    trace = await intake.get(f"/v1/activities/{pushed['id']}/calculation")
    of_2021, of_2022 = trace["parts"]

    assert [(part["year"], part["factor"]["data_year"]) for part in (of_2021, of_2022)] == [(2021, 2021), (2022, 2022)]
    per_kwh = [milligrams(f"{part['factor']['value']}00") for part in (of_2021, of_2022)]
    assert await intake.of_site(site, 2021) == {"electricity.grid 2021-12": 31 * per_kwh[0]}
    assert await intake.of_site(site, 2022) == {"electricity.grid 2022-01": 31 * per_kwh[1]}
    assert milligrams(pushed["emissions"]["co2e_kg"]) == 31 * sum(per_kwh)


async def test_a_record_is_counted_once_in_the_month_of_its_first_day(intake: Intake):
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site, period={"start": "2021-03-15", "end": "2021-06-15"}))
    inventory = await intake.inventory(2021)

    totals = await intake.get(f"/v1/inventories/{inventory}/totals", group_by="site,month")

    mine = {item["month"]: item["records"] for item in totals["items"] if item["site"] == site}
    assert mine == {"2021-03": 1, "2021-04": 0, "2021-05": 0, "2021-06": 0}


async def test_the_answer_is_under_the_gwp_set_of_the_primary_inventory_of_its_year(intake: Intake):
    # AR5: 6.25 kg × 677 + 6.25 kg × 3,170 = 24,043.75 kg
    year = next(intake.years)
    await intake.inventory(year, gwp_set="AR5")
    leak = {"activity_type": "refrigerant.R-410A", "quantity": {"value": "12.5", "unit": "kg"}}
    period = {"start": f"{year}-03-01", "end": f"{year}-04-01"}

    pushed = await intake.pushed(intake.record(await intake.site("CN-GD"), period=period, **leak))

    assert (pushed["emissions"]["gwp_set"], pushed["emissions"]["co2e_kg"]) == ("AR5", "24043.750000")


async def test_a_fuel_counted_in_scope_3_category_3_takes_what_came_before_its_use(intake: Intake):
    # UK 2021, WTT- fuels, diesel (average biofuel blend): 0.60986 kg CO2e per litre
    site, litres = await intake.site("GB"), {"value": "1000", "unit": "L"}
    burned = await intake.pushed(intake.record(site, activity_type="fuel.diesel", quantity=litres))
    before = await intake.pushed(intake.record(site, activity_type="fuel.diesel", quantity=litres, category="s3.3"))

    assert (burned["scope"], before["scope"]) == (1, 3)
    assert (burned["emissions"]["co2e_kg"], before["emissions"]["co2e_kg"]) == ("2509.275893", "609.860000")
    trace = await intake.get(f"/v1/activities/{before['id']}/calculation")
    assert "WTT- fuels" in trace["factor"]["source_row"]


async def test_what_is_bought_never_brings_its_life_cycle_into_scope_1(intake: Intake):
    concrete = {"activity_type": "material.concrete", "quantity": {"value": "5", "unit": "t"}}
    site = await intake.site("GB")
    bought = await intake.pushed(intake.record(site, **concrete))
    emitted = await intake.pushed(intake.record(site, **concrete, category="process"))

    assert (bought["scope"], bought["calculation_state"]) == (3, "calculated")
    assert (emitted["scope"], emitted["calculation_state"]) == (1, "no_factor")
