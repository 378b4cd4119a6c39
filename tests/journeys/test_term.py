"""One term in one school, in a browser: from an empty school to a settled term, by eight roles on their own hosts."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.audit import queries as audit
from oversight.facts import actions as facts
from oversight.facts.models import DayFact
from schools.finance import promises
from schools.planning import consultation_actions
from tenants.context import in_city, in_school
from tenants.exchange import relay
from tests.journeys import term_desk as desks
from tests.journeys import term_phones as phones
from tests.journeys.term_screen import CITY_HOST, SCHOOL_HOST
from tests.journeys.term_stage import an_empty_school

PLAN, HIRE, SETTLE = "课后服务方案", "聘用何静", "学期课后服务结算"


@pytest.fixture(scope="module")
def stage(django_db_blocker, web_server):
    """The school, its term and the port at which all hosts answer."""
    with django_db_blocker.unblock(), an_empty_school() as (school, days), web_server() as port:
        yield school, days, port


@pytest.fixture
def arrive(stage, browser):
    """Somebody comes: arrive(Clerk). Whatever broke on one of their pages fails the journey."""
    _school, _days, port = stage
    here = []
    with ExitStack() as doors:

        def come(role, host=SCHOOL_HOST):
            person = role(browser, port, host)
            doors.callback(person.leaves)
            here.append(person)
            return person

        yield come
        problems = {f"{type(each).__name__}: {said}" for each in here for said in each.problems}
    assert problems == set()


def carried(school):
    """What a worker does every minute."""
    return relay.relay_school(school, timezone.now())


def test_a_term_from_an_empty_school_to_the_last_fen(stage, arrive, monkeypatch):
    """On pages alone, through the gates in their order (S38).

    S1, S3, S5, S6, S7, S10, S11, S12, S13, S14, S15, S16, S17, S18, S21, S22, S24, S27, S36, S37, S43, S45.
    """
    school, days, _port = stage

    # The office brings the children, the committee is seated.
    clerk = arrive(desks.Clerk)
    clerk.logs_in("clerk")
    clerk.imports_roster()
    for name, office in (("吴国强", "chair"), ("周敏", "treasurer"), ("林海", "member")):
        clerk.seats(name, office)
    principal = arrive(desks.Principal)
    principal.logs_in("principal")

    guardian = arrive(phones.Guardian)
    guardian.logs_in_by_code("13800138001", school)
    chair = arrive(phones.Chair)
    chair.sets_password(principal.resets_password_of("吴国强"), login="13800138002")
    treasurer = arrive(phones.Treasurer)
    treasurer.sets_password(principal.resets_password_of("周敏"), login="13800138003")
    member = arrive(phones.Parent)
    member.logs_in_by_code("13800138004", school)

    # All are asked; the plan follows the answers (S11, S12).
    clerk.asks_parents(days)
    guardian.answers_consultation()
    clerk.keys_paper_slips()
    monkeypatch.setattr(consultation_actions, "LEAST_LEFT", timedelta())  # a day passes
    clerk.closes_consultation()
    clerk.registers_room()
    clerk.drafts_plan(days)
    clerk.puts_plan_to_vote()
    chair.votes_yes(PLAN)
    member.votes_yes(PLAN)
    chair.counts_votes(PLAN)

    # School review, filing, the bureau's answer, the fee notice (S10, S46).
    principal.reviews_and_files_plan()
    assert carried(school).up == 1
    bureau = arrive(desks.Supervisor, CITY_HOST)
    bureau.logs_in("bureau")
    bureau.accepts_filing()
    assert carried(school).down == 1
    clerk.publishes_fee()

    # A family applies with a drawn signature; two reviews make the agreement (S13–S15).
    guardian.reads_fee_notice()
    guardian.applies()
    principal.approves_application()
    chair.approves_application()
    agreement = guardian.reads_agreement_number()

    # Somebody is checked, decided on and hired (S16–S18).
    clerk.proposes_staff("何静", "13900139001")
    principal.notes_checks_of("何静", days.today)
    chair.asks_committee_to_hire("何静")
    chair.votes_yes(HIRE)
    treasurer.votes_yes(HIRE)
    chair.counts_votes(HIRE)
    chair.hires("何静", days)

    # Sessions, duty, roll, handover, record (S21, S22, S24).
    clerk.makes_sessions()
    clerk.puts_on_duty("何静")
    teacher = arrive(phones.CareStaff)
    teacher.sets_password(clerk.resets_password_of("何静"), login="13900139001")
    teacher.holds_session()
    teacher.cannot_end_yet()
    teacher.hands_over()
    teacher.ends_session()
    guardian.sees_child_collected()

    # 2 sessions × 2 class hours × 3.00 = 12.00 in; one session's pay out; the month before is closed (S27, S36).
    clerk.charges_term(days)
    guardian.sees_bill("¥12.00", "bills-1-owes")
    clerk.books_payment(agreement)
    treasurer.asks_for_money("何静课时费", "5.50")
    principal.approves_expenditure("何静课时费")
    treasurer.closes_month(days.month_before)

    # The school stops: the second session is cancelled and costs nothing; the last month is closed (S37).
    principal.ends_service()
    treasurer.closes_month(days.this_month)

    # 12.00 − 5.50 = 6.50 go back to the one family, 6.00 of it for the hours that were not held.
    treasurer.previews_settlement("¥6.50")
    chair.puts_settlement_to_vote()
    chair.votes_yes(SETTLE)
    member.votes_yes(SETTLE)
    chair.counts_votes(SETTLE)
    principal.makes_refunds()
    deputy = arrive(desks.Principal)  # whoever made them sends none
    deputy.logs_in("deputy")
    deputy.sends_refunds()
    guardian.sees_bill("¥6.50 · 已到账", "bills-2-refunded")

    # What the city knows is what the school did; the books and the log keep their promises.
    assert carried(school).up == 3  # two statements and why the service ended
    facts.drain(school=school, now=timezone.now())
    with in_city():
        day = DayFact.objects.get(school=school, date=days.today)
    assert (day.sessions_held, day.expected, day.present, day.handed_over) == (1, 1, 1, 1)
    assert facts.recompute(school=school, now=timezone.now()).changed == 0
    with in_school(school):
        assert promises.broken_promise() is None
        assert audit.broken_promise() is None
    with in_city():
        assert audit.broken_promise() is None
