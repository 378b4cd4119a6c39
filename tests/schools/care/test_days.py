"""Days that the city changes after the sessions were made, and a day that is cancelled as a whole (S21, S24)."""

from datetime import datetime, time, timedelta, timezone

import pytest

from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.care import actions, day_actions, day_queries, refusals, waiting
from schools.care.models import Session
from schools.care.states import SessionState
from schools.notices.models import Delivery, Notice
from tenants.context import in_city, in_school
from tenants.exchange import names
from tenants.models import CalendarOverride
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import FOUR, a_gate, opened
from tests.schools.care.test_desk_pages import as_role

pytestmark = pytest.mark.usefixtures("at_four", "the_term")

CHINA = timezone(timedelta(hours=8))
MONDAY, SATURDAY = makers.MONDAY, makers.MONDAY + timedelta(days=5)


@pytest.fixture
def the_term(north):
    with in_city():
        makers.a_term()
        makers.a_policy(ready.document("seed"))


def changed(day):
    """In the morning."""
    return day_queries.changed_days(datetime.combine(day, time(8), tzinfo=CHINA))


def says(day, *, is_open, weekday=None, district=None, reason="台风停课"):
    with in_city():
        CalendarOverride.objects.create(
            date=day, is_school_day=is_open, follows_weekday=weekday, district=district, reason=reason
        )


def cancels(day, by, *, sessions=None, reason="台风停课", now=NOON):
    shown = Session.objects.filter(date=day, state="planned") if sessions is None else sessions
    return day_actions.cancel_day(day=day, sessions=shown, reason=reason, by=by, now=now)


def two_of_a_day():
    """A family in both, one in the first alone; and a session of the next day."""
    gate = a_gate(2)
    plan = gate.session.activity.plan
    other = makers.an_activity(plan, title="足球")
    makers.a_session(other, day=MONDAY)
    makers.a_place(gate.agreements[0], other)
    makers.a_session(other, day=MONDAY + timedelta(days=7))
    return gate


def test_a_day_is_cancelled_as_a_whole_and_each_family_told_once(north):
    with in_school(north):
        gate = two_of_a_day()
        assert cancels(MONDAY, makers.a_user("clerk")) == (2, 2)
        assert set(Session.objects.filter(date=MONDAY).values_list("state", "cancel_reason")) == {
            (SessionState.CANCELLED, "台风停课")
        }
        assert Session.objects.get(state=SessionState.PLANNED).date == MONDAY + timedelta(days=7)
        assert gate.session.duties.count() == 0
        (letter,) = Notice.objects.all()
        assert "还没有开始的课后服务全部取消。原因：台风停课" in letter.body
        assert "按平时放学时间接孩子" in letter.body
        to = sorted(row.guardian_id or row.user_id for row in Delivery.objects.all())
        assert to == sorted([*(adult.pk for adult in gate.guardians), gate.teacher.pk])
        assert Mark.objects.filter(grain="day", bucket=f"{MONDAY}").exists()
        assert Entry.objects.filter(verb="care.sessions.cancel_day").count() == 1


def test_what_has_begun_goes_on(north):
    with in_school(north):
        gate = opened(1)
        makers.a_session(makers.an_activity(gate.session.activity.plan, title="足球"), day=MONDAY)
        assert cancels(MONDAY, makers.a_user("clerk"), now=FOUR) == (1, 0)
        gate.session.refresh_from_db()
        assert gate.session.state == SessionState.OPEN


@pytest.mark.parametrize(
    ("reason", "now", "refusal"),
    [
        (" \n ", NOON, refusals.NoReason),
        ("台风", FOUR + timedelta(days=1), actions.DayIsOver),
    ],
)
def test_a_day_is_cancelled_with_a_reason_and_before_it_is_over(north, reason, now, refusal):
    with in_school(north):
        two_of_a_day()
        with pytest.raises(refusal):
            cancels(MONDAY, makers.a_user("clerk"), reason=reason, now=now)
        assert not Session.objects.filter(state=SessionState.CANCELLED).exists()


def test_the_reason_names_no_child(north):
    with in_school(north):
        gate = two_of_a_day()
        with pytest.raises(names.NamesAChild):
            cancels(MONDAY, makers.a_user("clerk"), reason=f"{gate.pupils[0].name}受伤")
        assert not Delivery.objects.exists()


def test_only_what_the_page_showed_is_cancelled_and_only_once(north):
    with in_school(north):
        gate, clerk = two_of_a_day(), makers.a_user("clerk")
        shown = list(Session.objects.filter(date=MONDAY))
        makers.a_session(makers.an_activity(gate.session.activity.plan, title="阅读"), day=MONDAY)
        with pytest.raises(day_actions.DayMoved):
            cancels(MONDAY, clerk, sessions=shown)
        with pytest.raises(day_actions.DayMoved):
            cancels(MONDAY, clerk, sessions=[])
        assert cancels(MONDAY, clerk)[0] == 3
        with pytest.raises(day_actions.NothingPlanned):
            cancels(MONDAY, clerk, sessions=shown)


