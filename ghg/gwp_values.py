"""GWP-100 of every gas that the accounting knows, under three assessment reports of the IPCC: a table to be read.

Columns: gas | AR4 | AR5 | AR6 | also written. "-" means that the report prints no value (or only a bound such as "<1"), or that no file at
hand has it, as Halon-1202 and HFO-1336mzz(Z) of AR5: such a gas cannot be turned into CO2e under that set. The files of the trade write
names without the hyphen (HFC134a); that is understood too.

AR4  Forster et al. 2007, IPCC AR4 WG1, chapter 2, Table 2.14 (page 212), 100-year column. One value for all methane.
AR5  Myhre et al. 2013, IPCC AR5 WG1, chapter 8, Appendix 8.A, Table 8.A.1, without climate-carbon feedbacks. Methane 28; "Fossil
     methane" 30 is a row of its own.
AR6  Smith et al. 2021, IPCC AR6 WG1, chapter 7, supplementary material, Table 7.SM.7; CO2, CH4 and N2O from Table 7.15, which alone
     splits methane into fossil 29.8 and non-fossil 27.0 (7.SM.7 has 27.9 unsplit). SF6 is 24,300 in the final table; an early text,
     still in circulation, has 25,200.
"""

CITATIONS = {
    "AR4": "IPCC AR4 WG1 (2007), Table 2.14",
    "AR5": "IPCC AR5 WG1 (2013), Table 8.A.1",
    "AR6": "IPCC AR6 WG1 (2021), Table 7.SM.7",
}
CITATION_AR6_MAIN_GASES = "IPCC AR6 WG1 (2021), Table 7.15"
AR6_MAIN_GASES = ("CO2", "CH4_fossil", "CH4_biogenic", "N2O")

