"""Sea freight: activity types by kind of ship and size, `freight.sea.container_ship.0_to_999_teu`."""

import re

from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of

_SHIPS = {
    "Crude tanker": ("crude_tanker", "crude oil tanker", "原油油轮"),
    "Products tanker": ("products_tanker", "products tanker", "成品油轮"),
    "Chemical tanker": ("chemical_tanker", "chemical tanker", "化学品船"),
    "LNG tanker": ("lng_tanker", "LNG tanker", "液化天然气船"),
    "LPG tanker": ("lpg_tanker", "LPG tanker", "液化石油气船"),
    "Bulk carrier": ("bulk_carrier", "bulk carrier", "散货船"),
    "General cargo": ("general_cargo", "general cargo ship", "杂货船"),
    "Container ship": ("container_ship", "container ship", "集装箱船"),
    "Vehicle transport": ("vehicle_carrier", "vehicle carrier", "车辆运输船"),
    "RoRo-Ferry": ("roro_ferry", "ro-ro ferry", "滚装渡轮"),
    "Large RoPax ferry": ("ropax_ferry_large", "large ro-pax ferry", "大型客滚渡轮"),
    "Refrigerated cargo": ("refrigerated_cargo", "refrigerated cargo ship", "冷藏货船"),
}
_MEASURES = {
    "dwt": ("dwt", "载重吨"),
    "m3": ("m³", "立方米"),
    "TEU": ("TEU", "标准箱"),
    "CEU": ("CEU", "标准车位"),
    "LM": ("lane metres", "车道米"),
}
_AVERAGES = {"Average": ("average", "average", "平均"), "All dwt": ("all_sizes", "all sizes", "各种吨位")}
_SIZE = re.compile(r"(?P<least>[\d,]+)(?:\+|–(?P<most>[\d,]+)) (?P<measure>dwt|m3|TEU|CEU|LM)(?P<containers> 100\+ TEU)?")


def ship_activity_type(row: DesnzRow) -> ActivityType:
    """The activity type of a row of sea freight.

    raises    UnmappedRow, if the kind of ship or the wording of its size is unknown
    """
    ships = {name.casefold(): ship for name, ship in _SHIPS.items()}
    if row.section not in ("sea tanker", "cargo ship") or row.level3.strip().casefold() not in ships:
        raise UnmappedRow(f"{row.id}: unknown kind of ship: {row.text}")
    ship_id, ship_en, ship_zh = ships[row.level3.strip().casefold()]
    size_id, size_en, size_zh = _size(row)
    name_en, name_zh = f"Sea freight: {ship_en}, {size_en}", f"海运：{ship_zh}，{size_zh}"
    return activity_type_of("freight", f"freight.sea.{ship_id}.{size_id}", name_en, name_zh)


def _size(row: DesnzRow) -> tuple[str, str, str]:
    printed = row.level4.strip()
    if printed in _AVERAGES:
        return _AVERAGES[printed]
    size = _SIZE.fullmatch(printed)
    if size is None:
        raise UnmappedRow(f"{row.id}: unknown size {row.level4!r} of a ship: {row.text}")
    least, most = int(size["least"].replace(",", "")), size["most"] and int(size["most"].replace(",", ""))
    measure_en, measure_zh = _MEASURES[size["measure"]]
    containers = ("_100_teu", ", from 100 TEU", "，100标准箱以上") if size["containers"] else ("", "", "")
    if most is None:
        texts = (f"from_{least}_{size['measure'].lower()}", f"from {least:,} {measure_en}", f"{least:,}{measure_zh}以上")
    else:
        texts = (
            f"{least}_to_{most}_{size['measure'].lower()}",
            f"{least:,} to {most:,} {measure_en}",
            f"{least:,}至{most:,}{measure_zh}",
        )
    return texts[0] + containers[0], texts[1] + containers[1], texts[2] + containers[2]
