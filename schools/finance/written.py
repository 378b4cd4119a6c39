"""Texts that are stored and sent to families are in the house's language, whatever the clerk's own pages are in."""

from typing import Final

WRITTEN_IN: Final = "zh-hans"
