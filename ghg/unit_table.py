"""The units of activity data with their exact ratios: a table to be read.

One block per dimension; the ratio is to the dimension's reference unit (ratio 1). Columns: symbol | ratio | name | source | also written.

Sources: SI = SI Brochure, 9th edition (2019); SP811 = NIST Special Publication 811 (2008), Appendix B, exact conversion factors
(printed there in bold); UK = Units of Measurement Regulations 1995 (SI 1995/1804); US = NIST Handbook 44, Appendix C; IEA = IEA, OECD and
Eurostat, Energy Statistics Manual (2005), Annex 3; UNECE = UNECE, ITF and Eurostat, Glossary for Transport Statistics, 5th edition (2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ghg.currencies import CURRENCIES


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one dimension; `ratio` reference units are one of it, exactly."""

    symbol: str
    dimension: str
    ratio: Fraction
    name: str
    source: str = ""


MASS = """
kg             | 1                  | kilogram               | SI     | kilogram, kilograms, 千克, 公斤
mg             | 1/1000000          | milligram              | SI     |
g              | 1/1000             | gram                   | SI     | gram, grams, 克
t              | 1000               | tonne (metric ton)     | SI     | tonne, tonnes, 吨
kt             | 1000000            | kilotonne              | SI     | kilotonne, kilotonnes
lb             | 0.45359237         | pound (avoirdupois)    | SP811  | lbs
short_ton      | 907.18474          | short ton, 2,000 lb    | SP811  |
long_ton       | 1016.0469088       | long ton, 2,240 lb     | SP811  |
"""

# Electricity, heat, steam, cooling. Fuel energy carries its heating-value basis in the symbol (below). The British thermal unit is the
# International Table one, 1,055.055 852 62 J.
ENERGY = """
J              | 1                  | joule                  | SI     |
kJ             | 1000               | kilojoule              | SI     |
MJ             | 1000000            | megajoule              | SI     | 兆焦
GJ             | 1000000000         | gigajoule              | SI     | 吉焦
TJ             | 1000000000000      | terajoule              | SI     |
kWh            | 3600000            | kilowatt-hour          | SI     | 千瓦时
MWh            | 3600000000         | megawatt-hour          | SI     | 兆瓦时
GWh            | 3600000000000      | gigawatt-hour          | SI     |
mmBtu          | 1055055852.62      | million Btu (IT)       | SP811  | MMBtu
"""

# Only fuels are sold in therms: 100,000 Btu (IT), the therm (EC) of SP811, the therm of UK gas bills. Only fuels are counted in tonnes of
# oil equivalent, 10^7 kcal (IT), as ADEME does, which says for each whether it is net ("PCI") or gross ("PCS").
FUEL_ENERGY = """
therm          | 105505585.262      | therm                  | SP811  |
toe            | 41868000000        | tonne of oil equivalent | IEA   |
"""

VOLUME = """
m3             | 1                  | cubic metre            | SI     | m³, 立方米
L              | 1/1000             | litre                  | SI     | l, litre, litres, liter, liters, 升
gal_us         | 0.003785411784     | US gallon              | US     |
gal_uk         | 0.00454609         | imperial gallon        | UK     |
bbl            | 0.158987294928     | barrel, 42 US gallons  | SP811  |
ft3            | 0.028316846592     | cubic foot             | SP811  | ft³
"""

NORMAL_VOLUME = """
Nm3            | 1                  | normal cubic metre, 0 °C and 101.325 kPa | DIN 1343:1990 | Nm³, 标准立方米
"""

# The standard cubic foot of American fuel tables (EPA hub, natural gas of Thailand) has no ratio to Nm3: 40 CFR 98.6 has it at 60 or at
# 68 °F and 14.7 psia, the tables do not say at which of the two, and between them lie 1.5 %.
STANDARD_VOLUME = """
scf            | 1                  | standard cubic foot, 60 or 68 °F and 14.7 psia | 40 CFR 98.6 |
"""

# Vehicle-kilometres are the kilometres that a vehicle drives.
DISTANCE = """
km             | 1                  | kilometre              | SI     | kilometre, kilometres, vehicle.km, vkm, 公里, 千米
m              | 1/1000             | metre                  | SI     |
mi             | 1.609344           | mile (international)   | SP811  | mile, miles, vehicle.mile
nmi            | 1.852              | nautical mile          | SP811  |
"""

FREIGHT = """
t.km           | 1                  | tonne-kilometre        | SI     | tkm, tonne.km, 吨公里
kg.km          | 1/1000             | kilogram-kilometre     | SI     |
t.mi           | 1.609344           | tonne-mile             | SP811  |
t.nmi          | 1.852              | tonne-nautical mile    | SP811  |
short_ton.mi   | 1.45997231821056   | short ton-mile         | SP811  |
"""

PASSENGER_DISTANCE = """
p.km           | 1                  | passenger-kilometre    | SI     | pkm, passenger.km, 人公里
p.mi           | 1.609344           | passenger-mile         | SP811  |
"""