GWP_100 = """
# Carbon dioxide, methane, nitrous oxide
CO2              |      1 |      1 |      1 |
CH4_fossil       |     25 |     30 |   29.8 | methane_fossil
CH4_biogenic     |     25 |     28 |   27.0 | methane_biogenic
N2O              |    298 |    265 |    273 |

# Hydrofluorocarbons
HFC-23           |  14800 |  12400 |  14600 |
HFC-32           |    675 |    677 |    771 |
HFC-41           |      - |    116 |    135 |
HFC-43-10mee     |   1640 |   1650 |   1600 |
HFC-125          |   3500 |   3170 |   3740 |
HFC-134          |      - |   1120 |   1260 |
HFC-134a         |   1430 |   1300 |   1530 |
HFC-143          |      - |    328 |    364 |
HFC-143a         |   4470 |   4800 |   5810 |
HFC-152          |      - |     16 |   21.5 |
HFC-152a         |    124 |    138 |    164 |
HFC-161          |      - |      4 |   4.84 |
HFC-227ea        |   3220 |   3350 |   3600 |
HFC-236cb        |      - |   1210 |   1350 |
HFC-236ea        |      - |   1330 |   1500 |
HFC-236fa        |   9810 |   8060 |   8690 |
HFC-245ca        |      - |    716 |    787 |
HFC-245fa        |   1030 |    858 |    962 |
HFC-365mfc       |    794 |    804 |    914 |

# Perfluorocarbons
CF4              |   7390 |   6630 |   7380 | PFC-14
C2F6             |  12200 |  11100 |  12400 | PFC-116
C3F8             |   8830 |   8900 |   9290 | PFC-218
C4F10            |   8860 |   9200 |  10000 | PFC-31-10
C5F12            |   9160 |   8550 |   9220 | PFC-41-12
C6F14            |   9300 |   7910 |   8620 | PFC-51-14
C7F16            |      - |   7820 |   8410 | PFC-61-16
C8F18            |      - |   7620 |   8260 | PFC-71-18
C10F18           |      - |   7190 |   7480 | PFC-91-18
c-C3F6           |      - |   9200 |      - |
c-C4F8           |  10300 |   9540 |  10200 | PFC-318, PFC-C-318

# Sulphur hexafluoride, nitrogen trifluoride and other fully fluorinated gases
SF6              |  22800 |  23500 |  24300 |
NF3              |  17200 |  16100 |  17400 |
SF5CF3           |  17700 |  17400 |  18500 |
SO2F2            |      - |   4090 |   4630 |

# Chlorofluorocarbons, hydrochlorofluorocarbons and halons (Montreal Protocol): reported, but not among the seven gases of Kyoto
CFC-11           |   4750 |   4660 |   6230 |
CFC-12           |  10900 |  10200 |  12500 |
CFC-13           |  14400 |  13900 |  16200 |
CFC-113          |   6130 |   5820 |   6520 |
CFC-114          |  10000 |   8590 |   9430 |
CFC-115          |   7370 |   7670 |   9600 |
HCFC-21          |      - |    148 |    160 |
HCFC-22          |   1810 |   1760 |   1960 |
HCFC-31          |      - |      - |   79.4 |
HCFC-123         |     77 |     79 |   90.4 |
HCFC-124         |    609 |    527 |    597 |
HCFC-141b        |    725 |    782 |    860 |
HCFC-142b        |   2310 |   1980 |   2300 |
HCFC-225ca       |    122 |    127 |    137 |
HCFC-225cb       |    595 |    525 |    568 |
Halon-1201       |      - |    376 |    380 |
Halon-1202       |      - |      - |    216 |
Halon-1211       |   1890 |   1750 |   1930 |
Halon-1301       |   7140 |   6290 |   7200 |
Halon-2402       |   1640 |   1470 |   2170 |

# Other chlorinated and brominated gases
CCl4             |   1400 |   1730 |   2200 |
CHCl3            |      - |     16 |   20.6 |
CH2Cl2           |    8.7 |      9 |   11.2 |
CH3Cl            |     13 |     12 |   5.54 |
CH3CCl3          |    146 |    160 |    161 |
CH3Br            |      5 |      2 |   2.43 |

# Fluorinated ethers
HCFE-235da2      |    350 |    491 |    539 |
HFE-43-10pccc124 |   1870 |   2820 |   3220 |
HFE-125          |  14900 |  12400 |  14300 |
HFE-134          |   6320 |   5560 |   6630 |
HFE-143a         |    756 |    523 |    616 |
HFE-227ea        |      - |   6450 |   7520 |
HFE-236ca12      |   2800 |   5350 |   6060 |
HFE-236ea2       |      - |   1790 |   2590 |
HFE-236fa        |      - |    979 |   1100 |
HFE-245cb2       |    708 |    654 |    747 |
HFE-245fa1       |      - |    828 |    934 |
HFE-245fa2       |    659 |    812 |    878 |
HFE-263fb2       |      - |      1 |      - |
HFE-329mcc2      |      - |   3070 |   3770 |
HFE-338mcf2      |      - |    929 |   1040 |
HFE-338pcc13     |   1500 |   2910 |   3320 |
HFE-347mcc3      |    575 |    530 |    576 |
HFE-347mcf2      |      - |    854 |    963 |
HFE-347pcf2      |    580 |    889 |    980 |
HFE-356mec3      |      - |    387 |    264 |
HFE-356pcc3      |    110 |    413 |    277 |
HFE-356pcf2      |      - |    719 |    831 |
HFE-356pcf3      |      - |    446 |    484 |
HFE-365mcf3      |      - |      - |    1.6 |
HFE-374pc2       |      - |    627 |   12.5 |
HFE-569sf2       |     59 |     57 |   60.7 |
PFPMIE           |  10300 |   9710 |  10300 |

# Olefins, hydrocarbons and dimethyl ether in refrigerant blends. AR5 prints "<1" for HFO-1234yf and HFO-1234ze(E)
HFO-1123         |      - |      - |  0.005 |
HFO-1132a        |      - |      - |  0.052 |
HFO-1225ye(E)    |      - |      - |  0.118 |
HFO-1225ye(Z)    |      - |      - |  0.344 |
HFO-1234yf       |      - |      - |  0.501 |
HFO-1234ze(E)    |      - |      - |   1.37 | HFO-1234ze
HFO-1234ze(Z)    |      - |      - |  0.315 |
HFO-1243zf       |      - |      - |  0.261 |
HFO-1336mzz(E)   |      - |      - |   17.9 |
HFO-1336mzz(Z)   |      - |      - |   2.08 |
HCO-1130(E)      |      - |      - |      - | HCO-1130
HC-170           |      - |      - |  0.437 | C2H6, ethane
HC-290           |      - |      - |   0.02 | C3H8, propane
HC-600           |      - |      - |  0.006 | n-C4H10, butane
HC-600a          |      - |      - |      - | isobutane
HC-601           |      - |      - |      - | pentane
HC-601a          |      - |      - |      - | isopentane
HC-1270          |      - |      - |      - | HO-1270, propene
HE-E170          |      - |      - |      - | HCE-170, dimethyl ether
"""
