"""The API of an exit that the roll contradicts."""

from rest_framework import serializers

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from schools.enrolment import exit_actions
from schools.enrolment.models import Agreement
from schools.finance import queries
from schools.finance.api.base import Step, does


class ExitOut(serializers.ModelSerializer[Agreement]):
    """An agreement that was ended, with its last day."""

    class Meta:
        model = Agreement
        fields = ("id", "number", "state", "from_date", "until_date", "ended_at")
        read_only_fields = fields


@declares(Permission.ENROLMENT_REVIEW_SCHOOL)
@does(exit_actions.correct_exit, agreement=queries.agreement, gives=ExitOut)
class CorrectExit(Step):
    """The last day becomes the last one on which the roll has the child; unsent refunds are calculated again by it."""
