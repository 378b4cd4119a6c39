"""A day in an address: 2026-10-10, of the years that are written down here."""

from datetime import date

from afterbell.kernel.dates import YEARS


class Day:
    """Of Django's path converters: a ValueError means that the address is nobody's."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if day.year not in YEARS:
            raise ValueError(value)
        return day

    def to_url(self, value: date) -> str:
        return value.isoformat()
