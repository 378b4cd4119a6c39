"""The gate's pages on a phone: own sessions only, one tap a state, an alarm that fills the screen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afterbell.audit.models import Entry
from schools.care import roll_actions
from schools.care.models import Incident, Session
from schools.care.states import SessionState
from schools.notices.models import Delivery
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, enrol, entry, logged_in, opened, states

pytestmark = pytest.mark.usefixtures("at_four")


@pytest.fixture
def gate(north):
    """Three children, roll call begun."""
    with in_school(north):
        return opened(3)


@pytest.fixture
def phone(north, gate):
    with in_school(north):
        return logged_in(north, gate.teacher)


def page(gate, *parts):
    return "/".join(["", "care", "sessions", str(gate.session.pk), *map(str, parts), ""])


def test_a_teacher_sees_todays_sessions_of_her_own(north, phone, gate):
    with in_school(north):
        other = makers.a_session(makers.an_activity(gate.session.activity.plan, title="别人的篮球"))
        makers.a_session(gate.session.activity, day=makers.MONDAY + timedelta(days=7), contract=gate.contract)
    text = phone.get("/care/").content.decode()
    assert text.count("作业辅导") >= 1
    assert "别人的篮球" not in text
    assert phone.get(f"/care/sessions/{other.pk}/").status_code == 404


def test_nobody_comes_in_without_the_right(north, gate):
    """404 for others' sessions, 403 for the whole section."""
    with in_school(north):
        clerk, stranger = (logged_in(north, makers.a_user(role)) for role in ("clerk", "care_staff"))
    assert clerk.get("/care/").status_code == 403
    assert stranger.get(page(gate)).status_code == 404
    assert stranger.post(page(gate, "tap"), {"present": gate.pupils[0].pk}).status_code == 404
    assert stranger.post(page(gate, "close"), {"note": "完"}).status_code == 404


