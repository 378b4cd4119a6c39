"""{% carried url %}: an address with the term, district and stage of this page: they stay from page to page."""

from typing import Any, Final
from urllib.parse import urlencode

from django import template

register = template.Library()

CARRIED: Final = ("term", "district", "stage")
LONGEST: Final = 24
OTHER: Final = "/accounts/"
"""Pages about people have no such filters."""


@register.simple_tag(takes_context=True)
def carried(context: Any, url: str) -> str:
    """/complaints/?term=…&district=… at the city; the bare address in a school, or when nothing was chosen."""
    request = context.get("request")
    if request is None or getattr(request, "school", None) is not None or url.startswith(OTHER):
        return url
    chosen = {
        name: value for name in CARRIED if (value := request.GET.get(name, "")) and len(value) <= LONGEST
    }
    return f"{url}?{urlencode(chosen)}" if chosen else url
