"""A demo city's browser without JavaScript, and the English catalogue compiled."""

import pytest
from django.test import Client, RequestFactory
from django.utils.translation import trans_real

from afterbell.pages.words import __main__ as words
from afterbell.pages.words import catalogue


@pytest.fixture(scope="session", autouse=True)
def english():
    """The catalogue as set-up compiles it."""
    catalogue.put(words.PO.with_suffix(".mo"), catalogue.compiled(words.known()))
    trans_real._translations.clear()


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def city(db, settings):
    """A browser at the city's host; errors of the server become pages, as in production."""
    return Client(HTTP_HOST=settings.CITY_HOST, raise_request_exception=False)


@pytest.fixture
def request_to(settings):
    """Requests that never reach the middleware."""

    def make(path="/", **more):
        return RequestFactory(SERVER_NAME=settings.CITY_HOST).get(path, **more)

    return make
