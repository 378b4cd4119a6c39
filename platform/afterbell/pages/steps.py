"""A page that does one deed: with a form, or with a question before it (refusal_of tells whether it would be refused)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from afterbell.kernel.errors import Refused


def sent(request: HttpRequest) -> Any:
    """What a form is made of: nothing until it was sent."""
    return request.POST if request.method == "POST" else None


def form_step(
    request: HttpRequest,
    form: Form,
    deed: Callable[[dict[str, Any], datetime], HttpResponse],
    template: str,
    context: Mapping[str, object],
) -> HttpResponse:
    """One form, one deed; a refusal stands at the field that it names (Refused.values["field"]) or on top (400)."""
    if request.method == "POST" and form.is_valid():
        try:
            return deed(form.cleaned_data, timezone.now())
        except Refused as refusal:
            field = str(refusal.values.get("field"))
            form.add_error(field if field in form.fields else None, str(refusal))
    return render(request, template, {"form": form, **context}, status=400 if form.errors else 200)
