"""What a teacher did before being replaced happened, whenever the phone sends it; what comes after did not (S21, S22)."""

from datetime import timedelta

import pytest

from schools.care import duty_actions
from schools.care.models import Duty, DutyRole, Handover, LateDeed, PastDuty, Session
from schools.staffing import clearance_actions
from schools.staffing.models import Clearance
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import (
    FOUR,
    a_gate,
    count_is_right,
    item,
    logged_in,
    minutes,
    opened,
    send,
    states,
)

pytestmark = pytest.mark.usefixtures("at_four")
REPLACED, SENT = FOUR + minutes(30), FOUR + minutes(60)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def scene(north):
    """A teacher at the gate with three children; another one who may take over; a clerk and a head."""
    with in_school(north):
        gate = opened(3)
        gate.second = makers.a_user("care_staff", name="周明")
        gate.other = makers.a_contract(user=gate.second)
        gate.clerk, gate.head = makers.a_user("clerk"), makers.a_user("principal")
        return gate


def replaces(gate, at=REPLACED):
    duty_actions.substitute(
        session=gate.session, contract=gate.other, role=DutyRole.RESPONSIBLE, by=gate.clerk, now=at
    )


def takes_off(gate, at=REPLACED):
    duty_actions.take_off(duty=Duty.objects.get(), by=gate.clerk, now=at)


def swaps(gate, at=REPLACED):
    other = makers.a_session(
        makers.an_activity(gate.session.activity.plan, title="象棋"), contract=gate.other
    )
    first, second = Duty.objects.get(session=gate.session), Duty.objects.get(session=other)
    duty_actions.swap(first=first, second=second, by=gate.clerk, now=at)


def releases(gate, at=REPLACED):
    clearance = Clearance.objects.get(contract=gate.contract)
    duty_actions.release(clearance_id=clearance.pk, after=gate.session.date - ONE_DAY, by=gate.clerk, now=at)


def kept(gate):
    """The first child came and was handed over."""
    child, adult = gate.pupils[0], gate.guardians[0]
    return [
        item("present", gate, child, at=FOUR + minutes(5)),
        item("handover", gate, child, at=FOUR + minutes(20), collector=str(adult.pk)),
    ]


class TestBeforeTheReplacement:
    @pytest.mark.parametrize("deed", [replaces, takes_off, swaps, releases])
    def test_it_is_taken_and_the_leader_sees_it(self, north, scene, deed):
        with in_school(north):
            deed(scene)
            assert send(scene, *kept(scene), now=SENT) == ["applied", "applied"]
            assert states(scene) == ["left", "expected", "expected"]
            assert Handover.objects.get().by == scene.teacher
            assert count_is_right(scene.session)
            assert LateDeed.objects.count() == 2
            browser = logged_in(north, scene.head)
        assert "2 条登记是隔天或换班后补传的" in browser.get("/desk/").content.decode()
        page = browser.get(f"/desk/sessions/{scene.session.pk}/").content.decode()
        assert "补传的登记" in page
        assert "陈静" in page

    def test_of_one_batch_each_id_has_its_own_answer(self, north, scene):
        with in_school(north):
            replaces(scene)
            later = item("present", scene, scene.pupils[1], at=REPLACED)
            assert send(scene, *kept(scene), later, now=SENT) == ["applied", "applied", "care.replaced"]
            assert states(scene) == ["left", "expected", "expected"]
            assert LateDeed.objects.count() == 3
            assert send(scene, later, now=SENT) == ["care.replaced"]

    def test_within_the_profiles_days_it_is_taken_the_next_day_too(self, north, scene):
        with in_school(north):
            replaces(scene)
            assert send(scene, *kept(scene), now=FOUR + ONE_DAY) == ["applied", "applied"]
            assert send(scene, item("absent", scene, scene.pupils[1]), now=FOUR + 9 * ONE_DAY) == [
                "care.too_late"
            ]

    def test_it_may_open_and_close_as_it_was_responsible(self, north):
        with in_school(north):
            gate = a_gate(1)
            gate.second = makers.a_user("care_staff")
            gate.other, gate.clerk = makers.a_contract(user=gate.second), makers.a_user("clerk")
            replaces(gate)
            said = [
                item("open", gate),
                item("absent", gate, gate.pupils[0], at=FOUR + minutes(1)),
                item("close", gate, at=FOUR + minutes(29), note="平安"),
            ]
            assert send(gate, *said, now=SENT) == ["applied"] * 3
            assert Session.objects.get(pk=gate.session.pk).closed_by == gate.teacher


class TestWhoHasTakenOver:
    def test_has_the_later_word(self, north, scene):
        """An old phone neither takes back nor overwrites what came after it."""
        with in_school(north):
            replaces(scene)
            child, adult = scene.pupils[0], scene.guardians[0]
            new = [
                item("present", scene, child, at=REPLACED),
                item("handover", scene, child, at=REPLACED + minutes(5), collector=str(adult.pk)),
                item("present", scene, scene.pupils[1], at=REPLACED),
            ]
            assert send(scene, *new, by=scene.second, now=SENT) == ["applied"] * 3
            old = [
                item("undo", scene, child, at=FOUR + minutes(8)),
                item("absent", scene, scene.pupils[1], at=FOUR + minutes(9)),
                item(
                    "handover",
                    scene,
                    scene.pupils[1],
                    at=FOUR + minutes(10),
                    collector=str(scene.guardians[1].pk),
                ),
            ]
            assert send(scene, *old, now=SENT) == ["care.overtaken"] * 3
            assert states(scene) == ["left", "present", "expected"]

    def test_works_as_before(self, north, scene):
        with in_school(north):
            replaces(scene)
            assert send(scene, item("present", scene, scene.pupils[0]), by=scene.second) == ["applied"]
            assert not LateDeed.objects.exists()

    def test_who_is_put_back_is_on_duty_again(self, north, scene):
        with in_school(north):
            replaces(scene)
            scene.other = scene.contract
            replaces(scene, REPLACED + minutes(5))
            assert send(
                scene, item("present", scene, scene.pupils[0], at=REPLACED + minutes(6)), now=SENT
            ) == ["applied"]


class TestNobodyElse:
    def test_who_was_never_on_duty_there_is_not(self, north, scene):
        with in_school(north):
            replaces(scene)
            stranger = makers.a_user("care_staff")
            assert send(scene, *kept(scene), by=stranger, now=SENT) == ["care.session_not_yours"] * 2
            assert not LateDeed.objects.exists()

    def test_who_was_dismissed_writes_nothing_any_more(self, north, scene):
        """S19: the account is shut too; what the child did is for the leader to write."""
        with in_school(north):
            chair = makers.a_user("committee_chair")
            clearance_actions.dismiss(contract=scene.contract, reason="体罚", by=chair, now=REPLACED)
            assert send(scene, *kept(scene), now=SENT) == ["care.session_not_yours"] * 2

    def test_a_duty_that_ended_before_its_day_was_never_held(self, north, scene):
        with in_school(north):
            replaces(scene, FOUR - ONE_DAY)
            assert not PastDuty.objects.exists()
            assert send(scene, *kept(scene), now=SENT) == ["care.session_not_yours"] * 2
