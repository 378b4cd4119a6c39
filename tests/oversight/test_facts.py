"""Facts of a school: what is marked is computed, nothing is lost, nothing is counted twice, no child is in them."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from django.db import ProgrammingError, connection

from afterbell.kernel.privacy import FieldClass
from afterbell.outbox import actions as outbox
from afterbell.outbox.models import Mark
from oversight.facts import actions, full
from oversight.facts.columns import VOICES
from oversight.facts.models import ClassFact, DayFact, MonthFact, Pulse, TermFact
from oversight.indicators import queries as indicators
from oversight.indicators.catalogue import CATALOGUE
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection
from schools.care import facts as care
from schools.care.models import Handover, RollEntry, Session, Way
from schools.care.states import RollState, SessionState
from schools.people.models import Pupil
from schools.planning.states import PlanState
from schools.voice.models import Complaint
from tenants.context import as_bureau, current_schema, in_school
from tests import makers
from tests.city import NOON
from tests.makers import LAST, MONDAY, TERM
from tests.oversight import makers as facts

LATER = NOON + timedelta(days=30)


def a_held_session(*, children=3, stayed_minutes=60, **more):
    """A closed session whose children were all handed over."""
    session = makers.a_session(**more)
    for _ in range(children):
        pupil = makers.a_pupil()
        adult = makers.a_guardian(pupil)
        entry = RollEntry.objects.create(
            session=session,
            agreement=makers.an_agreement(pupil, guardian=adult),
            pupil=pupil,
            state=RollState.LEFT,
            arrived_at=session.starts_at,
            left_at=session.starts_at + timedelta(minutes=stayed_minutes, seconds=59),
        )
        Handover.objects.create(
            entry=entry, way=Way.ADULT, collector=adult, at=entry.left_at, by=makers.a_user()
        )
    session.state, session.closed_at, session.note = SessionState.CLOSED, session.ends_at, "正常"
    session.save()
    return session


def test_a_marked_day_becomes_a_fact(north):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    assert actions.drain(school=north, now=LATER) == actions.Rolled(rows=1, changed=1)
    fact = DayFact.objects.get(school=north, date=MONDAY)
    assert (fact.sessions_held, fact.expected, fact.present, fact.handed_over) == (1, 3, 3, 3)
    assert (fact.class_hours, fact.pupil_minutes) == (2, 180)
    with in_school(north):
        assert not Mark.objects.exists()


def test_pupil_minutes_end_with_the_session(north):
    """calculations.md: handover or end − start, at most the session's length (80 minutes here)."""
    with in_school(north):
        a_held_session(children=2, stayed_minutes=200)
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    assert DayFact.objects.get(school=north).pupil_minutes == 160


def test_an_unmarked_day_is_not_computed(north):
    with in_school(north):
        a_held_session()
    assert actions.drain(school=north, now=LATER).rows == 0
    assert not DayFact.objects.exists()


def test_a_terms_fact_knows_from_which_day_on_a_published_plan_offers_service(north):
    makers.a_term()
    with in_school(north):
        makers.a_plan(first_date=MONDAY)
        outbox.mark(now=NOON, terms=[TERM])
    actions.drain(school=north, now=NOON)
    assert TermFact.objects.get(school=north).plan_first_date == MONDAY


def test_a_draft_offers_none_yet(north):
    makers.a_term()
    with in_school(north):
        makers.a_plan(state=PlanState.DRAFT, published_at=None)
        outbox.mark(now=NOON, terms=[TERM])
    actions.drain(school=north, now=NOON)
    assert TermFact.objects.get(school=north).plan_first_date is None


def test_without_rules_nobodys_checks_are_due_and_no_share_is_known(north):
    """All of none are valid: that is no hundred percent."""
    makers.a_term()
    with in_school(north):
        makers.a_plan()
        makers.a_contract()
        outbox.mark(now=NOON, terms=[TERM])
    actions.drain(school=north, now=NOON)
    fact = TermFact.objects.get(school=north)
    assert (fact.staff_contracted, fact.staff_checks_due, fact.staff_checks_valid) == (1, 0, 0)


