"""{% spark values label %}: a small line of the last values; a gap where a value is missing."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

WIDTH, HEIGHT, EDGE = 96, 28, 3
FLAT = 0.2
"""Of the largest value: what the height of the line stands for at least."""


@register.simple_tag
def spark(values: Sequence[float | None], label: str = "") -> SafeString:
    """An inline SVG; without a label it is decoration."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    lines = format_html_join("", '<polyline points="{}"/>', ((run,) for run in _runs(values, *_ends(known))))
    name = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    return format_html('<svg class="ab-spark" viewBox="0 0 {} {}"{}>{}</svg>', WIDTH, HEIGHT, name, lines)


def _ends(known: Sequence[float]) -> tuple[float, float]:
    """The least and the largest value that are drawn: a fifth of what is drawn apart at least, so that 95.5 after 95.6 is
    flat and not a fall."""
    least, most = min(known), max(known)
    more = max(0.0, FLAT * max(abs(least), abs(most)) - (most - least)) / 2
    return least - more, most + more


def _runs(values: Sequence[float | None], least: float, most: float) -> list[str]:
    """Polylines without holes: one for each stretch of known values."""
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    height = (HEIGHT - 2 * EDGE) / ((most - least) or 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{EDGE + place * step:.1f},{HEIGHT - EDGE - (value - least) * height:.1f}")
    return [" ".join(run) for run in runs if len(run) > 1]
