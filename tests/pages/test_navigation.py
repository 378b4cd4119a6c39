"""Side navigation: entries come from the subjects, and only what one may reach is shown."""

from types import SimpleNamespace

import pytest

from afterbell.pages import navigation
from afterbell.pages.navigation import Entry, Group

ENTRIES = [
    Entry(Group.SETTINGS, "外观", "pages:theme"),
    Entry(Group.LOOK, "语言", "set_language"),
    Entry(Group.LOOK, "还没有的页面", "nowhere:at_all"),
    ("act", "要权限", "set_language", "case.open"),
]


def may(user, permission):
    return permission in user.permissions


@pytest.fixture
def wired(settings):
    settings.NAVIGATION_CITY = ["tests.pages.test_navigation.ENTRIES"]
    settings.NAVIGATION_RIGHT = "tests.pages.test_navigation.may"


def labels(sections):
    return {str(section.heading): [str(link.label) for link in section.links] for section in sections}


def asked(request_to, path="/", permissions=()):
    request = request_to(path)
    request.school = None
    request.urlconf = "afterbell.urls_city"
    request.user = SimpleNamespace(permissions=permissions)
    return navigation.for_request(request)


def test_entries_stand_under_their_headings_in_order_and_dead_ones_are_left_out(wired, request_to):
    assert labels(asked(request_to)) == {"看": ["语言"], "设置": ["外观"]}


def test_an_entry_with_a_permission_is_for_those_who_hold_it(wired, request_to):
    assert labels(asked(request_to, permissions=["case.open"]))["办"] == ["要权限"]


def test_without_a_right_to_ask_entries_with_a_permission_stay_hidden(wired, request_to, settings):
    settings.NAVIGATION_RIGHT = ""
    assert "办" not in labels(asked(request_to, permissions=["case.open"]))


def test_the_page_one_is_on_is_marked(wired, request_to):
    sections = asked(request_to, path="/language/")
    assert [link.current for section in sections for link in section.links] == [True, False]