# Sea carriers state their emissions per container and kilometre; a container of 40 feet counts as two of 20 feet.
CONTAINER_DISTANCE = """
TEU.km         | 1                  | kilometre of a 20-foot container | UNECE | TEU-km
FEU.km         | 2                  | kilometre of a 40-foot container | UNECE | FEU-km
"""

# ADEME has removals of furniture per cubic metre carried and kilometre.
VOLUME_DISTANCE = """
m3.km          | 1                  | cubic metre-kilometre  | SI     |
"""

AREA = """
m2             | 1                  | square metre           | SI     | m², 平方米
ha             | 10000              | hectare                | SI     |
ft2            | 0.09290304         | square foot            | SP811  | ft²
"""

# ADEME has land use per hectare and year.
AREA_TIME = """
m2.yr          | 1                  | square metre and year  | SI     | m2.year
ha.yr          | 10000              | hectare and year       | SI     | ha.year
"""

TIME = """
h              | 1                  | hour                   | SI     | hour, hours, 小时
d              | 24                 | day                    | SI     | day, days, 天
"""

COUNT = """
unit           | 1                  | unit                   | count  | units
piece          | 1                  | piece                  | count  | pieces, pcs, 件
"""

# Hotel stays of the UK are per room, whoever sleeps in it.
ROOM_NIGHT = """
room.night     | 1                  | night in one hotel room | count | room_night, room-night, 间夜
"""

# Homeworking of the UK is per working hour of a full-time equivalent: office and heating, not an hour of a machine.
WORKING_TIME = """
FTE.h          | 1                  | working hour of a full-time equivalent | count | FTE_hour
"""

# Methane of livestock is per head that is kept for a year.
LIVESTOCK_TIME = """
head.yr        | 1                  | head of livestock kept for a year | count | head.year
"""

# Written often, meaning several things: refused with what to write instead.
AMBIGUOUS = {
    "ton": ("t", "short_ton", "long_ton"),
    "tons": ("t", "short_ton", "long_ton"),
    "Ton": ("t", "short_ton", "long_ton"),
    "MT": ("t", "kt"),
    "Mt": ("t", "kt"),
    "mt": ("t", "kt"),
    "gal": ("gal_us", "gal_uk"),
    "gallon": ("gal_us", "gal_uk"),
    "gallons": ("gal_us", "gal_uk"),
    "therm": ("therm_gross", "therm_net"),
    "therms": ("therm_gross", "therm_net"),
    "toe": ("toe_net", "toe_gross"),
    "tep": ("toe_net", "toe_gross"),
    "ton.mi": ("t.mi", "short_ton.mi"),
    "ton.km": ("t.km",),
    "$": ("USD", "AUD", "CAD", "HKD", "SGD", "TWD"),
    "£": ("GBP", "EGP"),
    "¥": ("CNY", "JPY"),
    "元": ("CNY", "HKD", "TWD"),
    "kr": ("DKK", "NOK", "SEK"),
}


def _rows(table: str) -> Iterator[tuple[str, Fraction, str, str, list[str]]]:
    for symbol, ratio, name, source, spellings in _cells(table):
        yield symbol, Fraction(ratio), name, source, _listed(spellings)


def _cells(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        yield [cell.strip() for cell in line.split("|")]


def _listed(spellings: str) -> list[str]:
    return [spelling.strip() for spelling in spellings.split(",") if spelling]


def _units_with_spellings() -> Iterator[tuple[Unit, list[str]]]:
    plain = {
        "mass": MASS,
        "energy": ENERGY,
        "volume": VOLUME,
        "normal_volume": NORMAL_VOLUME,
        "standard_volume": STANDARD_VOLUME,
        "distance": DISTANCE,
        "freight": FREIGHT,
        "passenger_distance": PASSENGER_DISTANCE,
        "container_distance": CONTAINER_DISTANCE,
        "volume_distance": VOLUME_DISTANCE,
        "area": AREA,
        "area_time": AREA_TIME,
        "time": TIME,
        "count": COUNT,
        "room_night": ROOM_NIGHT,
        "working_time": WORKING_TIME,
        "livestock_time": LIVESTOCK_TIME,
    }
    for dimension, table in plain.items():
        for symbol, ratio, name, source, spellings in _rows(table):
            yield Unit(symbol, dimension, ratio, name, source), spellings
    for basis, words in (("gross", "gross (higher) heating value"), ("net", "net (lower) heating value")):
        for symbol, ratio, name, source, _ in [*_rows(ENERGY), *_rows(FUEL_ENERGY)]:
            yield Unit(f"{symbol}_{basis}", f"energy_{basis}", ratio, f"{name}, {words}", source), []
    for code, name, also_written in _cells(CURRENCIES):  # a kind of its own each: an exchange rate is no exact ratio
        yield Unit(code, "money", Fraction(1), name, "ISO 4217"), _listed(also_written)


UNITS = tuple(unit for unit, _ in _units_with_spellings())
UNITS_BY_SPELLING = {spelling: unit for unit, spellings in _units_with_spellings() for spelling in (unit.symbol, *spellings)}
