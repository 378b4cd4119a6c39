"""A handover is judged by the rights of the hour at which it was done; what it meets by now is said in true words (S24)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from schools.care import alarms, refusals, roll_actions
from schools.care.models import Alarm, Handover
from schools.care.roll import Deed, Kind
from schools.notices.models import Delivery, Notice
from schools.people import adult_actions, lifting_actions, ties
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import (
    FOUR,
    count_is_right,
    entry,
    item,
    logged_in,
    minutes,
    opened,
    send,
    states,
)
from tests.schools.care.test_onward import a_leader

pytestmark = pytest.mark.usefixtures("at_four")
DONE, DENIED, SENT = FOUR + minutes(15), FOUR + minutes(40), FOUR + minutes(60)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def scene(north):
    """Two children; an aunt who may collect the first one, a duty leader, and the office."""
    with in_school(north):
        gate = opened(2)
        gate.leader, contract = a_leader()
        makers.a_duty(gate.session, contract, role="leader")
        gate.aunt = makers.a_guardian(name="赵阿姨")
        gate.tie = makers.a_tie(gate.aunt, gate.pupils[0], may_collect=True, may_sign=False)
        gate.clerk = makers.a_user("clerk")
        return gate


def denies(gate, at=DENIED):
    adult_actions.deny(tie=gate.tie, reason="监护人要求", by=gate.clerk, now=at)


def handed(gate, at=DONE, now=SENT):
    """What the phone kept since then: the child was there, and was given to the aunt."""
    child = gate.pupils[0]
    said = [
        item("present", gate, child, at=FOUR + minutes(10)),
        item("handover", gate, child, at=at, collector=str(gate.aunt.pk)),
    ]
    return send(gate, *said, now=now)[1]


def body():
    return Notice.objects.filter(kind="incident").order_by("-published_at", "-pk").first().body


class TestBeforeTheDenial:
    """Given to who was allowed then, told to the platform when the person no longer is."""

    def test_it_is_recorded_and_everybody_hears_where_the_child_went(self, north, scene):
        with in_school(north):
            denies(scene)
            assert handed(scene) == "applied"
            assert states(scene) == ["left", "expected"]
            assert (Handover.objects.get().collector, Handover.objects.get().at) == (scene.aunt, DONE)
            assert count_is_right(scene.session)
            alarm = Alarm.objects.get()
            assert (alarm.kind, alarm.pupil, alarm.adult) == ("given", scene.pupils[0], scene.aunt)
            assert (alarm.at, alarm.told_at, alarm.right_until) == (DONE, SENT, DENIED)
            for word in ("09-07 16:15", "09-07 16:40", "09-07 17:00", "赵阿姨", scene.pupils[0].name, "核实"):
                assert word in body()
            assert "没有交接" not in body()
            assert "监护人要求" not in body()  # why is not said
            told = Delivery.objects.filter(notice__kind="incident")
            assert set(told.values_list("user", "guardian")) == {
                (scene.leader.pk, None), (None, scene.guardians[0].pk)
            }  # fmt: skip
            assert told.filter(dispatch__isnull=False).count() == 2

    def test_sent_twice_it_is_one_handover_and_one_alarm(self, north, scene):
        with in_school(north):
            denies(scene)
            handed(scene)
            again = item("handover", scene, scene.pupils[0], at=DONE, collector=str(scene.aunt.pk))
            assert send(scene, again, again, now=SENT) == ["care.already_recorded"] * 2
            assert (Alarm.objects.count(), Handover.objects.count()) == (1, 1)

    @pytest.mark.parametrize("how", ["ended", "fewer"])
    def test_a_right_that_was_taken_away_otherwise_is_the_same(self, north, scene, how):
        with in_school(north):
            if how == "ended":
                adult_actions.end_tie(tie=scene.tie, reason="搬走", by=scene.clerk, now=DENIED)
            else:
                ties.set_to(scene.tie, now=DENIED, may_collect=False)
            assert handed(scene) == "applied"
            assert Alarm.objects.get().right_until == DENIED

    def test_days_later_by_a_phone_that_says_an_earlier_hour_it_is_told_all_the_same(self, north, scene):
        """A clock is no way around a denial: nothing before it comes in unheard."""
        with in_school(north):
            denies(scene)
            assert handed(scene, now=FOUR + 2 * ONE_DAY) == "applied"
            assert Alarm.objects.get().kind == "given"
            assert "09-09 16:00" in body()

    def test_while_the_right_holds_nobody_is_alarmed(self, north, scene):
        with in_school(north):
            assert handed(scene) == "applied"
            assert not Alarm.objects.exists()

    def test_a_leaders_word_afterwards_is_judged_the_same_way(self, north, scene):
        """The page offers who was authorised on that day, and says from when on somebody was not."""
        with in_school(north):
            denies(scene)
            child = scene.pupils[0]
            deeds = [
                Deed(Kind.PRESENT, scene.session.pk, FOUR, pupil_id=child.pk),
                Deed(Kind.HANDOVER, scene.session.pk, DONE, pupil_id=child.pk, collector_id=scene.aunt.pk),
            ]
            head = makers.a_user("principal")
            roll_actions.mend(deeds=deeds, by=head, now=FOUR + ONE_DAY)
            assert entry(scene, child).state == "left"
            assert Alarm.objects.get().kind == "given"


class TestAfterTheDenial:
    """As before: refused, with the alarm."""

    @pytest.mark.parametrize("at", [DENIED, DENIED + minutes(1)])
    def test_it_is_refused(self, north, scene, at):
        with in_school(north):
            denies(scene)
            assert handed(scene, at=at) == "care.denied_adult"
            assert Alarm.objects.get().kind == "denied"

    def test_what_was_done_without_network_is_not_said_to_have_been_prevented(self, north, scene):
        """The phone may not have known the denial: whoever reads it looks for the child."""
        with in_school(north):
            denies(scene)
            handed(scene, at=DENIED + minutes(1))
            assert "没有交接" not in body()
            for word in ("09-07 16:41", "09-07 17:00", "没有记录", "核实"):
                assert word in body()

    def test_on_the_spot_it_was_prevented_and_says_so(self, north, scene):
        with in_school(north):
            denies(scene)
            with pytest.raises(refusals.DeniedAdult):
                roll_actions.hand_over(
                    session=scene.session, pupil=scene.pupils[0], collector=scene.aunt, by=scene.teacher, now=SENT
                )  # fmt: skip
            assert "没有交接" in body()

    def test_who_had_no_right_before_the_denial_either_is_refused(self, north, scene):
        with in_school(north):
            other = makers.a_guardian(name="钱叔")
            tie = makers.a_tie(other, scene.pupils[0], may_collect=False, may_sign=False)
            adult_actions.deny(tie=tie, reason="法院", by=scene.clerk, now=DENIED)
            scene.aunt = other
            assert handed(scene) == "care.denied_adult"

    def test_who_was_denied_then_and_again_later_is_refused(self, north, scene):
        """Denied, lifted, allowed, denied: the hour of the deed lies in the first denial."""
        with in_school(north):
            denies(scene, FOUR)
            question = lifting_actions.ask_to_lift(tie=scene.tie, reason="法院解除", by=scene.clerk, now=FOUR)
            lifting_actions.lift(question=question, by=makers.a_user("principal"), now=FOUR + minutes(20))
            scene.tie.refresh_from_db()
            ties.set_to(scene.tie, now=FOUR + minutes(25), may_collect=True)
            denies(scene)
            assert handed(scene) == "care.denied_adult"
            assert handed(scene, at=FOUR + minutes(30)) == "applied"


def next_day(north, monkeypatch):
    """The principal's browser, a day later."""
    monkeypatch.setattr(timezone, "now", lambda: FOUR + ONE_DAY)
    with in_school(north):
        return logged_in(north, makers.a_user("principal"))


