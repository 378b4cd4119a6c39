"""The look of a school at itself: its own rows alone, terms of the city, and the age of what the city knows of it."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest

from afterbell.kernel.dates import local_date
from dashboards.frame import places
from dashboards.frame.filters import Filters
from dashboards.frame.look import Look
from oversight import scope as scopes
from oversight.indicators import ages
from oversight.selection import Selection
from tenants.models import School


def read(request: HttpRequest, school: School, *, now: datetime) -> Look:
    """Three statements as the bureau's reader, inside the school's request; only the term can be chosen."""
    scope = scopes.of_school(school)
    known = replace(places.load(scope), school=school.name)
    form = Filters({"term": request.GET.get("term", "")}, places=known, today=local_date(now), fields=())
    chosen = form.selection()
    return Look(
        path=request.path, scope=scope, form=form, selection=Selection(term=chosen.term, school=school.code), places=known,
        age=ages.data_age(scope, now), now=now,
    )  # fmt: skip
