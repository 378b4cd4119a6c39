"""What every step of the office shares: the pupil and the adult that it is about, one form, one deed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from afterbell.accounts.permissions import Permission
from afterbell.pages.steps import form_step
from schools.people import queries
from schools.people.doors import PeopleRequest, or_404
from schools.people.forms import ClassForm
from schools.people.models import Pupil, SchoolClass, Tie


def step(
    request: PeopleRequest,
    form: forms.Form,
    deed: Callable[[dict[str, Any], datetime], HttpResponse],
    *,
    title: str,
    button: str,
    pupil: Pupil | None,
    note: str = "",
    kind: str = "primary",
) -> HttpResponse:
    """A page of the office (afterbell.pages.steps). Where there is no class to choose it says where classes come from."""
    context = {
        "heading": title,
        "button": button,
        "pupil": pupil,
        "note": note,
        "kind": kind,
        "no_class": isinstance(form, ClassForm) and not form.has_classes,
        "may_import": request.user.has(Permission.ROSTER_IMPORT),
    }
    return form_step(request, form, deed, "people/step.html", context)


def pupil_of(request: PeopleRequest, pupil_id: UUID) -> Pupil:
    return or_404(queries.staffs_pupil, request.user, pupil_id)


def pupil_and_tie(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> tuple[Pupil, Tie]:
    found = pupil_of(request, pupil_id)
    return found, or_404(queries.tie_of, found, tie_id)


def class_of(request: PeopleRequest, class_id: str) -> SchoolClass:
    return or_404(queries.class_for, request.user, UUID(class_id))
