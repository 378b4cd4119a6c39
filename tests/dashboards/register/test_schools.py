"""The register: whose schools, and for whom each leads to its page."""

import pytest

from afterbell.accounts.roles import Role
from tests.dashboards.asking import MOST_STATEMENTS, statements, text_of
from tests.dashboards.conftest import HILLS

LINK = 'href="/schools/3301020001/"'


@pytest.mark.parametrize(
    ("role", "leads"),
    [(Role.BUREAU_SUPERVISOR, True), (Role.PRICE_OFFICER, True), (Role.SYSTEM_ADMIN, False)],
)
def test_a_school_leads_to_its_page_for_whom_that_page_is(at_the_city, north, role, leads):
    page = text_of(at_the_city(role).get("/schools/"))
    assert north.name in page
    assert (LINK in page) is leads


def test_a_districts_supervisor_finds_the_districts_schools(at_the_city, north, island):
    page = text_of(at_the_city(district=HILLS).get("/schools/"))
    assert island.name in page
    assert north.name not in page


def test_nonsense_in_the_address_shows_the_first_page(at_the_city, north):
    page = text_of(at_the_city().get("/schools/?page=-7&sort=nothing&stage=moon"))
    assert north.name in page


def test_it_asks_little(at_the_city, north):
    assert len(statements(at_the_city(), "/schools/")) <= MOST_STATEMENTS
