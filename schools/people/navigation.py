"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from afterbell.pages.navigation import Entry

ENTRIES: Final[list[Entry]] = []
