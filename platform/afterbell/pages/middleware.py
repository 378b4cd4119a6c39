"""A refusal of the domain becomes a page with its sentence, or problem JSON for the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from afterbell.kernel.errors import Refused


class RefusedPage:
    """Shows `Refused` raised by a view; the view's transaction has been rolled back by then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return render(request, "pages/refused.html", {"refusal": exception}, status=exception.status)
