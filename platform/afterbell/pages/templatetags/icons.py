"""{% icon "bell" %}: an outline icon of Tabler, inline, invisible to screen readers; the word stands beside it."""

import re
from functools import cache

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

FOLDER = "@tabler/icons/icons/outline"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


@register.simple_tag
def icon(name: str) -> SafeString:
    """The drawing of one icon; raises FileNotFoundError for a name that Tabler does not have."""
    return _svg(name)


@cache
def _svg(name: str) -> SafeString:
    if not NAME.match(name):
        raise FileNotFoundError(f"{name!r} is no icon's name")
    text = (settings.NODE_MODULES / FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    found = _DRAWING.search(text)
    if found is None:
        raise FileNotFoundError(f"{name}.svg holds no drawing")
    drawing = " ".join(_BOX.sub("", found.group(1)).split())
    return mark_safe(  # noqa: S308  (a file of the icon package, chosen by a checked name)
        '<svg class="ab-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{drawing}</svg>'
    )
