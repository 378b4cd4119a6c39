"""Past midnight: what a phone kept, what nobody opened, and the leader who looks at both (S22, S24)."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.audit.models import Entry
from afterbell.kernel.states import MoveNotAllowed
from afterbell.outbox.models import Mark
from schools.care import actions, queries, refusals, roll_actions, waiting
from schools.care.models import LateDeed, Operation, Session
from schools.care.roll import Deed, Kind, day_of
from schools.care.states import SessionState
from schools.notices.models import Delivery
from schools.people.models import WordQuestion
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.schools.care.stage import (
    FOUR,
    a_gate,
    count_is_right,
    entry,
    item,
    logged_in,
    minutes,
    opened,
    send,
    states,
)  # fmt: skip

ONE_DAY = timedelta(days=1)
HALF_PAST_MIDNIGHT = FOUR + timedelta(hours=8, minutes=30)


def days(number):
    return timedelta(days=number)


def a_rule(gate_days):
    """Another city's profile."""
    document = ready.document("seed")
    document["deadlines"]["gate_days"] = gate_days
    with in_city():
        makers.a_policy(document)


def evening(gate):
    """One child fetched, one gone before the phone found its network."""
    one, two = gate.pupils[:2]
    return [
        item("present", gate, one, at=FOUR + minutes(1)),
        item("handover", gate, one, at=FOUR + minutes(80), collector=str(gate.guardians[0].pk)),
        item("absent", gate, two, at=FOUR + minutes(2)),
    ]


class TestWhatAPhoneKept:
    """Done on the day, sent after it."""

    @pytest.mark.parametrize("after", [1, 2, 3])
    def test_is_taken_within_the_profiles_days_with_the_time_it_was_done(self, north, after):
        """S24: the roll has the time of the deed, the operation both times."""
        with in_school(north):
            gate = opened(2)
            received = FOUR + days(after)
            marks = Mark.objects.count()
            assert send(gate, *evening(gate), now=received) == ["applied"] * 3
            assert states(gate) == ["left", "absent"]
            assert entry(gate, gate.pupils[0]).left_at == FOUR + minutes(80)
            times = set(Operation.objects.values_list("said_at", "received_at"))
            assert (FOUR + minutes(80), received) in times
            assert {got for _said, got in times} == {received}
            assert Mark.objects.count() > marks
            assert count_is_right(gate.session)

    def test_after_the_days_it_is_refused_and_says_who_can_help(self, north):
        with in_school(north):
            gate = opened(2)
            assert send(gate, *evening(gate), now=FOUR + days(4)) == ["care.too_late"] * 3
            assert states(gate) == ["expected", "expected"]

    def test_another_citys_profile_says_how_many_days(self, north):
        """Rules are data."""
        a_rule(7)
        with in_school(north):
            gate = opened(2)
            assert send(gate, *evening(gate), now=FOUR + days(7)) == ["applied"] * 3

    def test_a_profile_may_say_on_the_day_only(self, north):
        a_rule(0)
        with in_school(north):
            gate = opened(2)
            assert set(send(gate, *evening(gate), now=FOUR + ONE_DAY)) == {"care.session_not_today"}

    def test_a_whole_session_that_was_never_sent_comes_the_next_day(self, north):
        with in_school(north):
            gate = a_gate(1)
            said = [
                item("open", gate),
                item("absent", gate, gate.pupils[0], at=FOUR + minutes(1)),
                item("close", gate, at=FOUR + minutes(90), note="没有网络"),
            ]
            assert send(gate, *said, now=FOUR + ONE_DAY) == ["applied"] * 3
            row = Session.objects.get()
            assert (row.state, row.closed_at) == (SessionState.CLOSED, FOUR + minutes(90))

    def test_sent_again_it_is_a_duplicate_and_shown_once(self, north):
        with in_school(north):
            gate = opened(2)
            said = evening(gate)
            send(gate, *said, now=FOUR + ONE_DAY)
            assert send(gate, *said, now=FOUR + days(2)) == ["duplicate"] * 3
            assert LateDeed.objects.count() == 3

    def test_done_after_the_day_it_is_no_deed_of_that_day(self, north):
        """A session of yesterday is not worked on today: the time of the deed says so."""
        with in_school(north):
            gate = opened(1)
            late = item("present", gate, gate.pupils[0], at=FOUR + ONE_DAY)
            assert send(gate, late, now=FOUR + ONE_DAY) == ["care.implausible_time"]

    def test_a_session_of_tomorrow_takes_nothing(self, north):
        with in_school(north):
            gate = a_gate(1)
            early = item("open", gate, at=FOUR - ONE_DAY)
            assert send(gate, early, now=FOUR - ONE_DAY) == ["care.session_not_today"]

    def test_a_stranger_s_is_refused_and_shown_to_nobody(self, north):
        with in_school(north):
            gate = opened(1)
            stranger = makers.a_user("care_staff")
            said = item("present", gate, gate.pupils[0])
            assert send(gate, said, by=stranger, now=FOUR + ONE_DAY) == ["care.session_not_yours"]
            assert not LateDeed.objects.exists()

    def test_what_is_refused_late_is_shown_too(self, north):
        """The leader has closed it meanwhile: somebody says that something else happened."""
        with in_school(north):
            gate = opened(1)
            Session.objects.update(state="closed", unaccounted=0, closed_at=FOUR)
            said = item("present", gate, gate.pupils[0])
            assert send(gate, said, now=FOUR + ONE_DAY) == ["care.session_not_open"]
            assert LateDeed.objects.get().operation.reason == "care.session_not_open"

    def test_in_time_nothing_is_late_and_no_rule_is_asked_for(self, north, django_assert_max_num_queries):
        with in_school(north):
            gate = opened(3)
            with django_assert_max_num_queries(16):
                send(gate, *(item("present", gate, pupil) for pupil in gate.pupils))
            assert not LateDeed.objects.exists()

    def test_one_by_one_after_a_collision_it_is_shown_as_well(self, north, monkeypatch):
        from schools.care import operations

        def collides(*_args, **_more):
            raise IntegrityError

        monkeypatch.setattr(operations, "_together", collides)
        with in_school(north):
            gate = opened(2)
            assert send(gate, *evening(gate), now=FOUR + ONE_DAY) == ["applied"] * 3
            assert LateDeed.objects.count() == 3