def test_a_school_without_rules_has_no_share_of_valid_checks_and_leaves_the_citys_alone(north, south):
    makers.a_term()
    facts.a_term_fact(north, staff_contracted=40, staff_checks_due=0, staff_checks_valid=0)
    facts.a_term_fact(south, staff_contracted=20, staff_checks_due=20, staff_checks_valid=15)
    facts.rolled(now=NOON)
    found = indicators.ranking(WHOLE_CITY, Selection(TERM), "checks_valid").set_index("code")
    assert [found["state"][school.code] for school in (north, south)] == ["not_applicable", "known"]
    assert found["value"][south.code] == 75
    assert indicators.figure(WHOLE_CITY, Selection(TERM), "checks_valid").value == 75


def a_class_of_three():
    """One of them takes part; a fourth child comes when the term is over."""
    school_class = makers.a_class()
    pupils = [makers.a_pupil(school_class=school_class) for _ in range(3)]
    makers.an_agreement(pupils[0])
    makers.a_pupil(school_class=school_class, joined_date=LAST + timedelta(days=20))
    return school_class


def counted_at(school, now):
    with in_school(school):
        outbox.mark(now=now, terms=[TERM])
    actions.drain(school=school, now=now)
    return list(ClassFact.objects.filter(school=school).values_list("pupils", "participants", "consents"))


def days_after_the_term(number):
    return NOON + timedelta(days=(LAST - NOON.date()).days + number)


def test_classes_of_a_term_that_is_loaded_after_its_end_are_counted_as_on_its_last_day(north):
    makers.a_term()
    with in_school(north):
        a_class_of_three()
    assert counted_at(north, days_after_the_term(60)) == [(3, 1, 1)]


def test_what_was_done_on_the_last_day_is_in_the_classes_figures_though_asked_for_later(north):
    makers.a_term()
    with in_school(north):
        school_class = a_class_of_three()
    assert counted_at(north, days_after_the_term(0)) == [(3, 1, 1)]
    with in_school(north):
        makers.an_agreement(Pupil.objects.filter(school_class=school_class, agreements=None).first())
    assert counted_at(north, days_after_the_term(1)) == [(3, 2, 2)]


def test_who_moves_class_later_changes_no_class_of_a_term_that_is_over(north):
    makers.a_term()
    with in_school(north):
        a_class_of_three()
    assert counted_at(north, days_after_the_term(0)) == [(3, 1, 1)]
    with in_school(north):
        Pupil.objects.update(school_class=makers.a_class())
    assert counted_at(north, days_after_the_term(60)) == [(3, 1, 1)]
    assert actions.drift(school=north, now=days_after_the_term(61)) == 0


