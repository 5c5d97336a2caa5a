"""The page of settings, made from the settings themselves: `python -m tests.docs.settings_page` writes it."""

from kernel.settings import PREFIX, Settings
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "settings.md"

_HEAD = """# Settings

Environment variables, read once at start; an empty one counts as not set. One that is wrong, or that begins with `BASEYEAR_` and is none of
these, is refused with a sentence that names it. This page is made by `python -m tests.docs.settings_page`.

| variable | default | what it is |
|---|---|---|
"""


def settings_page() -> str:
    """The page as it should be."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(settings_page())
