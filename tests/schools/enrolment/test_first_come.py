"""First come, first served is the application's time (S13, S14): the order of reviews moves nobody."""

from datetime import timedelta

import pytest

from schools.enrolment import actions, queries
from schools.enrolment.forms import ActivitiesForm
from schools.enrolment.models import Agreement, Application, Side
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage

NAMES = ("李一", "李二", "李三", "李四")


@pytest.fixture
def term(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        yield makers.an_activity(stage.a_running_plan(), capacity=3), stage.reviewers()


def applied_in_turn(north, activity):
    start = stage.now() - timedelta(hours=5)
    families = [stage.a_family(name) for name in NAMES]
    rows = [
        stage.applied(north, family, activity, at=start + timedelta(hours=place))
        for place, family in enumerate(families)
    ]
    return families, rows


def states_of(rows):
    return [Application.objects.get(pk=row.pk).state for row in rows]


def test_three_places_go_to_the_first_three_whatever_is_reviewed_first(north, term):
    """S13: the fourth is reviewed first, and waits; the first, reviewed last, has its place."""
    activity, sides = term
    _families, rows = applied_in_turn(north, activity)
    assert stage.approved(rows[3], sides).state == "waiting"
    for place in (2, 1, 0):
        assert stage.approved(rows[place], sides).state == "approved"
    assert states_of(rows) == ["approved", "approved", "approved", "waiting"]


def test_a_refusal_and_a_withdrawal_give_the_turn_to_who_stands_behind(north, term):
    """S14: nobody has to be reviewed again; the agreement is made by the deed that freed the turn."""
    activity, sides = term
    families, rows = applied_in_turn(north, activity)
    for row in rows[1:]:
        stage.approved(row, sides)
    assert states_of(rows) == ["submitted", "approved", "approved", "waiting"]
    actions.review(
        application=rows[0],
        side=Side.SCHOOL,
        is_approval=False,
        reason="材料不全",
        by=sides[0],
        now=stage.now(),
    )
    assert states_of(rows) == ["refused", "approved", "approved", "approved"]
    again = stage.applied(north, families[0], activity)  # a new application is a new time
    assert stage.approved(again, sides).state == "waiting"
    activity.refresh_from_db()
    assert activity.taken == 3


def test_an_unreviewed_application_that_is_taken_back_frees_its_turn(north, term):
    activity, sides = term
    families, rows = applied_in_turn(north, activity)
    for row in rows[1:]:
        stage.approved(row, sides)
    actions.withdraw(application=rows[0], by=families[0].user, now=stage.now())
    assert states_of(rows)[3] == "approved"


def test_who_left_the_school_unreviewed_keeps_no_turn(north, term):
    activity, sides = term
    families, rows = applied_in_turn(north, activity)
    families[0].pupil.left_date = stage.timezone.localdate() - timedelta(days=1)
    families[0].pupil.save()
    for row in rows[1:]:
        stage.approved(row, sides)
    assert states_of(rows)[3] == "approved"


def test_the_club_with_twenty_free_places_is_not_kept_empty_by_one_who_waits(north, term):
    """S13: who wants both waits for the full one and keeps one place of the other, not all."""
    activity, sides = term
    club = makers.an_activity(activity.plan, weekday=2, capacity=20)
    for name in NAMES[:3]:
        stage.approved(stage.applied(north, stage.a_family(name), activity), sides)
    wants_both = stage.approved(stage.applied(north, stage.a_family("王五"), activity, club), sides)
    later = stage.approved(stage.applied(north, stage.a_family("赵六"), club), sides)
    assert (wants_both.state, later.state) == ("waiting", "approved")


def test_pages_say_the_time_and_count_who_came_before(north, term):
    """S13: families see their own time and how many came before, reviewed or not; the desk sees the same order."""
    activity, sides = term
    families, rows = applied_in_turn(north, activity)
    stage.approved(rows[3], sides)
    row = Application.objects.get(pk=rows[3].pk)
    assert [place.before for place in queries.queue_places(row)] == [3]
    page = stage.text(stage.browser(north, families[3].user).get(f"/family/applications/{row.pk}/"))
    assert "与审核先后无关" in page
    assert "比您早提交、还没有名额的有 3 人" in page
    found = queries.choosable(activity.plan, 1)
    assert [(each.waiting, each.free) for each in found] == [(4, 0)]
    assert "4 份申请在先" in str(ActivitiesForm(found=found)["activities"])
    for each in rows[:3]:
        stage.approved(each, sides)
    assert Agreement.objects.count() == 3
    desk = stage.text(stage.browser(north, sides[0]).get("/desk/applications/waiting/"))
    assert "按提交申请的时间排列" in desk
