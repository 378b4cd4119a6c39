"""What the committee and the bureau have decided: handed to the plan or the amendment that it is about.

Named in settings.RESOLUTION_CLOSED and settings.EXCHANGE_ANSWERED.
"""

from datetime import datetime

from afterbell.accounts.models import User
from schools.committee.models import Resolution
from schools.planning import actions, amendment_actions
from tenants.exchange.models import Envelope


def resolution_closed(*, resolution: Resolution, by: User, now: datetime) -> None:
    if not amendment_actions.resolution_closed(resolution=resolution, by=by, now=now):
        actions.resolution_closed(resolution=resolution, by=by, now=now)


def filing_answered(*, envelope: Envelope, now: datetime) -> None:
    if not amendment_actions.filing_answered(envelope=envelope, now=now):
        actions.filing_answered(envelope=envelope, now=now)