class TestTheNightAfter:
    """A day at the gate ends at four in the morning."""

    def test_a_child_fetched_after_midnight_belongs_to_the_evening(self, north):
        """S24: the teacher who still stands there writes it down."""
        with in_school(north):
            gate = opened(1)
            child, parent = gate.pupils[0], gate.guardians[0]
            steps = {"session": gate.session, "pupil": child, "by": gate.teacher}
            roll_actions.mark_present(**steps, now=FOUR)
            roll_actions.hand_over(**steps, collector=parent, now=HALF_PAST_MIDNIGHT)
            assert entry(gate, child).left_at == HALF_PAST_MIDNIGHT
            assert not LateDeed.objects.exists()

    def test_at_four_the_day_is_over(self, north):
        with in_school(north):
            gate = opened(1)
            with pytest.raises(refusals.NotToday):
                roll_actions.mark_present(
                    session=gate.session, pupil=gate.pupils[0], by=gate.teacher, now=FOUR + minutes(12 * 60)
                )

    def test_the_teachers_list_still_shows_it(self, north, monkeypatch, settings):
        settings.SECOND_FACTOR = "optional"
        monkeypatch.setattr(timezone, "now", lambda: HALF_PAST_MIDNIGHT)
        with in_school(north):
            gate = opened(1)
            phone = logged_in(north, gate.teacher)
        assert "作业辅导" in phone.get("/care/").content.decode()
        assert "撤销" not in phone.get(f"/care/sessions/{gate.session.pk}/").content.decode()
        assert phone.post(
            f"/care/sessions/{gate.session.pk}/tap/", {"present": str(gate.pupils[0].pk)}
        ).status_code == 302  # fmt: skip
        assert day_of(HALF_PAST_MIDNIGHT) == gate.session.date