@pytest.mark.parametrize("behind", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_went_back_loses_no_mark(north, behind):
    """Two machines, or one that was set right: what is asked later is newer, whatever the clock says."""
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    with in_school(north):
        Session.objects.update(planned_units=9)
        outbox.mark(now=NOON, days=[MONDAY])
    assert actions.drain(school=north, now=LATER - behind).changed == 1
    assert DayFact.objects.get(school=north).class_hours == 9
    with in_school(north):
        assert not Mark.objects.exists()


def test_a_fact_from_the_future_is_written_over(north):
    """A backup, or a clock that was years ahead for a day, leaves versions that no clock reaches again."""
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    DayFact.objects.update(version=2**62)
    Pulse.objects.update(version=2**61)
    with in_school(north):
        Session.objects.update(planned_units=9)
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    fact = DayFact.objects.get(school=north)
    assert (fact.class_hours, fact.version) == (9, 2**61 + 1)


def test_the_full_pass_writes_what_it_found_whatever_the_clock_says(north):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    with in_school(north):
        Session.objects.update(planned_units=9)
    assert full.all_days(schools=[north], now=LATER - timedelta(hours=1), count=1).changed == 1
    assert DayFact.objects.get(school=north).class_hours == 9


def test_a_school_without_marks_keeps_its_pulse(north):
    """A sweep asks every school each minute: it must not write for nothing, nor make old figures look new."""
    assert actions.drain(school=north, now=LATER) == actions.Rolled(rows=0, changed=0)
    assert not Pulse.objects.exists()


def test_a_school_that_cannot_answer_the_full_pass_keeps_its_age_and_the_others_go_on(
    north, south, monkeypatch
):
    for school in (north, south):
        with in_school(school):
            a_held_session()
        actions.recompute(school=school, now=NOON)
    answers = care.of_all_days

    def broken_in_north(**more):
        if current_schema() == north.schema_name:
            raise ValueError("a row that cannot be")
        return answers(**more)

    monkeypatch.setattr(care, "of_all_days", broken_in_north)
    assert full.all_days(schools=[north, south], now=LATER, count=1).rows == 1
    assert (Pulse.objects.get(school=north).rolled_at, Pulse.objects.get(school=south).rolled_at) == (
        NOON,
        LATER,
    )
    assert DayFact.objects.count() == 2


def test_a_failed_roll_up_gives_its_marks_back(north, monkeypatch):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    monkeypatch.setattr(actions, "_keep", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.drain(school=north, now=LATER)
    with in_school(north):
        assert Mark.objects.count() == 1


def test_a_fact_that_lost_its_reason_is_taken_away(north):
    with in_school(north):
        session = makers.a_session()
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    assert DayFact.objects.count() == 1
    with in_school(north):
        session.delete()
        outbox.mark(now=NOON, days=[MONDAY])
    assert actions.drain(school=north, now=LATER + timedelta(hours=1)).changed == 1
    assert not DayFact.objects.exists()


def test_a_full_pass_after_a_drain_finds_no_drift(north):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY], terms=[TERM], months=["2026-09"])
    actions.drain(school=north, now=LATER)
    assert actions.recompute(school=north, now=LATER + timedelta(seconds=1)).changed == 0
    assert actions.drift(school=north, now=LATER + timedelta(seconds=2)) == 0


def test_drift_is_counted_and_nothing_changed_by_counting(north):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY], terms=[TERM])
    actions.drain(school=north, now=LATER)
    with in_school(north):
        Session.objects.update(planned_units=5)
    assert actions.drift(school=north, now=LATER + timedelta(seconds=1)) == 1
    assert DayFact.objects.get(school=north).class_hours == 2


def test_a_term_knows_participants_and_does_not_invent_a_score(north):
    """No missing value is a zero (architecture §5)."""
    with in_school(north):
        makers.an_agreement()
        makers.an_agreement()
        outbox.mark(now=NOON, terms=[TERM])
    actions.drain(school=north, now=LATER)
    fact = TermFact.objects.get(school=north, term_code=TERM)
    assert (fact.participants, fact.pupils_on_roll, fact.fee_fen) == (2, 2, 300)
    assert fact.survey_invited is None
    assert fact.surplus_fen is None


def test_facts_of_one_school_leave_the_other_alone(north, south):
    with in_school(north):
        a_held_session()
        outbox.mark(now=NOON, days=[MONDAY])
    actions.drain(school=north, now=LATER)
    actions.drain(school=south, now=LATER)
    assert list(DayFact.objects.values_list("school__code", flat=True)) == [north.code]


def test_no_fact_table_has_a_personal_field():
    """No child's row leaves its school: nothing here is personal or sensitive, and no text is free."""
    for model in (DayFact, MonthFact, TermFact):
        assert set(model.field_classes.values()) <= {FieldClass.INTERNAL, FieldClass.PUBLIC}


