"""Cells of tables: a number or one of the symbols with its word, a state badge."""

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from afterbell.kernel.money import Fen, format_fen
from afterbell.pages import values


def symbol(sign: str) -> SafeString:
    """A symbol, and its word for screen readers."""
    return format_html('{}<span class="visually-hidden">{}</span>', sign, values.LEGEND[sign])


def whole(number: int | str | None) -> str:
    """12,345; unknown → x; a symbol stays one."""
    if number is None or isinstance(number, str):
        return symbol(number or values.NOT_AVAILABLE)
    return f"{number:,}"


def tenth(number: float | None) -> str:
    """86.0; unknown → x."""
    return symbol(values.NOT_AVAILABLE) if number is None else f"{number:,.1f}"


def yuan(amount: int | None) -> str:
    """1,234.50 without the sign: the unit stands in the header."""
    return symbol(values.NOT_AVAILABLE) if amount is None else format_fen(Fen(amount)).replace("¥", "")


def badge(state: str, word: str) -> SafeString:
    """Icon, word and colour of a state."""
    return render_to_string("pages/parts/badge.html", {"state": state, "word": word})