class TestALeadersPage:
    """The truth can be written."""

    def test_it_offers_who_was_authorised_then_and_refuses_a_later_hour(self, north, scene, monkeypatch):
        with in_school(north):
            denies(scene)
            send(scene, item("present", scene, scene.pupils[0]))
        client = next_day(north, monkeypatch)
        url = f"/desk/sessions/{scene.session.pk}/mend/{scene.pupils[0].pk}/"
        page = client.get(url).content.decode()
        assert "赵阿姨（09-07 16:40 起不得接走）" in page
        late = client.post(url, {"collector": str(scene.aunt.pk), "at": "16:50"})
        assert late.status_code == 400
        assert "16:40" in late.content.decode()
        assert client.post(url, {"collector": str(scene.aunt.pk), "at": "16:15"}).status_code == 302
        with in_school(north):
            assert entry(scene, scene.pupils[0]).state == "left"

    def test_who_lost_the_right_before_that_day_is_not_offered(self, north, scene, monkeypatch):
        with in_school(north):
            denies(scene, FOUR - ONE_DAY)
            send(scene, item("present", scene, scene.pupils[0]))
        client = next_day(north, monkeypatch)
        page = client.get(f"/desk/sessions/{scene.session.pk}/mend/{scene.pupils[0].pk}/").content.decode()
        assert scene.guardians[0].name in page
        assert "赵阿姨" not in page


def test_the_database_keeps_when_the_right_ended_with_the_alarm(north, scene):
    with in_school(north):
        denies(scene)
        handed(scene)
        with pytest.raises(IntegrityError), transaction.atomic():
            Alarm.objects.update(right_until=None)
        assert alarms.title(Alarm.objects.get()).endswith(scene.pupils[0].name)
