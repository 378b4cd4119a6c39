"""From a proposal to a contract and its end: every gate refuses what it should."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import ProgrammingError, transaction

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.kernel.states import MoveNotAllowed
from afterbell.outbox.models import Mark
from schools.care.models import Duty
from schools.committee.models import Subject
from schools.committee.states import ResolutionState
from schools.staffing import actions, clearance_actions, queries, refusals
from schools.staffing.models import Check, Clearance, Contract, Origin
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.staffing.stage import ALL, CHECKED, SEED, a_candidate, check, contracted, hired, vote_on

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize("origin", list(Origin))
def test_parents_professionals_and_school_staff_can_be_proposed(north, origin):
    """S16."""
    with in_school(north):
        assert a_candidate(origin=origin).state == "proposed"


def test_an_organisation_can_not_be_proposed(north):
    """S16, S26."""
    with in_school(north), pytest.raises(refusals.Organisation):
        a_candidate(name="新星教育培训有限公司")


def test_the_same_person_is_not_proposed_twice(north):
    """Double submit."""
    with in_school(north):
        first = a_candidate()
        with pytest.raises(refusals.CandidateKnown):
            a_candidate(phone=first.phone)


def test_a_check_keeps_result_date_number_and_expiry_by_the_policy(north):
    """S17, S44: a year for health, never for identity."""
    with in_school(north):
        candidate = a_candidate()
        assert check(candidate, "health").expires_date == date(2027, 8, 20)
        assert check(candidate, "identity").expires_date.year == 2999


def test_nobody_is_checked_without_consent(north):
    """S17."""
    with in_school(north), pytest.raises(refusals.NoConsent):
        check(a_candidate(), "health", consent_at=None)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"checked_date": date(2026, 9, 2)}, refusals.CheckInTheFuture),
        ({"expires_date": date(2028, 1, 1)}, refusals.CheckLastsTooLong),
        ({"expires_date": CHECKED}, refusals.CheckLastsTooLong),
    ],
)
def test_a_check_can_not_be_of_tomorrow_or_last_longer_than_the_policy_says(north, more, refusal):
    with in_school(north), pytest.raises(refusal):
        check(a_candidate(), "health", **more)


def test_a_check_is_recorded_once_and_never_changed(north):
    """S44: the database gives no right to change it."""
    with in_school(north):
        candidate = a_candidate()
        check(candidate, "health")
        with pytest.raises(refusals.CheckKnown):
            check(candidate, "health", passed=False)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Check.objects.update(passed=False)


def test_only_the_committees_passed_resolution_hires(north):
    """S16."""
    with in_school(north):
        candidate, chair = a_candidate(), makers.a_user("committee_chair")
        makers.a_passed_resolution(Subject.HIRE, object_id=a_candidate().pk)  # of somebody else
        makers.a_passed_resolution(Subject.HIRE, object_id=candidate.pk, state=ResolutionState.REJECTED)
        with pytest.raises(refusals.NotHired):
            actions.approve_candidate(candidate=candidate, by=chair, now=NOON)
        hired(candidate)
        assert (candidate.state, candidate.resolution_id is None) == ("approved", False)
        with pytest.raises(MoveNotAllowed):
            actions.refuse_candidate(candidate=candidate, by=chair, now=NOON)


@pytest.mark.parametrize(("decided", "state"), [("passed", "approved"), ("rejected", "refused")])
def test_the_committees_vote_decides_without_another_click(north, decided, state):
    with in_school(north):
        candidate = a_candidate()
        resolution = makers.a_passed_resolution(Subject.HIRE, object_id=candidate.pk, state=decided)
        actions.resolution_closed(resolution=resolution, by=makers.a_user("committee_chair"), now=NOON)
        candidate.refresh_from_db()
        assert candidate.state == state


def test_a_contract_freezes_its_text_and_makes_an_account_with_the_role(north):
    """S18."""
    with in_school(north):
        contract = contracted()
        assert contract.text_sha256 == sha256(contract.text.encode()).hexdigest()
        assert contract.number in contract.text
        assert "¥55.00" in contract.text
        user = contract.candidate.user
        assert user.phone == contract.candidate.phone
        assert set(user.rights.scopes) == {Role.CARE_STAFF}
        span = Clearance.objects.get(contract=contract)
        assert (span.from_date, span.until_date) == (makers.FIRST, makers.LAST)


def test_without_the_committees_word_there_is_no_contract(north):
    """S16, S18."""
    with in_school(north), pytest.raises(refusals.NotHired):
        contracted_without = a_candidate()
        actions.sign_contract(
            candidate=contracted_without, from_date=makers.FIRST, until_date=makers.LAST, pay_fen=5500, school_name="一小",
            policy=SEED, by=makers.a_user("committee_chair"), now=NOON,
        )  # fmt: skip


def test_a_contract_without_every_check_clears_for_nothing_until_the_last_one_comes(north):
    """S17, S18, S44."""
    with in_school(north):
        contract = contracted(kinds=ALL[:3])
        assert not Clearance.objects.exists()
        check(contract.candidate, "criminal_record")
        assert Clearance.objects.get().until_date == makers.LAST


def test_the_rules_differ_by_origin(north):
    """S17: the seed asks no qualification of a parent."""
    with in_school(north):
        parent = a_candidate(origin=Origin.PARENT)
        contracted(parent, kinds=("identity", "health", "criminal_record"))
        assert Clearance.objects.exists()


def test_a_parent_who_is_hired_keeps_one_account_and_when_dismissed_the_parents_role(north):
    """S16, S19."""
    with in_school(north):
        account = makers.a_user("guardian", name="李强", phone="+8613900001234")
        parent = a_candidate(origin=Origin.PARENT, phone=account.phone)
        contract = contracted(parent, kinds=("identity", "health", "criminal_record"))
        assert contract.candidate.user == account
        clearance_actions.dismiss(
            contract=contract, reason="迟到", by=makers.a_user("committee_chair"), now=NOON
        )
        account.refresh_from_db()
        account.forget_rights()
        assert account.is_active
        assert set(account.rights.scopes) == {Role.GUARDIAN}


@pytest.mark.parametrize(
    ("first", "last"), [(makers.LAST, makers.FIRST), (date(2026, 1, 1), date(2026, 8, 31))]
)
def test_a_contract_has_its_dates_in_order_and_is_not_over(north, first, last):
    with in_school(north), pytest.raises(refusals.ContractDates):
        contracted(from_date=first, until_date=last)


def test_a_person_has_one_contract_at_a_time_and_the_next_one_after_it(north):
    """S18; a double submit too."""
    with in_school(north):
        contract = contracted()
        with pytest.raises(refusals.AlreadyContracted):
            contracted(contract.candidate, kinds=())
        later = NOON + timedelta(days=200)
        with pytest.raises(refusals.StillRunning):
            clearance_actions.end_contract(contract=contract, by=makers.a_user("clerk"), now=NOON)
        vote_on(contract.candidate, at=later - timedelta(days=1))
        following = contracted(
            contract.candidate, kinds=(), now=later, from_date=date(2027, 3, 1), until_date=date(2027, 7, 1)
        )
        contract.refresh_from_db()
        assert (contract.state, following.state) == ("ended", "active")


def test_pay_below_the_policys_least_is_refused(north):
    """Shandong: at least 50 yuan a class hour (reference facts)."""
    with in_school(north), pytest.raises(refusals.PayTooLow):
        contracted(policy=replace(SEED, least_staff_fen_per_class_hour=5000), pay_fen=4999)


def test_a_dismissal_ends_contract_clearance_duties_and_login_and_tells_what_needs_a_substitute(north):
    """S19."""
    with in_school(north):
        contract = contracted()
        monday = makers.a_session(contract=contract)
        later = makers.a_session(
            makers.an_activity(monday.activity.plan), day=date(2026, 9, 14), contract=contract
        )
        now = NOON + timedelta(days=6, hours=4)  # Monday, 16:00
        sessions = clearance_actions.dismiss(
            contract=contract, reason="体罚学生", by=makers.a_user("committee_chair"), now=now
        )
        assert sessions == [monday.pk, later.pk]
        assert not Duty.objects.exists()
        row = Contract.objects.select_related("clearance", "candidate__user").get()
        assert (row.state, row.ended_date, row.end_reason) == ("dismissed", makers.MONDAY, "体罚学生")
        assert row.clearance.until_date == date(2026, 9, 6)
        assert not row.candidate.user.is_active
        assert Mark.objects.filter(bucket="2026-09-14").exists()
        with pytest.raises(refusals.NotInForce):
            clearance_actions.dismiss(
                contract=row, reason="再次", by=makers.a_user("committee_chair"), now=now
            )


def test_what_a_dismissed_person_held_today_stays_on_record(north):
    """S19, S22."""
    with in_school(north):
        contract = contracted()
        held = makers.a_session(contract=contract)
        held.state, held.closed_at = "closed", NOON
        held.save()
        now = NOON + timedelta(days=6, hours=6)
        clearance_actions.dismiss(
            contract=contract, reason="迟到", by=makers.a_user("committee_chair"), now=now
        )
        assert Duty.objects.get().session == held
        assert Clearance.objects.get().until_date == makers.MONDAY


def test_a_dismissal_says_why(north):
    """S19."""
    with in_school(north), pytest.raises(refusals.NoReason):
        contract = contracted()
        clearance_actions.dismiss(
            contract=contract, reason=" ", by=makers.a_user("committee_chair"), now=NOON
        )


def test_a_failed_recheck_takes_the_duties_of_the_days_to_come(north):
    """S17: yearly re-check; S21: they wait for a substitute."""
    with in_school(north):
        contract = contracted()
        makers.a_session(contract=contract)
        check(contract.candidate, "health", passed=False, checked_date=TODAY)
        assert not Duty.objects.exists()
        assert not Clearance.objects.exists()  # it began today: there is no day to keep


def test_a_check_that_runs_out_shortens_the_clearance_and_releases_later_duties(north):
    """S17."""
    with in_school(north):
        contract = contracted()
        kept = makers.a_session(contract=contract)
        makers.a_session(makers.an_activity(kept.activity.plan), day=date(2026, 10, 12), contract=contract)
        check(contract.candidate, "health", checked_date=TODAY, expires_date=date(2026, 9, 30))
        assert Duty.objects.get().session == kept
        assert Clearance.objects.get().until_date == date(2026, 9, 30)


def test_what_runs_out_soon_is_listed_with_its_last_day(north):
    """S17, S42: the renewal page."""
    with in_school(north):
        contract = contracted()
        assert queries.expiring(today=TODAY) == []
        check(
            contract.candidate, "health", checked_date=TODAY, expires_date=date(2026, 10, 1)
        )  # shorter than before
        found = queries.expiring(today=TODAY)
        assert [(str(each.what), each.last_date) for each in found] == [("健康", date(2026, 10, 1))]
        in_december = queries.expiring(today=date(2026, 12, 20))
        assert [str(each.what) for each in in_december] == ["健康", "聘用协议"]


def test_every_step_leaves_an_entry_with_ids_alone(north):
    with in_school(north):
        contract = contracted()
        clearance_actions.dismiss(
            contract=contract, reason="迟到", by=makers.a_user("committee_chair"), now=NOON
        )
        verbs = set(Entry.objects.values_list("verb", flat=True))
        assert {
            "staffing.candidate.propose", "staffing.check.record", "staffing.candidate.approve",
            "staffing.contract.sign", "staffing.clearance.set", "staffing.contract.dismiss", "staffing.clearance.withdraw",
        } <= verbs  # fmt: skip
        assert "陈静" not in str(list(Entry.objects.values_list("details", flat=True)))


def test_a_namesake_without_this_number_is_asked_about_before_there_is_a_second_account(north):
    """S16: a head without a phone, or a teacher known under another number, who is hired keeps one account."""
    with in_school(north):
        head = makers.a_user("principal", name="陈静", login="head", phone=None)
        candidate = a_candidate()
        with pytest.raises(refusals.SecondAccount) as refused:
            contracted(candidate, is_another_person=False)
        assert "head：组长（校长）" in str(refused.value)
        contract = contracted(candidate, kinds=(), is_another_person=True)
        said = Entry.objects.get(verb="staffing.contract.sign").details
        assert said["not_the_same_as"] == [str(head.pk)]
        assert contract.candidate.user.phone == candidate.phone
        assert User.objects.filter(name="陈静").count() == 2


def test_the_number_on_the_account_that_is_there_answers_the_question(north):
    """S16: whoever is the same person gets no second account."""
    with in_school(north):
        head = makers.a_user("deputy", name="陈静", login="deputy", phone=None)
        candidate = a_candidate()
        User.objects.filter(pk=head.pk).update(phone=candidate.phone)
        assert contracted(candidate, is_another_person=False).candidate.user == head


def test_a_parent_of_the_name_or_one_who_has_left_is_no_question(north):
    with in_school(north):
        makers.a_user("guardian", name="陈静")
        gone = makers.a_user("clerk", name="陈静")
        User.objects.filter(pk=gone.pk).update(is_active=False)
        assert contracted(a_candidate(), is_another_person=False).candidate.user.name == "陈静"
