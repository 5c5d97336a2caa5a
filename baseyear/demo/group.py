"""The fictional group of the demo: who owns whom, and where its sites are.

No company, person or plant in here exists. Cities and regions are real, because emission factors are.
"""

from dataclasses import dataclass
from typing import Literal

SiteKind = Literal["plant", "process_plant", "office", "rented_hall"]

GROUP_NAME = "Yunhuai Precision Group (fictional)"
OWNED_SINCE = "2015-01-01"
TIME_ZONES = {
    "BR": "America/Sao_Paulo",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "GB": "Europe/London",
    "IN": "Asia/Kolkata",
    "MX": "America/Monterrey",
    "TH": "Asia/Bangkok",
    "TW": "Asia/Taipei",
    "VN": "Asia/Ho_Chi_Minh",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One company of the group; `share` is what its parent owns of it."""

    external_id: str
    name: str
    country: str
    parent: str | None
    share: str = "1.00"
    controlled: bool = True

    def as_json(self) -> dict[str, object]:
        """The body of `POST /v1/entities`."""
        body: dict[str, object] = {
            "external_id": self.external_id,
            "name": self.name,
            "country": self.country,
            "ownership": [{"from": OWNED_SINCE, "share": self.share}],
            "operational_control": self.controlled,
            "financial_control": self.controlled,
        }
        return body if self.parent is None else body | {"parent_external_id": self.parent}


@dataclass(frozen=True, slots=True)
class Site:
    """One place with meters; `megawatt_hours` is the electricity it uses in a full year and sets the scale of everything else."""

    external_id: str
    entity: str
    name: str
    region: str
    kind: SiteKind
    megawatt_hours: int

    @property
    def country(self) -> str:
        return self.region[:2]

    @property
    def timezone(self) -> str:
        return TIME_ZONES[self.country]

    def as_json(self) -> dict[str, object]:
        """The body of `POST /v1/sites`; offices and rented halls are leased."""
        return {
            "external_id": self.external_id,
            "entity_external_id": self.entity,
            "name": self.name,
            "region": self.region,
            "timezone": self.timezone,
            "tenure": "owned" if self.kind in ("plant", "process_plant") else "operating_lease",
        }


ROOT = Entity("YH", GROUP_NAME, "CN", None)

# The order is the order of creation: a parent stands before its children.
SUBSIDIARIES = (
    Entity("YH-EAST", "Yunhuai East China Investment Co., Ltd.", "CN", "YH"),
    Entity("YH-SOUTH", "Yunhuai South China Investment Co., Ltd.", "CN", "YH"),
    Entity("YH-INTL", "Yunhuai International Holding Ltd.", "HK", "YH"),
    Entity("YH-EU", "Yunhuai Europe GmbH", "DE", "YH-INTL"),
    Entity("YH-AUTO", "Yunhuai Automotive Systems Holding Co., Ltd.", "CN", "YH", "0.60"),
    Entity("YH-KS", "Kunshan Yunhuai Connectors Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-KSM", "Kunshan Yunhuai Moulds and Tooling Co., Ltd.", "CN", "YH-KS"),
    Entity("YH-SU", "Suzhou Yunhuai Cable Assembly Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-WJ", "Wujiang Yunhuai Surface Technology Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-CZ", "Changzhou Yunhuai Electronics Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-YC", "Yancheng Yunhuai Smart Devices Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-NJ", "Nanjing Yunhuai Research Institute Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-JXG", "Jiaxing Yunhuai Wearables Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-HZ", "Huzhou Yunhuai Optics Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-NB", "Ningbo Yunhuai Magnetics Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-WF", "Weifang Yunhuai Acoustics Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-RZ", "Rizhao Yunhuai Components Co., Ltd.", "CN", "YH-WF"),
    Entity("YH-CHU", "Chuzhou Yunhuai Connectors Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-BZ", "Bozhou Yunhuai Cable Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-XC", "Xuancheng Yunhuai Electroacoustics Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-BD", "Baoding Yunhuai Cable Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-LF", "Langfang Yunhuai Packaging Co., Ltd.", "CN", "YH-EAST", "0.60"),
    Entity("YH-SH", "Shanghai Yunhuai Trading Co., Ltd.", "CN", "YH-EAST"),
    Entity("YH-DG", "Dongguan Yunhuai Connectors Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-DGM", "Dongguan Yunhuai Precision Metals Co., Ltd.", "CN", "YH-DG"),
    Entity("YH-SZ", "Shenzhen Yunhuai Wireless Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-HUI", "Huizhou Yunhuai Battery Modules Co., Ltd.", "CN", "YH-SOUTH", "0.51"),
    Entity("YH-MZ", "Meizhou Yunhuai Harness Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-JA", "Ji'an Yunhuai Acoustics Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-WA", "Wan'an Yunhuai Cable Co., Ltd.", "CN", "YH-JA"),
    Entity("YH-XG", "Xingguo Yunhuai Plastics Co., Ltd.", "CN", "YH-JA", "0.60"),
    Entity("YH-NC", "Nanchang Yunhuai Modules Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-EN", "Enshi Yunhuai Cable Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-WH", "Wuhan Yunhuai Optoelectronics Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-YB", "Yibin Yunhuai Assembly Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-SN", "Suining Yunhuai Harness Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-CQ", "Chongqing Yunhuai Displays Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-CS", "Changsha Yunhuai Camera Modules Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-XM", "Xiamen Yunhuai Antennas Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-ZK", "Zhoukou Yunhuai Transformers Co., Ltd.", "CN", "YH-SOUTH"),
    Entity("YH-AJS", "Changshu Yunhuai Automotive Connectors Co., Ltd.", "CN", "YH-AUTO"),
    Entity("YH-ATJ", "Tianjin Yunhuai Automotive Harness Co., Ltd.", "CN", "YH-AUTO"),
    Entity("YH-AXA", "Xi'an Yunhuai Automotive Sensors Co., Ltd.", "CN", "YH-AUTO", "0.51"),
    Entity("YH-VBG", "Yunhuai Viet Nam (Bac Giang) Company Limited", "VN", "YH-INTL"),
    Entity("YH-VNA", "Yunhuai Viet Nam (Nghe An) Company Limited", "VN", "YH-INTL"),
    Entity("YH-MX", "Yunhuai de México, S.A. de C.V.", "MX", "YH-INTL"),
    Entity("YH-TH", "Yunhuai (Thailand) Co., Ltd.", "TH", "YH-INTL"),
    Entity("YH-TW", "Yunhuai Taiwan Precision Co., Ltd.", "TW", "YH-INTL"),
    Entity("YH-TWR", "Yunhuai Acoustic Laboratory (Hsinchu) Co., Ltd.", "TW", "YH-TW"),
    Entity("YH-BR", "Yunhuai do Brasil Ltda.", "BR", "YH-INTL"),
    Entity("YH-IN", "Yunhuai India Private Limited", "IN", "YH-INTL", "0.51"),
    Entity("YH-UK", "Yunhuai Antennas (UK) Ltd", "GB", "YH-EU"),
)

# Owned at 30 % and run by others: its records are kept, but an inventory under operational control leaves it out.
ASSOCIATE = Entity("LKP", "Lakeside Plating Services Co., Ltd. (associate)", "CN", "YH-EAST", "0.30", controlled=False)

ENTITIES = (ROOT, *SUBSIDIARIES, ASSOCIATE)

SITES = (
    Site("HQ-01", "YH-EAST", "Suzhou head office", "CN-JS", "office", 1_450),
    Site("MUC-01", "YH-EU", "Munich application laboratory", "DE-BY", "office", 620),
    Site("KS-01", "YH-KS", "Kunshan plant 1", "CN-JS", "plant", 62_000),
    Site("KS-02", "YH-KS", "Kunshan plant 2", "CN-JS", "plant", 38_500),
    Site("KSM-01", "YH-KSM", "Kunshan tool shop", "CN-JS", "plant", 6_400),
    Site("SU-01", "YH-SU", "Suzhou cable plant", "CN-JS", "plant", 14_200),
    Site("WJ-01", "YH-WJ", "Wujiang plating works", "CN-JS", "process_plant", 27_800),
    Site("CZ-01", "YH-CZ", "Changzhou electronics plant", "CN-JS", "plant", 33_000),
    Site("YC-01", "YH-YC", "Yancheng smart device campus", "CN-JS", "plant", 71_500),
    Site("YC-02", "YH-YC", "Yancheng enclosure works", "CN-JS", "process_plant", 58_000),
    Site("NJ-01", "YH-NJ", "Nanjing research centre", "CN-JS", "office", 2_300),
    Site("JXG-01", "YH-JXG", "Jiaxing wearables plant", "CN-ZJ", "plant", 44_000),
    Site("JXG-02", "YH-JXG", "Jiaxing logistics centre", "CN-ZJ", "office", 1_900),
    Site("HZ-01", "YH-HZ", "Huzhou optics plant", "CN-ZJ", "plant", 16_700),
    Site("NB-01", "YH-NB", "Ningbo magnetics works", "CN-ZJ", "process_plant", 12_900),
    Site("WF-01", "YH-WF", "Weifang acoustics plant 1", "CN-SD", "plant", 29_500),
    Site("WF-02", "YH-WF", "Weifang acoustics plant 2", "CN-SD", "plant", 18_300),
    Site("RZ-01", "YH-RZ", "Rizhao components plant", "CN-SD", "plant", 9_800),
    Site("CHU-01", "YH-CHU", "Chuzhou connector plant", "CN-AH", "plant", 21_400),
    Site("BZ-01", "YH-BZ", "Bozhou cable plant", "CN-AH", "plant", 8_700),
    Site("XC-01", "YH-XC", "Xuancheng electroacoustics plant", "CN-AH", "plant", 10_600),
    Site("BD-01", "YH-BD", "Baoding cable plant", "CN-HE", "plant", 11_900),
    Site("LF-01", "YH-LF", "Langfang packaging plant", "CN-HE", "plant", 5_200),
    Site("SH-01", "YH-SH", "Shanghai sales office", "CN-SH", "office", 480),
    Site("DG-01", "YH-DG", "Dongguan connector plant 1", "CN-GD", "plant", 47_600),
    Site("DG-02", "YH-DG", "Dongguan connector plant 2", "CN-GD", "plant", 25_100),
    Site("DGM-01", "YH-DGM", "Dongguan stamping works", "CN-GD", "process_plant", 19_400),
    Site("SZ-01", "YH-SZ", "Shenzhen wireless plant", "CN-GD", "plant", 13_600),
    Site("SZ-02", "YH-SZ", "Shenzhen design centre", "CN-GD", "office", 1_700),
    Site("HUI-01", "YH-HUI", "Huizhou battery module plant", "CN-GD", "plant", 24_300),
    Site("MZ-01", "YH-MZ", "Meizhou harness plant", "CN-GD", "plant", 4_900),
    Site("JA-01", "YH-JA", "Ji'an acoustics plant 1", "CN-JX", "plant", 36_200),
    Site("JA-02", "YH-JA", "Ji'an acoustics plant 2", "CN-JX", "plant", 28_800),
    Site("WA-01", "YH-WA", "Wan'an cable plant", "CN-JX", "plant", 7_500),
    Site("XG-01", "YH-XG", "Xingguo moulding plant", "CN-JX", "plant", 9_100),
    Site("NC-01", "YH-NC", "Nanchang module plant", "CN-JX", "plant", 15_800),
    Site("NC-02", "YH-NC", "Nanchang rented hall 3", "CN-JX", "rented_hall", 2_600),
    Site("EN-01", "YH-EN", "Enshi cable plant", "CN-HB", "plant", 6_900),
    Site("WH-01", "YH-WH", "Wuhan optoelectronics plant", "CN-HB", "plant", 17_900),
    Site("YB-01", "YH-YB", "Yibin assembly campus", "CN-SC", "plant", 22_700),
    Site("SN-01", "YH-SN", "Suining harness plant", "CN-SC", "plant", 6_100),
    Site("CQ-01", "YH-CQ", "Chongqing display plant", "CN-CQ", "plant", 20_500),
    Site("CS-01", "YH-CS", "Changsha camera module plant", "CN-HN", "plant", 14_900),
    Site("XM-01", "YH-XM", "Xiamen antenna plant", "CN-FJ", "plant", 8_300),
    Site("ZK-01", "YH-ZK", "Zhoukou transformer works", "CN-HA", "process_plant", 7_800),
    Site("AJS-01", "YH-AJS", "Changshu automotive plant", "CN-JS", "plant", 18_600),
    Site("ATJ-01", "YH-ATJ", "Tianjin harness plant", "CN-TJ", "plant", 8_900),
    Site("AXA-01", "YH-AXA", "Xi'an sensor plant", "CN-SN", "plant", 7_200),
    Site("VBG-01", "YH-VBG", "Bac Giang plant 1", "VN", "plant", 31_000),
    Site("VBG-02", "YH-VBG", "Bac Giang plant 2", "VN", "plant", 19_700),
    Site("VNA-01", "YH-VNA", "Nghe An plant", "VN", "plant", 12_400),
    Site("MTY-01", "YH-MX", "Monterrey plant", "MX-NLE", "plant", 11_300),
    Site("AYT-01", "YH-TH", "Ayutthaya plant", "TH-14", "plant", 9_600),
    Site("TPE-01", "YH-TW", "Taoyuan plant", "TW-TAO", "plant", 13_100),
    Site("HSZ-01", "YH-TWR", "Hsinchu acoustic laboratory", "TW-HSZ", "office", 900),
    Site("CPQ-01", "YH-BR", "Campinas plant", "BR-SP", "plant", 5_800),
    Site("MAA-01", "YH-IN", "Chennai plant", "IN-TN", "plant", 10_200),
    Site("CBG-01", "YH-UK", "Cambridge antenna works", "GB-CAM", "plant", 3_400),
    Site("LKP-01", "LKP", "Lakeside plating works", "CN-JS", "process_plant", 16_000),
    Site("LKP-02", "LKP", "Lakeside effluent works", "CN-JS", "process_plant", 4_100),
)
