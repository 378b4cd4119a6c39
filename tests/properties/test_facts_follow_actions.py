"""Incremental equals full: whatever people do, in whatever order, no action forgets to mark a fact that it changes."""

from contextlib import suppress
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from oversight.facts import actions as facts
from schools.care import actions as care
from schools.care import incident_actions, roll_actions
from schools.care.models import Session
from schools.finance import actions as finance
from schools.finance import queries
from schools.finance.models import Charge, Expenditure, Transfer, Waiver
from schools.finance.spending import BY_PAY_SHEET, Payee
from schools.people import pupil_actions
from schools.people.models import Pupil
from schools.planning.models import FeeUnit
from schools.staffing import actions as staffing
from schools.staffing import clearance_actions
from schools.staffing.models import Contract
from schools.voice import complaint_actions, letters
from schools.voice.models import Complaint
from tenants.context import in_school
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import ComplaintKind
from tenants.policies import queries as policies
from tests import makers
from tests.schools.care.stage import FOUR, a_gate
from tests.schools.finance.stage import people as finance_people
from tests.schools.finance.stage import the_term
from tests.undone import undone

TERM = makers.TERM


class Life:
    """A school in which things happen."""

    def __init__(self, school, chance: Random) -> None:
        self.school, self.chance, self.now = school, chance, FOUR
        self.them = finance_people()
        plan = makers.a_plan(fee_unit=FeeUnit.MONTH, fee_fen=13000)
        self.gate = a_gate(3, activity=makers.an_activity(plan))
        self.gate.plan = plan
        self.guardian = self.gate.guardians[0]
        self.guardian.user = makers.a_user("guardian")
        self.guardian.save()

    def pupil(self):
        return self.chance.choice(self.gate.pupils)

    def session(self):
        return Session.objects.get(pk=self.gate.session.pk)

    def opens(self):
        roll_actions.open_session(session=self.session(), by=self.gate.teacher, now=self.now)

    def marks_somebody(self):
        deed = self.chance.choice(
            [
                roll_actions.mark_present,
                roll_actions.mark_absent,
                roll_actions.mark_excused,
                roll_actions.undo,
            ]
        )
        deed(session=self.session(), pupil=self.pupil(), by=self.gate.teacher, now=self.now)

    def hands_somebody_over(self):
        number = self.chance.randrange(len(self.gate.pupils))
        roll_actions.hand_over(
            session=self.session(),
            pupil=self.gate.pupils[number],
            collector=self.gate.guardians[number],
            by=self.gate.teacher,
            now=self.now,
        )

    def closes(self):
        for number, pupil in enumerate(self.gate.pupils):
            with suppress(Refused), transaction.atomic():
                roll_actions.mark_present(
                    session=self.session(), pupil=pupil, by=self.gate.teacher, now=self.now
                )
            with suppress(Refused), transaction.atomic():
                roll_actions.hand_over(
                    session=self.session(), pupil=pupil, collector=self.gate.guardians[number],
                    by=self.gate.teacher, now=self.now + timedelta(minutes=30),
                )  # fmt: skip
        roll_actions.close_session(session=self.session(), note="正常", by=self.gate.teacher, now=self.now)

    def cancels(self):
        care.cancel_session(session=self.session(), reason="台风", by=self.them.clerk, now=self.now)

    def reports_an_incident(self):
        incident_actions.report_incident(
            session=self.session(),
            pupil=self.pupil(),
            summary="擦伤",
            happened_at=self.now,
            by=self.gate.teacher,
            now=self.now,
        )

    def charges(self):
        finance.charge_period(plan=self.gate.plan, period="2026-09", by=self.them.treasurer, now=self.now)

    def asks_for_a_waiver(self):
        charge = self.chance.choice(list(Charge.objects.all()) or [None])
        if charge:
            fen = Fen(self.chance.randrange(1, 13000))
            finance.request_waiver(
                charge=charge, reason="hardship", proof="低保证", amount=fen, by=self.them.clerk, now=self.now
            )

    def grants_waivers(self):
        for waiver in Waiver.objects.filter(state="requested"):
            finance.grant_waiver(waiver=waiver, by=self.them.principal, now=self.now)

    def takes_a_waiver_back(self):
        for waiver in Waiver.objects.filter(state="granted")[:1]:
            finance.withdraw_waiver(waiver=waiver, reason="弄错了", by=self.them.chair, now=self.now)

    def pays(self):
        agreement = self.chance.choice(self.gate.agreements)
        finance.record_payment(
            agreement=agreement,
            seen_owed=queries.owed_by(agreement),
            amount=Fen(self.chance.randrange(1, 20000)),
            provider_key=f"wx-{makers.number()}",
            paid_at=self.now,
            by=self.them.clerk,
            now=self.now,
        )

    def asks_for_money(self):
        item, payee = self.chance.choice(
            [("teaching_pay", BY_PAY_SHEET), ("activity_goods", Payee("supplier", "文具店"))]
        )
        finance.request_expenditure(
            term_code=TERM, item=item, title="九月支出", payee=payee,
            amount=Fen(self.chance.randrange(1, 5000)), spent_date=self.now.date(), by=self.them.treasurer, now=self.now,
        )  # fmt: skip

    def approves_money(self):
        asked = self.chance.choice(list(Expenditure.objects.filter(state="requested")) or [None])
        if asked:
            finance.approve_expenditure(expenditure=asked, by=self.them.principal, now=self.now)

    def reverses(self):
        transfer = self.chance.choice(list(Transfer.objects.all()) or [None])
        if transfer:
            finance.reverse_transfer(
                transfer=transfer, reason="bounced", by=self.them.principal, now=self.now
            )

    def complains(self):
        """To the school, or to the bureau: the facts count both."""
        submit = self.chance.choice([complaint_actions.complain, letters.submit])
        wanted = Wanted(self.chance.choice(list(ComplaintKind)), "请答复")
        submit(school=self.school, key=uuid4(), wanted=wanted, by=self.guardian.user, now=self.now)

    def answers(self):
        complaint = self.chance.choice(list(Complaint.objects.all()) or [None])
        if complaint:
            complaint_actions.answer(complaint=complaint, text="已处理", by=self.them.principal, now=self.now)

    def a_child_comes(self):
        pupil_actions.admit_pupil(
            number=f"G{makers.number():08d}", name="新同学", school_class=makers.a_class(), joined_date=self.now.date(),
            by=self.them.clerk, now=self.now,
        )  # fmt: skip

    def a_child_leaves(self):
        pupil = self.chance.choice(list(Pupil.objects.filter(left_date__isnull=True)))
        pupil_actions.leave(pupil=pupil, on=self.now.date(), by=self.them.clerk, now=self.now)

    def a_check_is_recorded(self):
        candidate = Contract.objects.get(pk=self.gate.contract.pk).candidate
        staffing.record_check(
            candidate=candidate, kind="criminal_record", passed=self.chance.random() < 0.5,
            checked_date=self.now.date() - timedelta(days=self.chance.randrange(9)), expires_date=None,
            document_number="X1", consent_at=self.now, by=self.them.principal, now=self.now,
            policy=policies.for_school(self.school, self.now.date()).policy,
        )  # fmt: skip

    def the_teacher_is_dismissed(self):
        clearance_actions.dismiss(
            contract=Contract.objects.get(pk=self.gate.contract.pk),
            reason="不能胜任",
            by=self.them.principal,
            now=self.now,
        )

    def time_passes(self):
        self.now += timedelta(minutes=self.chance.randrange(1, 20))


DEEDS = [name for name in vars(Life) if not name.startswith("_") and name not in {"pupil", "session"}]


@pytest.mark.django_db
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), deeds=st.permutations(DEEDS))
def test_after_any_deeds_the_marked_facts_are_all_the_facts(north, seed, deeds):
    with undone():
        the_term("national-2024")
        with in_school(north):
            life = Life(north, Random(seed))
        facts.recompute(school=north, now=life.now)  # what the makers made below the actions
        moment = life.now
        for deed in ["opens", *deeds, "closes"]:
            with in_school(north), suppress(Refused), transaction.atomic():
                getattr(life, deed)()
            moment = max(moment, life.now) + timedelta(seconds=1)
            facts.drain(school=north, now=moment)
            moment += timedelta(seconds=1)
            assert facts.recompute(school=north, now=moment).changed == 0, deed
