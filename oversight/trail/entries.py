"""The entries of the city's own chain: searched, listed, and taken away as a file that leaves an entry itself.

Schools' entries stay in their schools: the city sees how their chains stand (decision 40).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.audit.models import Entry
from tenants.models import School

FILE_MOST: Final = 50_000
"""Rows of one file; more are taken away a few months at a time."""


def entries() -> QuerySet[Entry]:
    """The newest first, with the name of who did it, where that is somebody of the city."""
    who = User.objects.filter(pk=OuterRef("by_id"))
    found = Entry.objects.annotate(by_name=Subquery(who.values("name")[:1]))
    return found.order_by("-position")


def narrowed(found: QuerySet[Entry], chosen: Mapping[str, Any]) -> QuerySet[Entry]:
    """By the filters of the address; days are whole days at the city, both ends with them."""
    if chosen.get("from"):
        found = found.filter(at__gte=_begin(chosen["from"]))
    if chosen.get("to"):
        found = found.filter(at__lt=_begin(chosen["to"] + timedelta(days=1)))
    if chosen.get("verb"):
        found = found.filter(verb__startswith=chosen["verb"])
    if chosen.get("target"):
        found = found.filter(target__contains=chosen["target"])
    if chosen.get("who"):
        found = found.filter(_by(chosen["who"]))
    if chosen.get("school"):
        found = found.filter(_about(chosen["school"]))
    return found


def note_export(*, chosen: Mapping[str, Any], rows: int, form: str, by: User, now: datetime) -> None:
    """Who took how many entries away, and by which filters; not what was typed into them, which may be anything."""
    days = {name: chosen[name] for name in ("from", "to") if chosen.get(name)}
    others = sorted(set(chosen) - {"from", "to"})
    with transaction.atomic():
        audit.record(
            verb="audit.entries.export",
            target="audit.entry",
            by=by,
            at=now,
            details={"rows": rows, "form": form, "filters": others, **days},
        )


def _by(who: str) -> Q:
    """A name, a login, or an id as it stands in the entries; `-` is what the system did by itself."""
    if who == "-":
        return Q(by_id=None)
    try:
        return Q(by_id=UUID(who))
    except ValueError:
        found = User.objects.filter(Q(name__icontains=who) | Q(login=who))
        return Q(by_id__in=list(found.values_list("pk", flat=True)[:100]))


def _about(code: str) -> Q:
    """Entries of the city's chain that are about a school: it is their target, or stands in their details."""
    school = School.objects.filter(code=code).first()
    known = [code, *([str(school.pk)] if school else [])]
    return Q(target__in=[f"tenants.school:{each}" for each in known]) | Q(details__school__in=known)


def _begin(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
