"""{{ phone|phone }} and {{ date|lasts }}: how phones and expiries are written."""

from datetime import date

from django import template

from afterbell.accounts import phones
from schools.staffing.tables import written

register = template.Library()

register.filter("phone", phones.shown)


@register.filter
def lasts(day: date) -> str:
    """2026-09-01, or 长期有效."""
    return written(day)
