"""Reads what was published of a term, and when."""

from datetime import date, datetime

from oversight.disclosure.models import Release


def last(term_code: str) -> Release | None:
    """The latest day's."""
    return Release.objects.filter(term_code=term_code).order_by("-day").first()


def of_day(term_code: str, day: date) -> Release | None:
    return Release.objects.filter(term_code=term_code, day=day).first()


def days(term_code: str) -> list[date]:
    """On which something was published, the latest first."""
    found = Release.objects.filter(term_code=term_code).order_by("-day")
    return list(found.values_list("day", flat=True))


def made_at() -> datetime | None:
    """When the latest of all was made."""
    return Release.objects.order_by("-made_at").values_list("made_at", flat=True).first()
