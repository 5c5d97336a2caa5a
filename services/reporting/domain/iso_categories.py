"""Where the categories of the GHG Protocol stand among the subcategories of ISO 14064-1.

Source: ISO 14064-1:2018, Annex B (informative), against GHG Protocol Corporate Standard (2004), chapter 4, and Scope 3 Standard (2011),
table 5.4. Where Annex B parts one category of the Protocol, the subcategory that holds most of it is given: purchased services stand
with goods (4.1), processing of sold products with their use (5.1), franchises with what is leased out (5.2).
"""

ISO_SUBCATEGORY = {
    "stationary_combustion": "1.1",
    "mobile_combustion": "1.2",
    "process": "1.3",
    "fugitive": "1.4",
    "electricity": "2.1",
    "steam": "2.2",
    "heat": "2.2",
    "cooling": "2.2",
    "s3.1": "4.1",
    "s3.2": "4.2",
    "s3.3": "4.1",
    "s3.4": "3.1",
    "s3.5": "4.3",
    "s3.6": "3.5",
    "s3.7": "3.3",
    "s3.8": "4.4",
    "s3.9": "3.2",
    "s3.10": "5.1",
    "s3.11": "5.1",
    "s3.12": "5.3",
    "s3.13": "5.2",
    "s3.14": "5.2",
    "s3.15": "5.4",
}


def iso_subcategory(category: str) -> str:
    """The subcategory of Annex B, empty for a category that it does not know."""
    return ISO_SUBCATEGORY.get(category, "")