def test_a_day_that_the_city_put_off_waits_for_the_office_and_says_so_to_families(north):
    """Not "fetch the child at the usual hour": there is no school."""
    with in_school(north):
        two_of_a_day()
        clerk = makers.a_user("clerk")
    says(MONDAY, is_open=False, reason="台风，全市停课")
    with in_school(north):
        assert changed(MONDAY) == [
            day_queries.ChangedDay(MONDAY, False, "台风，全市停课", planned=2, missing=0)
        ]
        (line,) = [each for each in waiting.waiting_for(clerk, NOON) if "校历" in str(each.title)]
        assert (line.title, line.url) == ("市里改了校历，有 1 天的服务要取消或补生成", "/desk/sessions/days/")
        cancels(MONDAY, clerk, reason="台风，全市停课")
        assert Notice.objects.get().body.startswith(
            f"{MONDAY} 按校历不上课，课后服务取消。原因：台风，全市停课。"
        )
        assert changed(MONDAY) == []


def test_one_session_of_a_day_without_school_does_not_send_families_to_the_gate(north):
    with in_school(north):
        gate = a_gate(1)
    says(MONDAY, is_open=False)
    with in_school(north):
        actions.cancel_session(session=gate.session, reason="台风", by=makers.a_user("clerk"), now=NOON)
        assert Notice.objects.get().body == f"{MONDAY} 按校历不上课，“作业辅导”取消。原因：台风。本次不收费。"


def test_a_day_that_became_a_school_day_lacks_its_timetable(north):
    """A Saturday that runs Monday's; not where nothing was made yet, and not twice."""
    with in_school(north):
        plan = makers.a_plan()
        homework, _football = makers.an_activity(plan), makers.an_activity(plan, title="足球", weekday=2)
    says(SATURDAY, is_open=True, weekday=1, reason="补课")
    with in_school(north):
        assert changed(MONDAY) == []
        makers.a_session(homework, day=MONDAY)
        (found,) = changed(MONDAY)
        assert (found.date, found.is_school_day, found.planned, found.missing) == (SATURDAY, True, 0, 1)
        assert changed(SATURDAY + timedelta(days=1)) == []
        actions.make_sessions(plan=plan, school=north, by=None, now=NOON)
        assert changed(MONDAY) == []


def test_a_districts_own_day_goes_before_the_citys_and_anothers_does_not_count(north, south):
    with in_school(north):
        two_of_a_day()
    says(MONDAY, is_open=False)
    says(MONDAY, is_open=True, district=north.district, reason="本区照常")
    with in_school(north):
        assert changed(MONDAY) == []
    with in_city():
        CalendarOverride.objects.all().delete()
    says(MONDAY, is_open=False, district=south.district)
    with in_school(north):
        assert bool(changed(MONDAY)) == (north.district_id == south.district_id)


def test_what_is_to_be_done_is_one_query(north, django_assert_num_queries):
    with in_school(north):
        two_of_a_day()
    for days in range(4):
        says(MONDAY + timedelta(days=days), is_open=False)
    with in_school(north), django_assert_num_queries(1):
        changed(MONDAY)


# --- the pages ---------------------------------------------------------------------------------------------------


def a_day_ahead(school):
    day = MONDAY + timedelta(days=1)
    with in_school(school):
        gate = a_gate(1, day=day)
    return day, gate


def test_the_office_cancels_a_day_by_the_pages(north):
    day, gate = a_day_ahead(north)
    clerk = as_role(north, "clerk")
    assert "服务场次与校历一致" in clerk.get("/desk/sessions/days/").content.decode()
    says(day, is_open=False)
    page = clerk.get("/desk/sessions/days/").content.decode()
    assert "改为不上课（台风停课），还有 1 次服务没有取消" in page
    address = f"/desk/sessions/days/cancel/?day={day}"
    page = clerk.get(address).content.decode()
    assert "作业辅导" in page
    assert "开始之前还能恢复" in page
    assert "台风停课</textarea>" in page
    sent = {"reason": "台风停课", "sessions": str(gate.session.pk)}
    said = clerk.post(address, sent, follow=True).content.decode()
    assert f"已取消 {day} 的 1 次服务，已通知 1 位家长" in said
    again = clerk.post(address, sent)
    assert again.status_code == 400
    assert "没有待开始的服务" in again.content.decode()


@pytest.mark.parametrize("sessions", ["", "x", "\x00", "00000000-0000-0000-0000-000000000000"])
def test_what_no_page_sends_cancels_nothing(north, sessions):
    day, gate = a_day_ahead(north)
    clerk = as_role(north, "clerk")
    found = clerk.post(f"/desk/sessions/days/cancel/?day={day}", {"reason": "台风", "sessions": sessions})
    assert found.status_code == 400
    with in_school(north):
        gate.session.refresh_from_db()
        assert gate.session.state == SessionState.PLANNED


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01"])
def test_a_day_that_is_none_is_said_at_the_field(north, day):
    found = as_role(north, "clerk").get(f"/desk/sessions/days/cancel/?day={day}")
    assert found.status_code == 400
    assert "日期" in found.content.decode()


def test_a_day_that_is_over_is_refused_before_anybody_is_asked_and_the_others_stay_listed(north):
    """Not "sessions agree with the calendar" beside a slip of the hand."""
    day, _gate = a_day_ahead(north)
    says(day, is_open=False)
    found = as_role(north, "clerk").get(f"/desk/sessions/days/cancel/?day={MONDAY - timedelta(days=1)}")
    page = found.content.decode()
    assert found.status_code == 400
    assert "这一天已经过去，不能再取消" in page
    assert "还有 1 次服务没有取消" in page
    assert "服务场次与校历一致" not in page


def test_a_teacher_cancels_no_day(north):
    day, _gate = a_day_ahead(north)
    teacher = as_role(north, "care_staff")
    assert teacher.get("/desk/sessions/days/").status_code == 403
    assert teacher.get(f"/desk/sessions/days/cancel/?day={day}").status_code == 403
