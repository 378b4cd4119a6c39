"""A person whom children had in sessions, their families, and a survey of them."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from schools.care.states import RollState
from schools.people.models import Guardian
from schools.staffing.models import Contract
from schools.voice import survey_actions
from schools.voice.models import Invitation, Survey
from tests import makers

WEEK = timedelta(days=7)


@dataclass
class Asked:
    """A survey, and the guardians with their logins in the order in which they joined."""

    survey: Survey
    guardians: list[Guardian]

    def invitation(self, number: int) -> Invitation:
        return Invitation.objects.get(survey=self.survey, guardian=self.guardians[number])


def now():
    return timezone.now()


def a_person_with_families(count: int) -> tuple[Contract, list[Guardian]]:
    """A contract, one session, and a present child of each family."""
    contract = makers.a_contract()
    plan = makers.Plan.objects.first() or makers.a_plan()
    session = makers.a_session(makers.an_activity(plan), contract=contract)
    guardians = [a_family_of(session) for _number in range(count)]
    return contract, guardians


def a_family_of(session) -> Guardian:
    """A child who was there, by an agreement that runs."""
    pupil = makers.a_pupil()
    guardian = makers.a_guardian(pupil, user=makers.a_user("guardian", name="李强"))
    came(session, makers.an_agreement(pupil, guardian=guardian))
    return guardian


def came(session, agreement):
    makers.a_roll_entry(session, agreement, state=RollState.PRESENT, arrived_at=session.starts_at)


def a_survey(count: int) -> Asked:
    contract, guardians = a_person_with_families(count)
    survey = survey_actions.open_survey(
        contract=contract, term_code=makers.TERM, closes_at=now() + WEEK, by=makers.a_user("clerk"), now=now()
    )
    return Asked(survey, guardians)


def rate(asked: Asked, number: int, score: int = 5, comment: str = "", at=None) -> None:
    guardian = asked.guardians[number]
    survey_actions.answer_survey(
        invitation=asked.invitation(number), score=score, comment=comment, by=guardian.user, now=at or now()
    )
