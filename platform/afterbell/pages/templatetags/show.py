"""How values are written on pages: money, dates, percentages with their n, the four symbols (look.md "Words")."""

from datetime import date, datetime

from django import template
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from afterbell.pages import values

register = template.Library()

register.filter("symbol", values.symbol)


@register.filter
def fen(amount: int | None) -> str:
    """123450 → ¥1,234.50; None → x (not available)."""
    return values.NOT_AVAILABLE if amount is None else format_fen(Fen(amount))


@register.filter
def day(moment: date | None) -> str:
    """2026年9月1日, in English 1 September 2026. Times are shown in the city's zone."""
    if moment is None:
        return values.NOT_APPLICABLE
    here = _local(moment)
    if translation.get_language() == "en":
        return f"{here.day} {here:%B} {here.year}"
    return f"{here.year}年{here.month}月{here.day}日"


@register.filter
def short_day(moment: date | None) -> str:
    """09-01, for tables whose year is plain."""
    return values.NOT_APPLICABLE if moment is None else f"{_local(moment):%m-%d}"


@register.filter
def minute(moment: datetime | None) -> str:
    """2026年9月1日 16:30."""
    return values.NOT_APPLICABLE if moment is None else f"{day(moment)} {_local(moment):%H:%M}"


@register.filter
def whole(number: int | str | None) -> str:
    """12345 → 12,345; a symbol stays one."""
    if number is None or isinstance(number, str):
        return number or values.NOT_AVAILABLE
    return f"{number:,}"


@register.simple_tag
def percent(part: int | None, of: int | None) -> str:
    """{% percent 413 480 %} → 86.0%（n=480）; nobody asked → –; unknown → x."""
    if part is None or of is None:
        return values.NOT_AVAILABLE
    if of == 0:
        return values.NOT_APPLICABLE
    return _("%(percent)s（n=%(n)s）") % {"percent": f"{values.tenths(part, of)}%", "n": f"{of:,}"}


def _local(moment: date) -> date:
    return (
        timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment
    )