class TestNeverOpened:
    """Nobody began the roll call, and the day is over."""

    @pytest.fixture
    def gate(self, north):
        with in_school(north):
            return a_gate(2)

    def test_a_leader_opens_it_with_a_reason_and_writes_down_who_was_there(self, north, gate):
        """S22, S24: nothing is assumed; each child is marked, then it closes."""
        later = FOUR + ONE_DAY
        with in_school(north):
            deputy = makers.a_user("deputy")
            roll_actions.open_late(session=gate.session, reason="手机没电", by=deputy, now=later)
            row = Session.objects.get()
            assert (row.state, row.late_reason, row.opened_late_by) == ("open", "手机没电", deputy)
            assert row.opened_at == row.starts_at
            one, two = gate.pupils
            came = Deed(Kind.PRESENT, row.pk, FOUR, pupil_id=one.pk)
            left = Deed(
                Kind.HANDOVER, row.pk, FOUR + minutes(80), pupil_id=one.pk, collector_id=gate.guardians[0].pk
            )
            roll_actions.mend(deeds=[came, left], by=deputy, now=later)
            roll_actions.mend(deeds=[Deed(Kind.ABSENT, row.pk, FOUR, pupil_id=two.pk)], by=deputy, now=later)
            closing = Deed(Kind.CLOSE, row.pk, FOUR + minutes(90), note="补")
            roll_actions.mend(deeds=[closing], by=deputy, now=later)
            assert states(gate) == ["left", "absent"]
            assert Session.objects.get().state == SessionState.CLOSED
            assert Entry.objects.filter(verb="care.roll.open", details__late=True).exists()

    def test_of_two_deeds_both_are_done_or_none(self, north, gate):
        with in_school(north):
            deputy = makers.a_user("deputy")
            roll_actions.open_late(session=gate.session, reason="x", by=deputy, now=FOUR + ONE_DAY)
            one = gate.pupils[0]
            came = Deed(Kind.PRESENT, gate.session.pk, FOUR, pupil_id=one.pk)
            wrong = Deed(
                Kind.HANDOVER, gate.session.pk, FOUR, pupil_id=one.pk, collector_id=gate.guardians[1].pk
            )
            with pytest.raises(refusals.NotAuthorised):
                roll_actions.mend(deeds=[came, wrong], by=deputy, now=FOUR + ONE_DAY)
            assert states(gate) == ["expected", "expected"]

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_without_a_reason_nothing_is_opened(self, north, gate, reason):
        with in_school(north), pytest.raises(refusals.ReasonMissing):
            roll_actions.open_late(
                session=gate.session, reason=reason, by=makers.a_user("deputy"), now=FOUR + ONE_DAY
            )

    def test_the_database_wants_the_reason_too(self, north, gate):
        with in_school(north), pytest.raises(IntegrityError), transaction.atomic():
            Session.objects.update(late_reason="", opened_late_by=makers.a_user("deputy"))

    def test_on_its_day_it_is_the_teachers(self, north, gate):
        with in_school(north):
            deputy = makers.a_user("deputy")
            for act in (roll_actions.open_late, actions.say_not_held):
                with pytest.raises(refusals.NotOverYet):
                    act(session=gate.session, reason="x", by=deputy, now=FOUR)

    @pytest.mark.parametrize("role", ["care_staff", "clerk", "class_teacher"])
    def test_who_does_not_lead_mends_nothing(self, north, gate, role):
        """Rights come from facts: the school's leaders, and the duty leader of the very session."""
        with in_school(north):
            by = makers.a_user(role)
            for act in (roll_actions.open_late, actions.say_not_held):
                with pytest.raises(refusals.NotYours):
                    act(session=gate.session, reason="x", by=by, now=FOUR + ONE_DAY)
            with pytest.raises(refusals.NotYours):
                roll_actions.see_late(session=gate.session, by=by, now=FOUR + ONE_DAY)

    def test_the_duty_leader_by_fact_mends_the_own_session_and_no_other(self, north, gate):
        with in_school(north):
            leader = makers.a_user("care_staff")
            contract = makers.a_contract(user=leader)
            makers.a_duty(gate.session, contract, role="leader")
            other = a_gate(1)
            roll_actions.open_late(session=gate.session, reason="x", by=leader, now=FOUR + ONE_DAY)
            with pytest.raises(refusals.NotYours):
                roll_actions.open_late(session=other.session, reason="x", by=leader, now=FOUR + ONE_DAY)

    def test_a_phones_deeds_still_come_after_the_leader_opened_it(self, north, gate):
        with in_school(north):
            roll_actions.open_late(
                session=gate.session, reason="x", by=makers.a_user("deputy"), now=FOUR + ONE_DAY
            )
            said = [item("open", gate), *evening(gate)]
            answers = send(gate, *said, now=FOUR + days(2))
            assert answers == ["care.session_already_open", "applied", "applied", "applied"]

    def test_what_was_not_held_is_said_with_a_reason_that_families_read(self, north, gate):
        with in_school(north):
            deputy = makers.a_user("deputy")
            told = actions.say_not_held(session=gate.session, reason="停电", by=deputy, now=FOUR + ONE_DAY)
            assert told == 2
            assert Session.objects.get().state == SessionState.CANCELLED
            body = Delivery.objects.first().notice.body
            assert "没有开展" in body
            assert "停电" in body
            with pytest.raises(MoveNotAllowed):
                actions.say_not_held(session=gate.session, reason="x", by=deputy, now=FOUR + ONE_DAY)

    def test_one_that_was_opened_was_held(self, north):
        with in_school(north):
            gate = opened(1)
            with pytest.raises(MoveNotAllowed):
                actions.say_not_held(
                    session=gate.session, reason="x", by=makers.a_user("deputy"), now=FOUR + ONE_DAY
                )


