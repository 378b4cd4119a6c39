"""For the office: how many families can read of a charge, a refund or a share, and how many have read it."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Value

from schools.finance import news
from schools.finance.models import AddedHours, Charge, ChargeRun, Refund, Settlement
from schools.notices.news import NOBODY, Reach, grouped, reach, reaches

PUPIL = "agreement__pupil"


def by_run(runs: Collection[ChargeRun]) -> dict[UUID, Reach]:
    """Of what each run charged or added; of one that was taken back, that it was; nobody of one of 0.00. One query."""
    keys = [run.pk for run in runs]
    charges = Charge.objects.filter(news.TOLD_CHARGES, run__in=keys)
    more = AddedHours.objects.filter(news.TOLD_ADDED, run__in=keys)
    found = reaches(
        grouped("run_id", charges, pupil=PUPIL, what=news.CHARGE).union(
            grouped("run_id", more, pupil=f"charge__{PUPIL}", what=news.MORE_HOURS), all=True
        )
    )
    return {key: found.get(key, NOBODY) for key in keys}


def of_settlement(settlement: Settlement) -> Reach:
    """Of its shares. One query."""
    return reach(settlement.shares.filter(news.TOLD_SHARES), pupil=PUPIL, what=Value(news.SHARE))


def of_refund(refund: Refund) -> Reach:
    """Of where it stands now. One query."""
    return reach(Refund.objects.filter(pk=refund.pk), pupil=PUPIL, what=news.REFUND)
