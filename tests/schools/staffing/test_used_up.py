"""Dismissed is dismissed (S19): a resolution is used up by what it decided, at the database and on the pages."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from afterbell.accounts import actions as accounts
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from schools.staffing import actions, clearance_actions, queries, refusals
from schools.staffing.models import Candidate, Contract
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.staffing.stage import contracted, vote_on

DAY = timedelta(days=1)
TODAY = date(2026, 9, 1)


def dismissed(*, at=NOON) -> Contract:
    contract = contracted()
    clearance_actions.dismiss(
        contract=contract, reason="体罚学生", by=makers.a_user("committee_chair"), now=at
    )
    return Contract.objects.select_related("candidate__user").get(pk=contract.pk)


def standing(candidate) -> str:
    return queries.candidates(today=TODAY).get(pk=candidate.pk).standing


def test_a_dismissed_person_is_not_hired_again_on_the_old_decision(north):
    """S19: neither by signing nor by approving on the decision of before."""
    with in_school(north):
        person = dismissed().candidate
        with pytest.raises(refusals.NotHired):
            contracted(person, kinds=(), now=NOON + DAY)
        with pytest.raises(refusals.NotHired):
            actions.approve_candidate(candidate=person, by=makers.a_user("committee_chair"), now=NOON + DAY)
        assert standing(person) == "dismissed"


def test_a_new_vote_after_the_dismissal_hires_again_once(north):
    """S16, S19."""
    with in_school(north):
        person = dismissed().candidate
        vote_on(person, at=NOON + DAY)
        assert (person.state, standing(person)) == ("approved", "approved")
        again = contracted(person, kinds=(), now=NOON + DAY)
        assert (
            again.resolution_id
            == person.resolution_id
            != Contract.objects.order_by("pk").first().resolution_id
        )
        signed = Entry.objects.filter(verb="staffing.contract.sign").latest("position")
        assert signed.details["resolution"] == str(again.resolution_id)


def test_a_vote_that_ran_when_the_person_was_dismissed_hires_nobody(north):
    """S19: opened before the dismissal, counted after it."""
    with in_school(north):
        person = dismissed(at=NOON + DAY).candidate
        vote_on(person, at=NOON + 2 * DAY, opened_at=NOON)
        assert person.state == "proposed"
        with pytest.raises(refusals.NotHired):
            actions.approve_candidate(
                candidate=person, by=makers.a_user("committee_chair"), now=NOON + 2 * DAY
            )


def test_a_renewal_that_was_voted_before_the_dismissal_is_void_with_it(north):
    """S19, S42."""
    with in_school(north):
        contract = contracted()
        vote_on(contract.candidate, at=NOON + DAY)
        clearance_actions.dismiss(
            contract=contract, reason="体罚学生", by=makers.a_user("committee_chair"), now=NOON + 2 * DAY
        )
        person = Candidate.objects.get()
        assert (person.state, person.resolution_id) == ("proposed", None)
        with pytest.raises(refusals.NotHired):
            contracted(person, kinds=(), now=NOON + 3 * DAY)


def test_the_next_contract_needs_the_next_decision(north):
    """S19, S42: a contract that has run out is not renewed on the decision that it used up."""
    later, dates = NOON + timedelta(days=200), {"from_date": date(2027, 3, 1), "until_date": date(2027, 7, 1)}
    with in_school(north):
        contract = contracted()
        with pytest.raises(refusals.DecisionUsed):
            contracted(contract.candidate, kinds=(), now=later, **dates)
        assert Contract.objects.get().state == "active"  # nothing half done
        vote_on(contract.candidate, state="rejected", at=later)
        assert contract.candidate.state == "approved"  # the running contract lasts to its end
        with pytest.raises(refusals.DecisionUsed):
            contracted(contract.candidate, kinds=(), now=later, **dates)
        vote_on(contract.candidate, at=later)
        assert Entry.objects.filter(verb="staffing.candidate.renew").count() == 1
        assert contracted(contract.candidate, kinds=(), now=later, **dates).state == "active"


def test_below_all_code_the_database_lets_a_decision_hire_once(north):
    """S19."""
    with in_school(north):
        contract = contracted()
        with pytest.raises(IntegrityError, match="resolution_hires_once"), transaction.atomic():
            makers.a_contract(resolution_id=contract.resolution_id)


def test_an_account_that_is_opened_again_has_nothing_of_the_service(north):
    """S19: the role went with the contract."""
    with in_school(north):
        user = dismissed().candidate.user
        accounts.reactivate_user(user=user, by=makers.a_user("clerk"), now=NOON)
        user.forget_rights()
        assert set(user.rights.scopes) == set()
        person = Candidate.objects.get()
        vote_on(person, at=NOON + DAY)
        contracted(person, kinds=(), now=NOON + DAY)
        user.forget_rights()
        assert set(user.rights.scopes) == {Role.CARE_STAFF}


def test_older_contracts_used_up_their_decision_too(north):
    """What was signed before this was kept: the migration says which decision it used."""
    with in_school(north):
        kept, gone = contracted(), contracted()
        Contract.objects.update(resolution_id=None)
        Contract.objects.filter(pk=gone.pk).update(state="dismissed", ended_date=TODAY, end_reason="体罚学生")
        import_module("schools.staffing.migrations.0005_what_older_contracts_used").fill(apps, None)
        assert Contract.objects.get(pk=kept.pk).resolution_id == kept.candidate.resolution_id
        person = Candidate.objects.get(pk=gone.candidate_id)
        assert (person.state, person.dismissed_at is None) == ("proposed", False)
        with pytest.raises(refusals.NotHired):
            contracted(person, kinds=(), now=NOON)
