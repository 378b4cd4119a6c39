"""Nobody writes down the own checks or signs the own agreement; who leads the school can lead a session (S17, S18, S21)."""

import pytest

from schools.care import duty_actions, duty_queries, queries
from schools.care.models import DutyRole
from schools.staffing.models import Check, Contract
from schools.staffing.refusals import OwnCase
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.staffing.stage import ALL, a_candidate, check, contracted, hired

PHONE = "+8613900139000"


@pytest.mark.parametrize("role", ["principal", "deputy"])
def test_who_leads_the_school_is_a_duty_leader_under_the_own_account(north, role):
    """Checked by somebody else, hired by the committee, paid or not; no second account."""
    with in_school(north):
        head = makers.a_user(role, phone=PHONE, name="孙校长")
        contract = contracted(a_candidate(name="孙校长", phone=PHONE))
        assert contract.candidate.user == head
        session = makers.a_session(day=makers.MONDAY)
        offered = duty_queries.may_stand_in(session, DutyRole.LEADER)
        assert [row.contract for row in offered] == [contract]
        duty_actions.assign(
            session=session, contract=contract, role=DutyRole.LEADER, by=makers.a_user("clerk"), now=NOON
        )
        assert queries.led_by(head).filter(pk=session.pk).exists()


def test_nobody_writes_down_the_own_checks(north):
    """Also before the account is tied to the person on the list: the number says who it is."""
    with in_school(north):
        head = makers.a_user("principal", phone=PHONE, name="孙校长")
        person = a_candidate(name="孙校长", phone=PHONE)
        with pytest.raises(OwnCase):
            check(person, "health", by=head)
        assert not Check.objects.exists()
        check(person, "health", by=makers.a_user("deputy"))


def test_nobody_signs_the_own_agreement_for_the_committee(north):
    with in_school(north):
        chair = makers.a_user("committee_chair", phone=PHONE, name="周主任")
        person = a_candidate(name="周主任", phone=PHONE)
        for kind in ALL:
            check(person, kind)
        hired(person)
        with pytest.raises(OwnCase):
            contracted(person, kinds=(), by=chair)
        assert not Contract.objects.exists()
        contracted(person, kinds=())
