"""The units of activity data with their exact ratios: a table to be read.

One block per dimension; the ratio is to the dimension's reference unit (ratio 1). Columns: symbol | ratio | name | source | also written.

Sources: SI = SI Brochure, 9th edition (2019); SP811 = NIST Special Publication 811 (2008), Appendix B, exact conversion factors
(printed there in bold); UK = Units of Measurement Regulations 1995 (SI 1995/1804); US = NIST Handbook 44, Appendix C.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


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

# Only fuels are sold in therms: 100,000 Btu (IT), the therm (EC) of SP811, the therm of UK gas bills.
FUEL_ENERGY = """
therm          | 105505585.262      | therm                  | SP811  |
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

DISTANCE = """
km             | 1                  | kilometre              | SI     | kilometre, kilometres, 公里, 千米
m              | 1/1000             | metre                  | SI     |
mi             | 1.609344           | mile (international)   | SP811  | mile, miles
nmi            | 1.852              | nautical mile          | SI     |
"""

FREIGHT = """
t.km           | 1                  | tonne-kilometre        | SI     | tkm, tonne.km, 吨公里
kg.km          | 1/1000             | kilogram-kilometre     | SI     |
t.mi           | 1.609344           | tonne-mile             | SP811  |
t.nmi          | 1.852              | tonne-nautical mile    | SI     |
short_ton.mi   | 1.45997231821056   | short ton-mile         | SP811  |
"""

PASSENGER_DISTANCE = """
p.km           | 1                  | passenger-kilometre    | SI     | pkm, passenger.km, 人公里
p.mi           | 1.609344           | passenger-mile         | SP811  |
"""

AREA = """
m2             | 1                  | square metre           | SI     | m², 平方米
ha             | 10000              | hectare                | SI     |
ft2            | 0.09290304         | square foot            | SP811  | ft²
"""

TIME = """
h              | 1                  | hour                   | SI     | hour, hours, 小时
d              | 24                 | day                    | SI     | day, days, 天
"""

COUNT = """
unit           | 1                  | unit                   | count  | units
piece          | 1                  | piece                  | count  | pieces, pcs, 件
"""

# Each currency is a dimension of its own: an exchange rate is no exact ratio. Symbols: ISO 4217.
CURRENCIES = """
AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR INR JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY TWD USD VND ZAR
"""

# Written often, meaning several things: refused with what to write instead.
AMBIGUOUS = {
    "ton": ("t", "short_ton", "long_ton"),
    "tons": ("t", "short_ton", "long_ton"),
    "Ton": ("t", "short_ton", "long_ton"),
    "MT": ("t", "kt"),
    "mt": ("t", "kt"),
    "gal": ("gal_us", "gal_uk"),
    "gallon": ("gal_us", "gal_uk"),
    "gallons": ("gal_us", "gal_uk"),
    "therm": ("therm_gross", "therm_net"),
    "therms": ("therm_gross", "therm_net"),
    "ton.mi": ("t.mi", "short_ton.mi"),
    "ton.km": ("t.km",),
}


def _rows(table: str) -> Iterator[tuple[str, Fraction, str, str, list[str]]]:
    for line in table.strip().splitlines():
        symbol, ratio, name, source, spellings = (cell.strip() for cell in line.split("|"))
        yield symbol, Fraction(ratio), name, source, [spelling.strip() for spelling in spellings.split(",") if spelling]


def _units_with_spellings() -> Iterator[tuple[Unit, list[str]]]:
    plain = {
        "mass": MASS,
        "energy": ENERGY,
        "volume": VOLUME,
        "normal_volume": NORMAL_VOLUME,
        "distance": DISTANCE,
        "freight": FREIGHT,
        "passenger_distance": PASSENGER_DISTANCE,
        "area": AREA,
        "time": TIME,
        "count": COUNT,
    }
    for dimension, table in plain.items():
        for symbol, ratio, name, source, spellings in _rows(table):
            yield Unit(symbol, dimension, ratio, name, source), spellings
    for basis, words in (("gross", "gross (higher) heating value"), ("net", "net (lower) heating value")):
        for symbol, ratio, name, source, _ in [*_rows(ENERGY), *_rows(FUEL_ENERGY)]:
            yield Unit(f"{symbol}_{basis}", f"energy_{basis}", ratio, f"{name}, {words}", source), []
    for code in CURRENCIES.split():
        yield Unit(code, "money", Fraction(1), code, "ISO 4217"), []


UNITS = tuple(unit for unit, _ in _units_with_spellings())
UNITS_BY_SPELLING = {spelling: unit for unit, spellings in _units_with_spellings() for spelling in (unit.symbol, *spellings)}
