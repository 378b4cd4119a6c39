"""For the office: how many families can read of a charge, a refund or a share, and how many have read it."""

from collections.abc import Collection
from uuid import UUID

from schools.enrolment.models import Agreement
from schools.finance import news
from schools.finance.models import Charge, ChargeRun, Settlement
from schools.notices.news import NOBODY, Reach, reach, reach_by


def by_run(runs: Collection[ChargeRun]) -> dict[UUID, Reach]:
    """Of what each run charged, and of what was taken back. Four queries at most, whatever their number."""
    told: dict[str, dict[UUID, list[tuple[UUID, UUID]]]] = {news.CHARGED: {}, news.TAKEN_BACK: {}}
    rows = Charge.objects.filter(run__in=[run.pk for run in runs])
    for run, pupil, pk, back in rows.values_list("run_id", "agreement__pupil_id", "pk", "taken_back_at"):
        what = news.CHARGED if back is None else news.TAKEN_BACK
        told[what].setdefault(run, []).append((pupil, pk))
    found: dict[UUID, Reach] = {run.pk: NOBODY for run in runs}
    for what, groups in told.items():
        found |= reach_by(groups, what=what) if groups else {}
    return found


def of_settlement(settlement: Settlement) -> Reach:
    """Of its shares. Three queries."""
    return reach(settlement.shares.values_list("agreement__pupil_id", "pk"), what=news.SHARE)


def of_one(agreement: Agreement, about: UUID, what: str) -> Reach:
    """Of one family. Two queries."""
    return reach([(agreement.pupil_id, about)], what=what)
