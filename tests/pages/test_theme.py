"""Light, dark or as the system says, without JavaScript."""

import pytest

from afterbell.pages import theme


@pytest.mark.parametrize(
    ("choice", "attribute"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')]
)
def test_a_chosen_theme_stands_in_the_page(city, demo, choice, attribute):
    answer = city.post("/theme/", {"theme": choice, "next": "/styleguide/"})
    assert answer.headers["Location"] == "/styleguide/"
    cookie = answer.cookies["theme"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert attribute in city.get("/styleguide/").content.decode()


def test_by_default_the_system_decides(city, demo):
    page = city.get("/styleguide/").content.decode()
    assert "data-bs-theme" not in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_nonsense_in_the_cookie_is_the_system(city, demo):
    city.cookies["theme"] = '"><script>'
    assert "data-bs-theme" not in city.get("/styleguide/").content.decode()


def test_nonsense_in_the_form_is_a_bad_request(city):
    assert city.post("/theme/", {"theme": "pink"}).status_code == 400


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_never_leaves_the_house(city, next_page):
    assert city.post("/theme/", {"theme": "dark", "next": next_page}).headers["Location"] == "/"


def test_a_theme_is_never_chosen_by_a_link(city):
    assert city.get("/theme/?theme=dark").status_code == 405


def test_over_https_the_cookie_is_bound_to_the_host(settings):
    settings.SECURE_COOKIES = True
    assert theme.cookie_name() == "__Host-theme"
