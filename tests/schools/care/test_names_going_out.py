"""No text of this room takes a child's name to other families (architecture §6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from schools.care import alarm_actions, incident_actions, room_actions
from schools.care.models import Alarm, Incident
from schools.notices.models import Delivery, Notice
from schools.people.models import WordQuestion
from tenants.context import in_school
from tenants.exchange.names import NamesAChild
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, item, logged_in, minutes, opened, send
from tests.schools.care.test_onward import a_later_one, a_leader

pytestmark = pytest.mark.usefixtures("at_four")
NAME = "欧阳紫涵"
NIGHT = FOUR + timedelta(hours=8, minutes=30)
"""Half past midnight."""


@pytest.fixture
def scene(north):
    """Two children, one of a name that nobody else has; a larger room and the office."""
    with in_school(north):
        gate = opened(2)
        child = gate.pupils[1]
        child.name = NAME
        child.save()
        gate.leader, contract = a_leader()
        makers.a_duty(gate.session, contract, role="leader")
        gate.clerk = makers.a_user("clerk")
        return gate


class TestRooms:
    """Families and teachers read why a room changes."""

    @pytest.fixture
    def move(self, north):
        with in_school(north):
            gate = a_gate(1)
            gate.pupils[0].name = NAME
            gate.pupils[0].save()
            gate.hall = makers.a_room(name="大礼堂", places=400)
            gate.clerk = makers.a_user("clerk")
            return gate

    def test_the_reason_names_no_child(self, north, move):
        with in_school(north):
            with pytest.raises(NamesAChild):
                room_actions.move_sessions(
                    sessions=[move.session], to=move.hall, reason=f"{NAME}打碎了窗户", by=move.clerk, now=FOUR
                )
            assert not Notice.objects.exists()

    def test_the_page_says_so_at_the_reason_and_leaves_a_question(self, north, move):
        with in_school(north):
            client = logged_in(north, move.clerk)
        said = {"to": str(move.hall.pk), "reason": f"{NAME}打碎了窗户", "sessions": str(move.session.pk)}
        page = client.post(f"/desk/sessions/{move.session.pk}/room/", said)
        assert page.status_code == 400
        assert "某学生" in page.content.decode()
        with in_school(north):
            assert WordQuestion.objects.get().found == NAME


def report(gate, summary, pupil=0, **more):
    return incident_actions.report_incident(
        session=gate.session, pupil=None if pupil is None else gate.pupils[pupil], summary=summary,
        happened_at=FOUR, by=gate.teacher, now=FOUR, **more,
    )  # fmt: skip


class TestIncidents:
    """An emergency is never held back: the letter goes out without the other child's name, the record keeps it."""

    def test_another_childs_name_does_not_go_to_a_family(self, north, scene):
        with in_school(north):
            incident = report(scene, f"和{NAME}相撞，擦伤。")
            body = Notice.objects.get().body
            assert NAME not in body
            assert "和某学生相撞，擦伤。" in body
            assert NAME in Incident.objects.get(pk=incident.pk).summary

    def test_written_with_a_gap_it_does_not_go_either(self, north, scene):
        with in_school(north):
            report(scene, "和欧阳 紫涵相撞。")
            body = Notice.objects.get().body
            assert "紫涵" not in body
            assert "向学校了解" in body

    def test_the_own_childs_name_may_stand(self, north, scene):
        with in_school(north):
            report(scene, f"{NAME}跌倒。", pupil=1)
            assert NAME in Notice.objects.get().body

    def test_what_only_staff_read_keeps_its_words(self, north, scene):
        with in_school(north):
            report(scene, f"{NAME}跌倒。", pupil=None)
            assert NAME in Notice.objects.get().body


def test_an_incident_reported_after_midnight_stands_on_the_night_on_which_it_was(north, scene, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)
    with in_school(north):
        client = logged_in(north, scene.teacher)
        child = str(scene.pupils[0].pk)
    url = f"/care/sessions/{scene.session.pk}/incident/"
    for said, happened in (("00:30", NIGHT), ("23:50", NIGHT - minutes(40)), ("16:20", FOUR + minutes(20))):
        assert client.post(url, {"pupil": child, "summary": "发烧", "happened": said}).status_code == 302
        with in_school(north):
            assert Incident.objects.latest("pk").happened_at == happened
    late = client.post(url, {"pupil": child, "summary": "发烧", "happened": "03:00"})
    assert late.status_code == 400
    assert "不能晚于现在" in late.content.decode()


def test_a_room_that_changes_while_a_child_is_on_its_way_is_told_at_once_to_who_sent_it(north, scene):
    """S24: the sender, who answers for the child on the way, and who waits for it: on their phones."""
    with in_school(north):
        child = scene.pupils[0]
        later = a_later_one(scene, child)
        send(
            scene,
            item("present", scene, child),
            item("next", scene, child, at=FOUR + minutes(1)),
            now=FOUR + minutes(1),
        )
        hall = makers.a_room(name="大礼堂", places=400)
        room_actions.move_sessions(
            sessions=[later.session], to=hall, reason="漏水", by=scene.clerk, now=FOUR + minutes(5)
        )
        urgent = Delivery.objects.filter(dispatch__isnull=False)
        assert {row.user for row in urgent} == {scene.teacher, scene.leader, later.teacher}
        body = urgent.first().notice.body
        for word in ("大礼堂", child.name, scene.session.activity.title, later.session.activity.title):
            assert word in body
        assert not urgent.filter(guardian__isnull=False).exists()


def test_a_child_that_has_arrived_or_was_called_back_is_on_no_way(north, scene):
    with in_school(north):
        child = scene.pupils[0]
        later = a_later_one(scene, child)
        send(
            scene,
            item("present", scene, child),
            item("next", scene, child, at=FOUR + minutes(1)),
            item("undo", scene, child, at=FOUR + minutes(2)),
            now=FOUR + minutes(2),
        )
        hall = makers.a_room(name="大礼堂", places=400)
        room_actions.move_sessions(
            sessions=[later.session], to=hall, reason="漏水", by=scene.clerk, now=FOUR + minutes(5)
        )
        assert not Delivery.objects.filter(dispatch__isnull=False).exists()


def test_an_alarm_that_is_seen_at_the_same_moment_is_raised_anew(north, scene, monkeypatch):
    """Between the row that stood in the way and the look at it: nobody's request dies of it."""
    with in_school(north):
        steps = {
            "session": scene.session,
            "pupil": scene.pupils[0],
            "at": FOUR,
            "by": scene.teacher,
            "now": FOUR,
        }
        first = alarm_actions.missing(**steps)
        manager = type(Alarm.objects)
        create = manager.bulk_create

        def seen_meanwhile(self, *args, **more):
            made = create(self, *args, **more)
            monkeypatch.setattr(manager, "bulk_create", create)
            alarm_actions.see(alarm=first, by=scene.leader, now=FOUR)
            return made

        monkeypatch.setattr(manager, "bulk_create", seen_meanwhile)
        second = alarm_actions.missing(**steps)
        assert second.pk != first.pk
        assert Alarm.objects.filter(seen_at=None).get() == second
