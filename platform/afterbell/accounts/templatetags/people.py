"""How phones and devices are written on pages."""

from typing import Final

from django import template
from django.utils.translation import gettext as _

from afterbell.accounts import phones

register = template.Library()

DEVICES: Final = (
    ("MicroMessenger", "微信"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS: Final = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))

register.filter("shown", phones.shown)


@register.filter
def masked(phone: str | None) -> str:
    """138 **** 8000."""
    return phones.masked(phone) if phone else ""


@register.filter
def device(user_agent: str) -> str:
    """Windows · Edge; the whole line tells a person nothing."""
    names = [_first(DEVICES, user_agent), _first(BROWSERS, user_agent)]
    return " · ".join(name for name in names if name) or _("未知设备")


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in known if mark in text), "")
