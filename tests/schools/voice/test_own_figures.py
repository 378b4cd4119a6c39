"""The school's own figures tell nobody at school how many complaints there are about himself."""

import pytest

from afterbell.kernel.ids import uuid7
from oversight.facts import actions as facts
from oversight.facts.models import MonthFact
from oversight.indicators.heard import HEARD
from schools.voice import complaint_actions
from tenants.context import in_city
from tenants.letterbox import actions
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind
from tests import makers
from tests.oversight.hearings import stage as desk
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice import stage
from tests.schools.voice.test_letters import passed, say


def own(school) -> dict[str, int]:
    """As the school sees them, by column."""
    facts.drain(school=school, now=stage.now())
    with in_city():
        found = MonthFact.objects.get(school=school)
    return {name: getattr(found, name) - getattr(found, less) for name, less in HEARD.items()}


def waiting(number) -> dict[str, int]:
    """So many of one family, none of them answered and all in time."""
    return {
        "complaints": number, "complaints_answered_in_time": 0, "complaints_repeated": number - 1,
        "complaints_waiting": number,
    }  # fmt: skip


def city(school) -> tuple[int, int]:
    with in_city():
        found = MonthFact.objects.get(school=school)
    return found.complaints, found.complaints_repeated


def complain(school, by, **more):
    wanted = Wanted(ComplaintKind.FEE, "多收了", **more)
    return complaint_actions.complain(school=school, key=uuid7(), wanted=wanted, by=by, now=stage.now())


@pytest.mark.parametrize(
    "about",
    [
        {"accused": Accused.PRINCIPAL},
        {"accused": Accused.OFFICE},
        {"accused": Accused.TEACHER},
        {"accused_name": "赵校长"},
    ],
)
def test_to_the_school_about_somebody(school, parent, principal, about):
    deputy = makers.a_user("deputy")
    row = complain(school, parent, **about)
    complaint_actions.answer(complaint=row, text="已改", by=deputy, now=stage.now())
    assert own(school) == dict.fromkeys(HEARD, 0)
    assert city(school) == (1, 0)
    complain(school, parent)
    assert own(school) == waiting(1)
    assert city(school) == (2, 1)
    complain(school, parent)
    assert own(school) == waiting(2)
    assert city(school) == (3, 2)


@pytest.mark.parametrize("by_whom", ["family", "officer", "named"])
def test_passed_on_about_somebody(school, parent, principal, by_whom):
    """Passed on without anybody accused it is counted, and only then."""
    makers.a_user("deputy")
    officer = desk.an_officer()
    about = {"accused": Accused.PRINCIPAL} if by_whom == "family" else {}
    more = {"officer": {"accused": Accused.PRINCIPAL}, "named": {"accused_name": "赵校长"}}
    made = say(school, parent, **about)
    passed(school, made, officer, **more.get(by_whom, {}))
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        actions.answer(complaint=row, text="已办。", by=officer, now=stage.now())
    assert own(school) == dict.fromkeys(HEARD, 0)
    for times in (1, 2):
        passed(school, say(school, parent, key=uuid7()), officer)
        assert own(school) == waiting(times)
    assert city(school) == (3, 2)


def test_the_page_says_which_complaints_are_not_counted(school, principal):
    assert "写明涉及谁的不计在内" in text(browser(school, principal).get("/desk/overview/"))
