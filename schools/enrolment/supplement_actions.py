"""Writes of supplements: a guardian asks for one more activity under an agreement, two sides review, it is withdrawn.

The end of the agreement ends it (places.give_back).
Its turn in the line is its own time among the applications of the plan; places move under the plan's lock as theirs.
"""

from datetime import datetime

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.audit.actions import record
from afterbell.kernel import states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from schools.enrolment import further, holding, places, refusals, reviewing, signers, supplement_wording
from schools.enrolment.actions import signing_guardian
from schools.enrolment.models import Agreement, ChosenActivity, Review, Side, Supplement
from schools.enrolment.signing import Signature
from schools.enrolment.states import SUPPLEMENT_IN_LINE, SUPPLEMENT_MOVES, SupplementState
from schools.enrolment.supplement_wording import Further
from schools.planning.models import Activity
from tenants.models import School

PREFIX = "B"


def submit_supplement(
    *,
    school: School,
    agreement: Agreement,
    activity: Activity,
    signature: Signature,
    read_sha256: str,
    device: str,
    by: User,
    now: datetime,
) -> Supplement:
    """One more activity, if the agreement runs, the plan has it, and the child can be there; sent twice it raises
    AlreadyChosen with the first.

    `read_sha256` is the hash of the text that the guardian saw: exactly that is signed, or TextChanged.
    """
    with transaction.atomic():
        row = holding.agreement(agreement)
        guardian = signing_guardian(by, row.pupil, Permission.ENROLMENT_APPLY)
        further.refuse_over(row, now)
        wanted = further.of_the_plan(row, activity)
        further.refuse_choice(row, wanted)
        text = supplement_wording.text(Further(school, row, guardian, wanted))
        if text.sha256 != read_sha256:
            raise refusals.TextChanged
        made = Supplement(
            application=row.application,
            guardian=guardian,
            text=text.text,
            text_sha256=text.sha256,
            signature_mode=signature.mode,
            signature=signature.value,
            device=device,
            submitted_at=now,
        )
        made.number = number_for(PREFIX, local_date(now), made.pk)
        made.save(force_insert=True)
        ChosenActivity(application=row.application, supplement=made, activity=wanted).save(force_insert=True)
        places.marks(row.plan, now)
        details = {
            "number": made.number.lower(),
            "agreement": row.pk,
            "sha256": made.text_sha256,
            "mode": signature.mode.value,
            "activity": wanted.pk,
        }
        record(verb="enrolment.supplement.submit", target=made, by=by, at=now, details=details)
    return made


def review_supplement(
    *, supplement: Supplement, side: Side, is_approval: bool, reason: str = "", by: User, now: datetime
) -> Supplement:
    """One side's word (S14), as on an application: the second yes gives a place, or a place in the line by its time."""
    with transaction.atomic():
        row = holding.supplement(supplement)
        plan, pupil = row.application.plan, row.application.pupil
        reviewing.refuse_own_child([row], by)
        if is_approval:
            signers.refuse_gone_supplement(row)
        reviewing.refuse_review(row, side, by)
        if is_approval:
            reviewing.refuse_late(plan, pupil, now)
        kept = reviewing.said(reason, is_approval=is_approval)
        given = Review(
            application=row.application, supplement=row, side=side, is_approval=is_approval, reason=kept, by=by, at=now
        )  # fmt: skip
        given.save(force_insert=True)
        if not is_approval:
            _leave(row, SupplementState.REFUSED, now=now, decided_at=now)
            places.move_up(plan, by=by, now=now)  # who stood behind it
        elif reviewing.is_agreed(row):
            places.settle(row, plan=plan, by=by, now=now)
        places.marks(plan, now)
        details = {"side": side.value, "approval": is_approval, "state": row.state}
        record(verb="enrolment.supplement.review", target=row, by=by, at=now, details=details)
    return row


def withdraw_supplement(*, supplement: Supplement, by: User, now: datetime) -> None:
    """A guardian takes it back before there is a place; the agreement stays, the line moves up."""
    with transaction.atomic():
        row = holding.supplement(supplement)
        plan = row.application.plan
        signing_guardian(by, row.application.pupil, Permission.ENROLMENT_WITHDRAW)
        if row.state == SupplementState.PLACED:
            raise refusals.HasPlace(number=row.number)
        if row.state not in SUPPLEMENT_IN_LINE:
            raise refusals.NotWithdrawable(state=SupplementState(row.state).label)
        _leave(row, SupplementState.WITHDRAWN, now=now)
        moved = places.move_up(plan, by=by, now=now)
        places.marks(plan, now)
        details = {"moved_up": [other.pk for other in moved]}
        record(verb="enrolment.supplement.withdraw", target=row, by=by, at=now, details=details)


def _leave(row: Supplement, to: SupplementState, *, now: datetime, **also: datetime) -> None:
    """Out of the line before it had a place."""
    states.move(row, to=to, moves=SUPPLEMENT_MOVES, at=now, also=also)
    row.choices.filter(ended_at=None).update(ended_at=now)
