"""The desk of a new school leads through what has to be registered first, by links that its reader may open."""

import re

import pytest
from django.utils import timezone

from afterbell.kernel.dates import local_date
from schools.planning import opening
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import browser
from tests.schools.planning.test_amendments import Stage

STEPS = ["/accounts/users/", "/desk/roster/", "/committee/seats/new/", "/desk/rooms/new/"]


def main(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().partition('id="main"')[2]


def links(page):
    return re.findall(r'href="([^"]+)"', page)


@pytest.fixture
def empty(north):
    """A school with its principal alone, without a term in the city's calendar."""
    with in_school(north):
        return makers.a_user("principal")


def test_the_books_of_a_city_without_a_term_say_so(north, empty):
    """Its menu leads there; the page is not somebody else's."""
    answer = browser(north, empty).get("/finance/")
    assert answer.status_code == 404
    assert "还没有已经开始的学期" in answer.content.decode()


@pytest.mark.parametrize("has_term", [True, False])
def test_the_principal_of_an_empty_school_finds_the_first_step(north, empty, has_term):
    if has_term:
        stage.a_city()
    client = browser(north, empty)
    page = main(client, "/desk/")
    named = [page.index(f">{name}<") for name in ("班级、学生和家长", "家长委员会", "场地")]
    assert named == sorted(named)
    card, _, mine = page.partition("开办本校")[2].partition("待我办理")
    shown = [link for link in links(card) if link in STEPS]
    assert shown == [STEPS[0], STEPS[3]]  # roster and committee are the office's
    assert "没有等您办理的事" not in mine
    assert STEPS[0] in links(mine)
    for link in shown:
        assert client.get(link).status_code == 200


def test_each_step_goes_as_it_is_done_and_the_card_with_the_last(north, empty):
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
    client = browser(north, clerk)
    for done in range(1, 4):
        card, _, mine = main(client, "/desk/").partition("待我办理")
        assert [link for link in links(card) if link in STEPS] == STEPS[done:]
        assert [link for link in links(mine) if link in STEPS] == [STEPS[done]]
        assert "/desk/consultations/new/" not in links(card)
        assert "要先完成“开办本校”" in card
        assert client.get(STEPS[done]).status_code == 200
        with in_school(north):
            if done == 1:
                stage.a_parent(makers.a_pupil())
            elif done == 2:
                stage.a_seated_committee()
            else:
                makers.a_room()
    page = main(client, "/desk/")
    assert "开办本校" not in page
    assert "/desk/consultations/new/" in links(page)


def test_whoever_has_asked_the_families_is_not_told(north):
    """From then on each gate says itself what it lacks."""
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        stage.a_closed_consultation(clerk)
        assert opening.steps(local_date(timezone.now()))
    assert "开办本校" not in main(browser(north, clerk), "/desk/")


def test_an_empty_list_says_where_its_choices_are_made(north, empty):
    """Classes come with the roster, terms from the city."""
    with in_school(north):
        clerk = makers.a_user("clerk")
    office, head = browser(north, clerk), browser(north, empty)
    page = main(office, "/desk/pupils/new/")
    assert "班级随名册建立" in page
    assert "/desk/roster/" in links(page)
    assert "<form" not in page
    for address in ("/desk/pupils/", "/desk/classes/"):
        assert "名册由学校办公室导入" in main(head, address)
        assert "/desk/roster/" not in links(main(head, address))
        assert "/desk/roster/" in links(main(office, address))
    assert "市级校历中没有可以征询的学期" in main(office, "/desk/consultations/new/")


def test_an_activity_without_rooms_leads_to_them(north, settings):
    stage.a_city()
    with in_school(north):
        them = Stage(north)
        row = them.begun()
        chair = them.parents[0].user
    settings.PLAN_ROOMS = "tests.schools.planning.test_opening.no_rooms"
    address = f"/desk/amendments/{row.pk}/activities/new/"
    page = main(browser(north, them.clerk), address)
    assert "还没有可用的场地" in page
    assert "/desk/rooms/new/" in links(page)
    assert "/desk/rooms/new/" not in links(main(browser(north, chair), address))


def no_rooms():
    return []