def test_one_tap_marks_a_child_and_counts_follow(north, phone, gate):
    answer = phone.post(page(gate, "tap"), {"present": gate.pupils[0].pk}, follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "应到<b>3</b>" in text
    assert "实到<b>1</b>" in text
    with in_school(north):
        assert states(gate) == ["present", "expected", "expected"]


def test_with_script_the_same_tap_brings_the_list_anew(phone, gate):
    answer = phone.post(page(gate, "tap"), {"absent": gate.pupils[0].pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="roll"' in answer.content.decode()
    assert 'id="counts"' in answer.content.decode()


def test_a_second_tap_is_no_error(phone, gate):
    """Bad input of issue 3: double submit, back button."""
    for _ in range(2):
        assert phone.post(page(gate, "tap"), {"present": gate.pupils[0].pk}, follow=True).status_code == 200


@pytest.mark.parametrize("sent", [{}, {"present": "x"}, {"fly": "1"}])
def test_nonsense_is_not_there(phone, gate, sent):
    assert phone.post(page(gate, "tap"), sent).status_code == 404


def test_a_foreign_childs_id_is_not_there(south, phone, gate):
    """Bad input of issue 3: another school's child id."""
    with in_school(south):
        foreign = makers.a_pupil()
    assert phone.post(page(gate, "tap"), {"present": foreign.pk}).status_code == 404
    assert phone.get(page(gate, "children", foreign.pk)).status_code == 404


def test_the_handover_page_offers_registered_adults_and_hands_the_child_over(north, phone, gate):
    """S24."""
    child, parent = gate.pupils[0], gate.guardians[0]
    phone.post(page(gate, "tap"), {"present": child.pk})
    text = phone.get(page(gate, "children", child.pk)).content.decode()
    assert str(parent.pk) in text
    assert str(gate.guardians[1].pk) not in text
    answer = phone.post(page(gate, "children", child.pk), {"collector": parent.pk}, follow=True)
    assert "已交给" in answer.content.decode()
    with in_school(north):
        assert entry(gate, child).state == "left"
    stranger = phone.post(page(gate, "children", gate.pupils[1].pk), {"collector": parent.pk})
    assert stranger.status_code == 404


def test_a_hit_of_the_deny_list_fills_the_screen_and_stays_on_record(north, phone, gate):
    """S24: the request is answered, not rolled back."""
    child = gate.pupils[0]
    with in_school(north):
        uncle = makers.a_guardian(name="王五")
        makers.a_tie(uncle, child, is_denied=True, denied_reason="法院禁止")
    phone.post(page(gate, "tap"), {"present": child.pk})
    answer = phone.post(page(gate, "children", child.pk), {"collector": uncle.pk})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "不要交接" in text
    assert "ab-children" not in text
    with in_school(north):
        assert Entry.objects.filter(verb="care.handover.denied").count() == 1
        assert entry(gate, child).state == "present"


def test_the_close_page_says_who_is_missing_and_then_takes_the_record(north, phone, gate):
    """S22, S24."""
    text = phone.get(page(gate, "close")).content.decode()
    assert "还有 3 名学生" in text
    answer = phone.post(page(gate, "close"), {"note": "完"})
    assert answer.status_code == 400
    for pupil in gate.pupils:
        phone.post(page(gate, "tap"), {"absent": pupil.pk})
    assert phone.post(page(gate, "close"), {"note": ""}).status_code == 400
    assert phone.post(page(gate, "close"), {"note": "作业辅导，无异常"}).status_code == 302
    with in_school(north):
        assert Session.objects.get(pk=gate.session.pk).state == SessionState.CLOSED


def test_a_session_of_yesterday_is_shown_and_cannot_be_changed(north, phone, gate, monkeypatch):
    """Bad input of issue 3: a session of yesterday. S22."""
    monkeypatch.setattr(timezone, "now", lambda: FOUR + timedelta(days=1))
    with in_school(north):
        again = logged_in(north, gate.teacher)
    text = again.get(page(gate)).content.decode()
    assert "带班领导补记" in text
    assert 'name="present"' not in text
    answer = again.post(page(gate, "tap"), {"present": gate.pupils[0].pk})
    assert answer.status_code == 409
    with in_school(north):
        assert states(gate) == ["expected"] * 3


def test_a_planned_session_is_opened_by_a_button_and_twice_is_once(north):
    with in_school(north):
        gate = a_gate(2)
        phone = logged_in(north, gate.teacher)
    for _ in range(2):
        assert phone.post(page(gate, "open"), follow=True).status_code == 200
    with in_school(north):
        assert states(gate) == ["expected", "expected"]


def test_an_incident_tells_the_parents_and_the_duty_leader_at_once(north, phone, gate):
    """S23: delivery is recorded, and the reporter sees who was told."""
    with in_school(north):
        leader = makers.a_user("care_staff", name="张校长")
        makers.a_duty(gate.session, makers.a_contract(user=leader), role="leader")
        uncle = makers.a_guardian()
        makers.a_tie(uncle, gate.pupils[0], is_denied=True, denied_reason="法院禁止")
    said = {"pupil": gate.pupils[0].pk, "summary": "跑步时摔倒，膝盖擦伤，已消毒。", "happened": "15:55"}
    answer = phone.post(page(gate, "incident"), said, follow=True)
    assert "张校长" in answer.content.decode()
    with in_school(north):
        incident = Incident.objects.get()
        told = Delivery.objects.filter(notice=incident.notice_id)
        assert {(row.guardian, row.user) for row in told} == {(gate.guardians[0], None), (None, leader)}
        assert Entry.objects.filter(verb="care.incident.report").exists()


@pytest.mark.parametrize(
    "wrong", [{"happened": "23:59"}, {"summary": ""}, {"pupil": "0198f1f6-0000-7000-8000-000000000000"}]
)
def test_an_incident_of_the_future_or_of_another_child_is_refused(north, phone, gate, wrong):
    said = {"pupil": gate.pupils[0].pk, "summary": "摔倒", "happened": "15:55", **wrong}
    assert phone.post(page(gate, "incident"), said).status_code == 400
    with in_school(north):
        assert not Incident.objects.exists()


@pytest.mark.parametrize("parts", [(), ("close",), ("incident",)])
def test_a_page_of_the_gate_asks_as_much_for_thirty_children_as_for_three(north, gate, phone, parts):
    """≤ 20 queries whatever the size."""
    counts = []
    for children in (3, 27):
        with CaptureQueriesContext(connection) as queries:
            assert phone.get(page(gate, *parts)).status_code == 200
        counts.append(len(queries))
        with in_school(north):
            for _ in range(children):
                agreement = gate.agreements[gate.pupils.index(enrol(gate))]
                makers.a_roll_entry(gate.session, agreement)
    assert counts[0] == counts[1] <= 20


def test_todays_list_asks_as_much_for_many_sessions(north, gate, phone):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert phone.get("/care/").status_code == 200
        counts.append(len(queries))
        with in_school(north):
            for _more in range(5):
                activity = makers.an_activity(gate.session.activity.plan)
                makers.a_session(activity, contract=gate.contract)
    assert counts[0] == counts[1] <= 20


def test_a_dismissed_teachers_phone_shows_nothing(north, phone, gate):
    """Bad input of issue 3: a dismissed teacher. S19."""
    with in_school(north):
        gate.contract.state, gate.contract.ended_date = "dismissed", makers.MONDAY
        gate.contract.save()
    assert phone.get(page(gate)).status_code == 404
    assert phone.post(page(gate, "close"), {"note": "完"}).status_code == 404
    with in_school(north), pytest.raises(roll_actions.refusals.NotYours):
        roll_actions.close_session(session=gate.session, note="完", by=gate.teacher, now=FOUR)
