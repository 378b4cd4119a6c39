"""The desk's pages of care, and the guardian's "where is my child"."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afterbell.accounts.models import User
from schools.care import incident_actions, roll_actions
from schools.care.models import Duty, Incident, Room, Session
from schools.care.states import IncidentState, SessionState
from schools.people.models import Tie
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, entry, logged_in, minutes, opened

pytestmark = pytest.mark.usefixtures("at_four")


@pytest.fixture
def gate(north):
    with in_school(north):
        return opened(2)


def as_role(school, role):
    with in_school(school):
        return logged_in(school, makers.a_user(role))


def test_rooms_are_registered_and_changed(north):
    """S2, S34."""
    clerk = as_role(north, "clerk")
    said = {"name": "操场", "places": "200", "condition": "good"}
    assert clerk.post("/desk/rooms/new/", said).status_code == 302
    assert clerk.post("/desk/rooms/new/", said).status_code == 400  # double submit
    with in_school(north):
        room = Room.objects.get(name="操场")
    assert clerk.post(f"/desk/rooms/{room.pk}/", {**said, "condition": "repair"}).status_code == 302
    assert "待维修" in clerk.get("/desk/rooms/").content.decode()
    assert as_role(north, "care_staff").get("/desk/rooms/").status_code == 403


def test_the_office_makes_the_terms_sessions_by_a_button(north):
    """S21."""
    with in_city():
        makers.a_term()
        makers.a_policy(ready.document("seed"))
    clerk = as_role(north, "clerk")
    with in_school(north):
        makers.an_activity(makers.a_plan(first_date=date(2026, 9, 1), last_date=date(2026, 9, 30)))
    text = clerk.post("/desk/sessions/make/", follow=True).content.decode()
    assert "新生成 4 次服务" in text
    with in_school(north):
        assert Session.objects.count() == 4


def test_without_a_published_plan_the_button_says_so(north):
    assert as_role(north, "clerk").post("/desk/sessions/make/").status_code == 409


def test_care_staff_see_their_own_records_and_nobody_elses(north, gate):
    """404 for others'."""
    with in_school(north):
        mine, others = logged_in(north, gate.teacher), as_role(north, "care_staff")
    assert mine.get(f"/desk/sessions/{gate.session.pk}/").status_code == 200
    assert others.get(f"/desk/sessions/{gate.session.pk}/").status_code == 404
    assert "作业辅导" not in others.get("/desk/sessions/").content.decode()


def test_the_list_is_filtered_by_the_address(north, gate):
    clerk = as_role(north, "clerk")
    assert "作业辅导" in clerk.get("/desk/sessions/").content.decode()
    assert "作业辅导" in clerk.get("/desk/sessions/?state=open").content.decode()
    assert "作业辅导" not in clerk.get("/desk/sessions/?state=closed").content.decode()
    assert "作业辅导" not in clerk.get("/desk/sessions/?unstaffed=on").content.decode()
    assert "作业辅导" not in clerk.get("/desk/sessions/?first=2026-09-08").content.decode()
    assert clerk.get("/desk/sessions/?first=x&state=y&page=z&sort=q").status_code == 200


def test_a_session_is_cancelled_with_a_reason(north):
    with in_school(north):
        session = a_gate(1).session
    clerk = as_role(north, "clerk")
    assert clerk.post(f"/desk/sessions/{session.pk}/cancel/", {"reason": ""}).status_code == 400
    text = clerk.post(
        f"/desk/sessions/{session.pk}/cancel/", {"reason": "台风"}, follow=True
    ).content.decode()
    assert "已通知 1 位家长" in text
    assert clerk.post(f"/desk/sessions/{session.pk}/cancel/", {"reason": "台风"}).status_code == 400


def test_people_are_assigned_substituted_swapped_and_taken_off(north):
    """S21."""
    clerk = as_role(north, "clerk")
    with in_school(north):
        plan = makers.a_plan()
        one, two = (makers.a_session(makers.an_activity(plan)) for _ in range(2))
        ann, ben, eve = (makers.a_contract() for _ in range(3))
        makers.a_contract(until_date=date(2026, 9, 2))  # not cleared on the day: not offered

    def put(session, contract):
        address = f"/desk/sessions/{session.pk}/duty/responsible/"
        return clerk.post(address, {"person": contract.clearance.pk}).status_code

    def on(session):
        with in_school(north):
            return Duty.objects.get(session=session).clearance_id

    assert clerk.get(f"/desk/sessions/{one.pk}/duty/responsible/").content.decode().count("<option") == 4
    assert put(one, ann) == 302
    assert put(two, ann) == 400  # busy: not on the list
    assert put(two, ben) == 302
    assert put(one, eve) == 302
    assert on(one) == eve.clearance.pk
    with in_school(north):
        first, second = Duty.objects.get(session=one), Duty.objects.get(session=two)
    assert clerk.post(f"/desk/duties/{first.pk}/swap/", {"other": second.pk}).status_code == 302
    assert on(one) == ben.clearance.pk
    with in_school(north):
        duty = Duty.objects.get(session=one)
    assert clerk.post(f"/desk/duties/{duty.pk}/off/").status_code == 302
    assert clerk.post(f"/desk/duties/{duty.pk}/off/").status_code == 404  # the back button
    assert clerk.get(f"/desk/sessions/{one.pk}/duty/king/").status_code == 404


