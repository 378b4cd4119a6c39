"""Background work of the anchors: each hour's pass, and a verification that somebody began."""

from time import monotonic
from typing import Final
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from tenants import context
from tenants.anchors import actions, verifying
from tenants.anchors.models import Verification

AT_A_TIME: Final = 25
"""Chains of one task: what one connection should touch (architecture §3)."""
SECONDS: Final = 120
"""After this the rest is another task's: a task is ended after ten minutes."""


@shared_task
def anchor() -> None:
    """Hourly, by the timetable."""
    actions.anchor_all(now=timezone.now())
    verifying.wake_still(now=timezone.now())


@shared_task
def verify(*, verification_id: str) -> None:
    """Some chains, then another task for the next ones; the last one ends it. A run that is over finds nothing to do."""
    with context.in_city():
        found = Verification.objects.filter(pk=UUID(verification_id), done_at__isnull=True).first()
    if found is None:
        return
    until = monotonic() + SECONDS
    for school in verifying.left(found)[:AT_A_TIME]:
        verifying.verify(found, school, now=timezone.now())
        if monotonic() > until:
            break
    if verifying.left(found):
        verify.apply_async(kwargs={"verification_id": verification_id}, ignore_result=True)
    else:
        verifying.finish(found, now=timezone.now())
