"""A guardian's page: where is my child today, and who collected it (S24)."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from schools.care import day_telling, families, homeward
from schools.care.roll import day_of
from schools.people.models import Pupil
from schools.staffing.views import DeskRequest


@require_GET
@never_cache
@requires(Permission.CHILD_READ)
def today(request: DeskRequest, pupil_id: UUID) -> HttpResponse:
    """Each session of today with its state, the hours, and whose hand the child is in."""
    try:
        pupil = families.child_of(request.user, pupil_id)
    except Pupil.DoesNotExist:
        raise Http404 from None
    day = day_of(timezone.now())
    signed = homeward.of_family(request.user, day).filter(pupil=pupil).order_by("from_date", "pk")
    places = families.whereabouts(pupil, day)
    context = {
        "pupil": pupil,
        "day": day,
        "has_school": bool(places) or day_telling.has_school(day),
        "places": places,
        "homes": [(row, homeward.of(row)) for row in signed],
    }
    return render(request, "care/child_today.html", context)