def test_a_whole_series_is_assigned_by_one_form(north):
    clerk = as_role(north, "clerk")
    with in_school(north):
        activity, contract = makers.an_activity(), makers.a_contract()
        for day in (7, 14, 21):
            makers.a_session(activity, day=date(2026, 9, day))
    said = {"person": contract.clearance.pk, "role": "responsible"}
    text = clerk.post(f"/desk/duties/activity/{activity.pk}/", said, follow=True).content.decode()
    assert "已排班 3 次" in text


def test_everybody_of_the_staff_reads_the_weeks_roster(north, gate):
    """S21."""
    text = as_role(north, "class_teacher").get("/desk/duties/?day=2026-09-09").content.decode()
    assert "陈静" in text
    assert "作业辅导" in text
    assert as_role(north, "guardian").get("/desk/duties/").status_code == 403
    assert as_role(north, "clerk").get("/desk/duties/?day=nonsense").status_code == 200


def test_a_leader_mends_a_past_session_and_a_clerk_does_not(north, gate, monkeypatch):
    """S22, S24: a session of yesterday."""
    here, nobody_called = gate.pupils
    with in_school(north):
        roll_actions.mark_present(session=gate.session, pupil=here, by=gate.teacher, now=FOUR)
    address = f"/desk/sessions/{gate.session.pk}/mend/"
    today = as_role(north, "deputy")
    assert today.post(address, {"note": "补"}).status_code == 404  # it is the teacher's own
    monkeypatch.setattr(timezone, "now", lambda: FOUR + timedelta(days=1))
    deputy, clerk = as_role(north, "deputy"), as_role(north, "clerk")
    assert clerk.post(address, {"note": "补"}).status_code == 403
    assert deputy.post(address, {"note": "补"}).status_code == 400
    assert deputy.post(f"{address}{nobody_called.pk}/absent/").status_code == 302
    said = {"collector": gate.guardians[0].pk, "at": "17:20"}
    wrong = {"collector": gate.guardians[1].pk, "at": "17:20"}
    assert (
        deputy.post(f"{address}{here.pk}/", wrong).status_code == 400
    )  # another child's parent is not offered
    assert deputy.post(f"{address}{here.pk}/", said).status_code == 302
    assert deputy.post(address, {"note": "手机没电"}).status_code == 302
    with in_school(north):
        row = Session.objects.get(pk=gate.session.pk)
        assert (row.state, "带班领导补记" in row.note) == (SessionState.CLOSED, True)
        assert entry(gate, here).left_at == FOUR + minutes(80)


def an_incident(gate):
    return incident_actions.report_incident(
        session=gate.session,
        pupil=gate.pupils[0],
        summary="摔倒擦伤",
        happened_at=FOUR,
        by=gate.teacher,
        now=FOUR,
    )


def test_a_leader_closes_an_incident_with_an_outcome(north, gate):
    """S23."""
    with in_school(north):
        incident = an_incident(gate)
        reporter = logged_in(north, gate.teacher)
    deputy, stranger = as_role(north, "deputy"), as_role(north, "care_staff")
    address = f"/desk/incidents/{incident.pk}/"
    assert reporter.get(address).status_code == 200
    assert reporter.post(address, {"outcome": "好了"}).status_code == 404
    assert stranger.get(address).status_code == 404
    assert "处理中" in deputy.get("/desk/incidents/?state=open").content.decode()
    assert deputy.post(address, {"outcome": ""}).status_code == 400
    assert deputy.post(address, {"outcome": "已送医，家长已接走。"}).status_code == 302
    assert deputy.post(address, {"outcome": "再次"}).status_code == 404
    with in_school(north):
        row = Incident.objects.get()
        assert (row.state, row.closed_at, row.outcome) == (IncidentState.CLOSED, FOUR, "已送医，家长已接走。")


def test_an_incident_is_written_down_where_nobody_can_be_told(north, gate):
    """S23: the record does not depend on the notice."""
    with in_school(north):
        Tie.objects.update(may_sign=False, may_collect=False)
        User.objects.filter(assignments__role="principal").update(is_active=False)
        assert an_incident(gate).notice_id is None


