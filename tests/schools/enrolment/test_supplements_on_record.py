"""What of a supplement is on record, who else has a way, and who at the gate knows of it (S14, S15)."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from schools.care import roll_actions
from schools.care.models import RollEntry
from schools.enrolment import refusals, supplement_actions, supplement_queries
from schools.enrolment.models import Agreement, Side, Supplement
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_supplements import Room


@pytest.fixture
def room(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        yield Room(north)


def on_record(row):
    """Verbs without their room, what is told beside them, and who did it."""
    rows = Entry.objects.filter(target__endswith=str(row.pk)).order_by("position")
    return [(each.verb.removeprefix("enrolment.supplement."), each.details, each.by_id) for each in rows]


def test_each_deed_leaves_a_row_by_who_did_it(room):
    """Names and reasons of people stay out of it."""
    principal, chair = room.sides
    second = room.joins("王小红")
    row, other = room.asks(hours=2), room.asks(second, hours=1)
    room.approves(row)
    room.approves(other)
    room.leaves()
    today = timezone.localdate()
    number, robots = row.number.lower(), str(room.robots.pk)
    submitted = {
        "number": number, "agreement": str(room.agreement().pk), "sha256": row.text_sha256, "mode": "drawn",
        "activity": robots,
    }  # fmt: skip
    place = {"number": number, "from": today.isoformat(), "activities": [robots]}
    assert on_record(row) == [
        ("submit", submitted, room.family.user.pk),
        ("review", {"side": "school", "approval": True, "state": "submitted"}, principal.pk),
        ("place", place, chair.pk),
        ("review", {"side": "committee", "approval": True, "state": "placed"}, chair.pk),
        ("end", {"number": number}, room.family.user.pk),
    ]
    assert [verb for verb, _details, _by in on_record(other)] == [
        "submit",
        "review",
        "wait",
        "review",
        "place",
    ]
    assert on_record(other)[-1][2] == room.family.user.pk  # whose exit moved it up
    refused, taken = room.asks(room.joins("赵小天")), room.asks(room.joins("孙小宇"))
    room.says(refused, Side.SCHOOL, yes=False, reason="器材不够")
    room.withdraws(taken, by=taken.guardian.user)
    assert on_record(refused)[-1] == (
        "review", {"side": "school", "approval": False, "state": "refused"}, principal.pk,
    )  # fmt: skip
    assert on_record(taken)[-1] == ("withdraw", {"moved_up": []}, taken.guardian.user.pk)
    assert "器材" not in str([entry.details for entry in Entry.objects.all()])


def test_what_was_refused_leaves_none(room):
    row = room.asks()
    before = Entry.objects.count()
    with pytest.raises(refusals.NoReason):
        room.says(row, Side.SCHOOL, yes=False)
    with pytest.raises(refusals.AlreadyChosen):
        room.asks()
    with pytest.raises(refusals.OnlyGuardians):
        room.withdraws(row, by=room.sides[0])
    assert Entry.objects.count() == before


def test_whose_child_it_is_does_not_stop_it(room):
    """S14: the deputy for the principal's child, the treasurer for the chair's."""
    row = room.asks()
    for name, user in zip(("陈校长", "周主任"), room.sides, strict=True):
        makers.a_guardian(room.family.pupil, name=name, user=user)
    for side, by in zip(Side, room.sides, strict=True):
        with pytest.raises(refusals.OwnChild):
            room.says(row, side, by=by)
    room.says(row, Side.SCHOOL, by=makers.a_user("deputy"))
    assert room.says(row, Side.COMMITTEE, by=makers.a_user("treasurer")).state == "placed"


def test_what_was_read_before_decides_nothing(room):
    """Rows of a page that was open all along."""
    agreement, row = Agreement.objects.get(), room.asks()
    old = Supplement.objects.get(pk=row.pk)
    room.withdraws(row)
    for deed in (
        lambda: room.says(old, Side.SCHOOL),
        lambda: room.says(old, Side.SCHOOL, yes=False, reason="满"),
    ):
        with pytest.raises(refusals.AlreadyDecided):
            deed()
    assert old.state == "submitted"
    room.leaves()
    with pytest.raises(refusals.NotRunning):
        room.asks(agreement=agreement)
    with pytest.raises(refusals.NotWithdrawable):
        supplement_actions.withdraw_supplement(supplement=old, by=room.family.user, now=stage.now())


def test_the_class_teacher_and_who_opens_the_activity_find_the_child(room):
    """Nobody writes a list by hand: the roll of the next lesson has it, and not before there is a place."""
    keeper = makers.a_user("care_staff")
    contract = makers.a_contract(user=keeper)
    tomorrow = timezone.localdate() + timedelta(days=1)
    at = timezone.make_aware(datetime.combine(tomorrow, time(16, 0)))
    lessons = [
        makers.a_session(room.robots, day=tomorrow + timedelta(weeks=week), contract=contract)
        for week in range(2)
    ]
    row = room.asks()
    teacher = makers.a_user("class_teacher", scope=str(room.family.pupil.school_class_id))
    assert [each.number for each in supplement_queries.supplement_list(teacher)] == [row.number]
    room.approves(row)
    assert supplement_queries.staff_supplement(teacher, row.pk).state == "placed"
    roll_actions.open_session(session=lessons[0], by=keeper, now=at)
    assert [each.pupil_id for each in RollEntry.objects.all()] == [room.family.pupil.pk]
    room.leaves()
    roll_actions.open_session(session=lessons[1], by=keeper, now=at + timedelta(weeks=1))
    assert RollEntry.objects.filter(session=lessons[1]).count() == 0
