"""How results of surveys are written: shares with one decimal, c where too few answered."""

from django import template

from afterbell.pages import values

register = template.Library()


@register.filter
def as_percent(share: float | None) -> str:
    """0.8 → 80.0%; nobody asked → –."""
    return values.NOT_APPLICABLE if share is None else f"{share * 100:.1f}%"


@register.filter
def as_mean(mean: float | None) -> str:
    """4.0 from one to five; too few → c."""
    return values.HIDDEN if mean is None else f"{mean:.1f}"