def test_the_bureau_reads_facts_and_no_child(north):
    with as_bureau():
        assert DayFact.objects.count() == 0
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {north.schema_name}.people_pupil")


@pytest.mark.parametrize("days", [1, 5])
def test_a_roll_up_asks_the_same_number_of_questions_for_one_day_and_for_five(
    north, days, django_assert_max_num_queries
):
    with in_school(north):
        activity = makers.an_activity()
        for week in range(days):
            a_held_session(children=1, activity=activity, day=MONDAY + timedelta(weeks=week))
        outbox.mark(now=NOON, days=[MONDAY + timedelta(weeks=week) for week in range(days)])
    with django_assert_max_num_queries(22):
        actions.drain(school=north, now=LATER)
    assert DayFact.objects.count() == days


def test_the_month_of_a_complaint_is_the_local_one(north):
    """One o'clock at night of 1 September in China is still 31 August in UTC."""
    came = datetime.fromisoformat("2026-08-31T17:00:00+00:00")
    with in_school(north):
        Complaint.objects.create(
            number="T1", term_code=TERM, kind="forced", addressee="school", text="…", submitted_at=came,
            due_at=came + timedelta(days=5),
        )  # fmt: skip
        outbox.mark(now=NOON, months=["2026-08", "2026-09"])
    actions.drain(school=north, now=LATER)
    fact = MonthFact.objects.get(school=north)
    assert (fact.month, fact.complaints, fact.complaints_forced, fact.complaints_overdue) == (
        "2026-09",
        1,
        1,
        1,
    )
    assert fact.received_fen == 0


def test_a_complaint_that_is_still_in_time_counts_against_nobody(north):
    """Two waited for an answer when the facts were made, one of them too long; once its time is over the other counts."""
    with in_school(north):
        for number, (day, answered) in enumerate((("10-05", True), ("10-06", False), ("10-28", False))):
            came = datetime.fromisoformat(f"2026-{day}T04:00:00+00:00")
            Complaint.objects.create(
                number=f"T{number}", term_code=TERM, kind="fee", addressee="school", text="…", submitted_at=came,
                due_at=came + timedelta(days=5), answered_at=came + timedelta(days=1) if answered else None,
                answer="已处理" if answered else "",
            )  # fmt: skip
        outbox.mark(now=NOON, months=["2026-10"])
    for moment, waiting in (("2026-10-31T04:00:00+00:00", 1), ("2026-11-03T04:00:00+00:00", 0)):
        now = datetime.fromisoformat(moment)
        actions.take_stock(school=north, now=now)
        fact = MonthFact.objects.get(school=north)
        assert (fact.complaints, fact.complaints_answered_in_time) == (3, 1)
        assert (fact.complaints_waiting, fact.complaints_overdue) == (waiting, 2 - waiting)
        frame = pd.DataFrame([{name: getattr(fact, name) for name in VOICES}])
        assert list(CATALOGUE["complaints_in_time"].denominator(frame)) == [3 - waiting]


def test_complaints_of_somebody_who_complained_before_are_counted_apart(north):
    """Three of one guardian, one in the month before; one without a name is nobody's second."""
    with in_school(north):
        guardian = makers.a_guardian()
        for number, (day, who) in enumerate(
            (("09-10", guardian), ("10-05", guardian), ("10-06", guardian), ("10-07", None))
        ):
            came = datetime.fromisoformat(f"2026-{day}T04:00:00+00:00")
            Complaint.objects.create(
                number=f"T{number}", term_code=TERM, kind="fee", addressee="school", text="…", submitted_at=came,
                due_at=came + timedelta(days=5), guardian=who,
            )  # fmt: skip
        outbox.mark(now=NOON, months=["2026-09", "2026-10"])
    actions.drain(school=north, now=LATER)
    counts = MonthFact.objects.filter(school=north).order_by("month")
    assert list(counts.values_list("complaints", "complaints_repeated")) == [(1, 0), (3, 2)]
