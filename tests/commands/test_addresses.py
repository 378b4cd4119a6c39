"""Printed addresses open: the scheme and the port that people's browsers see here."""

import os

import pytest

from afterbell.services import addresses
from tenants import hosts


@pytest.fixture
def silent(settings, tmp_path, monkeypatch):
    """An environment that says nothing, as in a second terminal beside the server."""
    for name in ("PUBLIC_URL_SCHEME", "PORT"):
        monkeypatch.delitem(os.environ, name, raising=False)
    settings.HOME_FOLDER, settings.PUBLIC_URL_SCHEME, settings.PORT = tmp_path, "https", 8000
    return tmp_path


def test_it_is_how_this_checkout_was_served_last(silent):
    assert hosts.address("/x/") == "https://city.localhost/x/"
    addresses.note_served(silent, scheme="http", port=8911)
    assert hosts.address("/x/") == "http://city.localhost:8911/x/"
    assert hosts.address("/", school_code="3301020001") == "http://s3301020001.localhost:8911/"
    addresses.note_served(silent, scheme="https", port=8911)
    assert hosts.address("/x/") == "https://city.localhost/x/"  # a proxy stands in front


def test_what_the_environment_says_goes_first(silent, settings, monkeypatch):
    addresses.note_served(silent, scheme="http", port=8911)
    monkeypatch.setitem(os.environ, "PUBLIC_URL_SCHEME", "http")
    settings.PUBLIC_URL_SCHEME, settings.PORT = "http", 80
    assert hosts.address("/x/") == "http://city.localhost/x/"
