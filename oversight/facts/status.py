"""How old the city's figures are, in a few numbers for `afterbell status` and /readyz."""

from datetime import datetime
from typing import TypedDict

from oversight.facts import nights
from oversight.facts.models import AreaMark, AreaPulse, Pulse
from oversight.facts.nights import NightSoFar
from tenants import context


class RollUpAge(TypedDict):
    """ISO times; None before the first roll-up."""

    rolled_at: str | None
    swept_at: str | None
    age_seconds: int | None
    """Since every mark of every school had been taken."""
    failed_schools: int
    """Whose last try failed."""
    areas_waiting: int
    nightly: NightSoFar | None
    """The last full pass."""


def roll_up(now: datetime) -> RollUpAge:
    """A few statements, as the bureau's reader."""
    with context.as_bureau():
        pulse = AreaPulse.objects.first()
        failed = Pulse.objects.filter(failed_at__isnull=False).count()
        waiting = AreaMark.objects.count()
        night = nights.so_far()
    swept = pulse.swept_at if pulse else None
    return RollUpAge(
        rolled_at=pulse.rolled_at.isoformat() if pulse else None,
        swept_at=swept.isoformat() if swept else None,
        age_seconds=int((now - swept).total_seconds()) if swept else None,
        failed_schools=failed,
        areas_waiting=waiting,
        nightly=night,
    )
