"""The page of settings, made from the settings themselves: `python -m tests.docs.settings_page` writes it."""

from kernel.settings import Settings, variable_of
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "settings.md"

_HEAD = """# Settings

Environment variables, or files of the same name in a folder of secrets, read once at start; an empty one counts as not set. One that is
wrong, or that looks like a misspelt one of these, is refused with a sentence that names it. This page is made by
`python -m tests.docs.settings_page`.

| variable | default | what it is |
|---|---|---|
"""


def settings_page() -> str:
    """The page as it should be."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default else ""
        rows.append(f"| `{variable_of(name)}` | {default} | {field.description} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(settings_page())