class TestPages:
    """What the leader sees and presses."""

    @pytest.fixture(autouse=True)
    def next_day(self, monkeypatch, settings):
        settings.SECOND_FACTOR = "optional"
        monkeypatch.setattr(timezone, "now", lambda: FOUR + ONE_DAY)

    def test_a_never_opened_session_is_mended_on_its_page(self, north):
        with in_school(north):
            gate = a_gate(1)
            deputy, clerk = (logged_in(north, makers.a_user(role)) for role in ("deputy", "clerk"))
        here = f"/desk/sessions/{gate.session.pk}/"
        listed = deputy.get("/desk/sessions/?state=undone&last=2026-09-07").content.decode()
        assert "作业辅导" in listed
        text = deputy.get(here).content.decode()
        assert "补记为已开展" in text
        assert "补记为已开展" not in clerk.get(here).content.decode()
        assert clerk.post(f"{here}open-late/", {"reason": "x"}).status_code == 403
        assert deputy.post(f"{here}open-late/", {"reason": ""}).status_code == 400
        assert (
            "逐一补记" in deputy.post(f"{here}open-late/", {"reason": "没电"}, follow=True).content.decode()
        )
        assert deputy.post(f"{here}open-late/", {"reason": "没电"}).status_code == 404  # pressed twice
        assert "事后补记" in deputy.get(here).content.decode()
        said = {"collector": gate.guardians[0].pk, "at": "17:20"}
        assert deputy.post(f"{here}mend/{gate.pupils[0].pk}/", said).status_code == 302
        assert deputy.post(f"{here}mend/", {"note": "补"}).status_code == 302
        with in_school(north):
            row = entry(gate, gate.pupils[0])
            assert (row.state, row.arrived_at, row.left_at) == ("left", FOUR, FOUR + minutes(80))

    def test_a_child_that_left_after_midnight_is_mended_into_the_night(self, north):
        with in_school(north):
            gate = opened(1)
            roll_actions.mark_present(session=gate.session, pupil=gate.pupils[0], by=gate.teacher, now=FOUR)
            deputy = logged_in(north, makers.a_user("deputy"))
        said = {"collector": gate.guardians[0].pk, "at": "00:30"}
        assert (
            deputy.post(f"/desk/sessions/{gate.session.pk}/mend/{gate.pupils[0].pk}/", said).status_code
            == 302
        )
        with in_school(north):
            assert entry(gate, gate.pupils[0]).left_at == HALF_PAST_MIDNIGHT

    def test_not_held_on_its_page(self, north):
        with in_school(north):
            gate = a_gate(1)
            deputy = logged_in(north, makers.a_user("deputy"))
        here = f"/desk/sessions/{gate.session.pk}/"
        assert deputy.post(f"{here}not-held/", {"reason": " "}).status_code == 400
        with in_school(north):
            named = f"{gate.pupils[0].name}的妈妈来接，没有开展"
        api = f"/api/v1/care/sessions/{gate.session.pk}/not-held/"
        refused = deputy.post(api, {"reason": named}, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (409, "exchange.names_a_child")
        assert "用词核对" in deputy.post(f"{here}not-held/", {"reason": named}).content.decode()
        with in_school(north):
            assert [row.text for row in WordQuestion.objects.all()] == [
                named
            ]  # somebody else may say it is none
        assert "没有开展" in deputy.post(f"{here}not-held/", {"reason": "停电"}, follow=True).content.decode()

    def test_what_came_late_waits_for_the_leader_with_both_times_until_looked_at(self, north):
        """Who must hear of it, and do they see it?"""
        with in_school(north):
            gate = opened(2)
            send(gate, *evening(gate), now=FOUR + ONE_DAY)
            boss, other = makers.a_user("deputy"), makers.a_user("care_staff")
            said = [str(each.title) for each in waiting.waiting_for(boss, timezone.now())]
            assert any("3 条登记是隔天或换班后补传的" in title for title in said)
            assert not queries.unseen_late(other).exists()
            deputy, stranger = logged_in(north, boss), logged_in(north, other)
        text = deputy.get("/desk/sessions/late/").content.decode()
        assert "17:20" in text
        assert "2026年9月8日 16:00" in text
        assert "还没有人看" in text
        assert "没有补传的登记" in stranger.get("/desk/sessions/late/").content.decode()
        here = f"/desk/sessions/{gate.session.pk}/late/"
        assert stranger.post(here).status_code == 404
        assert "我看过了" in deputy.get(f"/desk/sessions/{gate.session.pk}/").content.decode()
        assert deputy.post(here).status_code == 302
        with in_school(north):
            assert not queries.unseen_late(boss).exists()
            assert set(LateDeed.objects.values_list("seen_by", flat=True)) == {boss.pk}
            assert roll_actions.see_late(session=gate.session, by=boss, now=FOUR + ONE_DAY) == 0
            assert Entry.objects.filter(verb="care.late.see").count() == 1

    def test_the_same_by_the_api(self, north):
        with in_school(north):
            gate, unopened, empty = opened(2), a_gate(1), a_gate(1)
            send(gate, *evening(gate), now=FOUR + ONE_DAY)
            deputy, clerk = (logged_in(north, makers.a_user(role)) for role in ("deputy", "clerk"))
        api = "/api/v1/care/"
        rows = deputy.get(f"{api}late/").json()["results"]
        assert {row["kind"] for row in rows} == {"present", "handover", "absent"}
        assert {row["received_at"] for row in rows} == {"2026-09-08T16:00:00+08:00"}
        assert clerk.get(f"{api}late/").json()["results"] == []

        def post(client, address, said):
            return client.post(f"{api}sessions/{address}", json.dumps(said), content_type="application/json")

        why = {"reason": "没电"}
        assert post(deputy, f"{gate.session.pk}/late/seen/", {}).status_code == 200
        assert post(clerk, f"{unopened.session.pk}/open-late/", why).status_code == 409
        assert post(deputy, f"{unopened.session.pk}/open-late/", {}).status_code == 400
        assert post(deputy, f"{unopened.session.pk}/open-late/", why).json()["late_reason"] == "没电"
        assert post(deputy, f"{unopened.session.pk}/open-late/", why).status_code == 409
        assert post(deputy, f"{empty.session.pk}/not-held/", why).json()["state"] == "cancelled"