def test_a_parent_sees_where_the_child_is_and_who_took_it(north, gate):
    """S24."""
    child = gate.pupils[0]
    with in_school(north):
        account = makers.a_user("guardian", name="李强")
        parent = gate.guardians[0]
        parent.user, parent.name = account, "李强"
        parent.save()
        phone = logged_in(north, account)
    address = f"/family/children/{child.pk}/today/"
    assert "还没有点到" in phone.get(address).content.decode()
    steps = {"session": gate.session, "pupil": child, "by": gate.teacher}
    with in_school(north):
        roll_actions.mark_present(**steps, now=FOUR)
    assert "16:00 到" in phone.get(address).content.decode()
    with in_school(north):
        roll_actions.hand_over(**steps, collector=parent, now=FOUR + minutes(80))
    assert "17:20 已交给 李强" in phone.get(address).content.decode()
    assert phone.get(f"/family/children/{gate.pupils[1].pk}/today/").status_code == 404  # another's child
    with in_school(north):
        Tie.objects.filter(pupil=child).update(
            may_sign=False, may_collect=False, is_denied=True, denied_reason="法院"
        )
    assert phone.get(address).status_code == 404


def test_a_parent_of_another_school_finds_nothing(north, south, gate):
    """Bad input of issue 3: another school's child id."""
    with in_school(south):
        account = makers.a_user("guardian")
        makers.a_guardian(makers.a_pupil(), user=account)
        phone = logged_in(south, account)
    assert phone.get(f"/family/children/{gate.pupils[0].pk}/today/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/desk/sessions/",
        "/desk/duties/",
        "/desk/incidents/",
        "/desk/rooms/",
        "session",
        "duty",
        "incident",
        "child",
    ],
)
def test_a_page_asks_as_much_at_a_large_school_as_at_a_small_one(north, gate, address):
    """≤ 20 queries whatever the size."""
    with in_school(north):
        incident = an_incident(gate)
        account = makers.a_user("guardian")
        gate.guardians[0].user = account
        gate.guardians[0].save()
        parent = logged_in(north, account)
    deputy = as_role(north, "deputy")
    address = {
        "session": f"/desk/sessions/{gate.session.pk}/",
        "duty": f"/desk/sessions/{gate.session.pk}/duty/responsible/",
        "incident": f"/desk/incidents/{incident.pk}/",
        "child": f"/family/children/{gate.pupils[0].pk}/today/",
    }.get(address, address)
    browser = parent if "family" in address else deputy
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))
        with in_school(north):
            for _more in range(6):
                makers.a_session(makers.an_activity(gate.session.activity.plan), contract=makers.a_contract())
                makers.a_roll_entry(gate.session, makers.an_agreement(plan=gate.session.activity.plan))
                an_incident(gate)
    assert counts[0] == counts[1] <= 20


def test_a_series_offers_who_is_hired_for_its_days_before_the_contract_begins(north):
    """S21: the roster of a term is made before the term; who is cleared on none of its days is not offered."""
    clerk = as_role(north, "clerk")
    with in_school(north):
        activity = makers.an_activity()
        for day in (14, 21):
            makers.a_session(activity, day=date(2026, 9, day))
        coming = makers.a_contract(from_date=date(2026, 9, 14))
        over = makers.a_contract(until_date=date(2026, 9, 13))
        between = makers.a_contract(from_date=date(2026, 9, 15), until_date=date(2026, 9, 20))
    address = f"/desk/duties/activity/{activity.pk}/"
    text = clerk.get(address).content.decode()
    assert str(coming.clearance.pk) in text
    assert str(over.clearance.pk) not in text
    assert str(between.clearance.pk) not in text
    said = {"person": coming.clearance.pk, "role": "responsible"}
    assert "已排班 2 次" in clerk.post(address, said, follow=True).content.decode()


def test_a_list_with_nobody_in_it_says_why(north):
    """No dead end: nobody is cleared on those days, or there is nothing left to staff."""
    clerk = as_role(north, "clerk")
    with in_school(north):
        activity = makers.an_activity()
        session = makers.a_session(activity)
    for page in (f"/desk/duties/activity/{activity.pk}/", f"/desk/sessions/{session.pk}/duty/leader/"):
        assert "没有可以排班的人" in clerk.get(page).content.decode()
    with in_school(north):
        makers.a_duty(session, makers.a_contract())
        makers.a_duty(session, makers.a_contract(), role="leader")
    text = clerk.get(f"/desk/duties/activity/{activity.pk}/").content.decode()
    assert "今后没有待排班的服务" in text
