"""The principal and the deputies lead a day as duty leaders, by the pages, and the gate's alarm reaches them (S21, S23)."""

from datetime import timedelta

import pytest

from afterbell.accounts.actions import assign_role
from afterbell.accounts.roles import Role
from schools.care.models import Duty
from schools.care.telling import contacts, leaders
from schools.staffing.models import Candidate, Clearance, Origin
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, logged_in

pytestmark = pytest.mark.usefixtures("at_four")


@pytest.mark.parametrize("role", ["principal", "deputy"])
def test_a_head_with_a_contract_is_put_on_the_roster_and_is_who_hears_of_it(north, role):
    with in_school(north):
        gate = a_gate(1)
        head, clerk = makers.a_user(role, name="郑校长", phone="+8613700003333"), makers.a_user("clerk")
        person = Candidate.objects.create(
            name=head.name, phone=head.phone, origin=Origin.SCHOOL, state="approved", user=head,
            proposed_at=FOUR - timedelta(days=9), resolution_id=makers.a_passed_resolution().pk,
        )  # fmt: skip
        contract = makers.a_contract(candidate=person)
        assign_role(user=head, role=Role.CARE_STAFF, by=None, now=FOUR)  # as signing it does
        browser = logged_in(north, clerk)
    address = f"/desk/sessions/{gate.session.pk}/duty/leader/"
    page = browser.get(address)
    assert page.status_code == 200
    assert "郑校长" in page.content.decode()
    with in_school(north):
        cleared = Clearance.objects.get(contract=contract)
    assert browser.post(address, {"person": str(cleared.pk)}).status_code == 302
    with in_school(north):
        assert Duty.objects.get(role="leader").clearance == cleared
        assert leaders(gate.session) == [head]
        assert contacts(gate.session)[0].role == "带班领导"
    assert logged_in_page(north, head, gate) == 200


def logged_in_page(school, user, gate) -> int:
    """The gate's page, as a leader of the day opens it."""
    with in_school(school):
        browser = logged_in(school, user)
    return browser.get(f"/care/sessions/{gate.session.pk}/").status_code
