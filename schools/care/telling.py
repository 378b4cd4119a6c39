"""Tells families and duty leaders: a notice that stays as it was sent, and one delivery for each adult."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from schools.care.models import DutyRole, Session
from schools.enrolment.models import ChosenActivity
from schools.enrolment.states import AgreementState
from schools.notices.models import Delivery, Notice, NoticeKind
from schools.people.models import Pupil, Tie
from schools.staffing.states import ContractState


def families(session: Session, *, title: str, body: str, by: User, now: datetime) -> int:
    """A letter to the adults of every child with a place in the session; returns how many adults."""
    pupils = (
        ChosenActivity.objects.filter(
            activity=session.activity_id,
            holds_place=True,
            application__agreement__state=AgreementState.ACTIVE,
            application__agreement__from_date__lte=session.date,
            application__agreement__until_date__gte=session.date,
        )
        .values_list("application__pupil", flat=True)
        .distinct()
    )
    ties = _ties(list(pupils))
    notice = _notice(NoticeKind.LETTER, title, body, by=by, now=now)
    return _deliver(notice, guardians=ties, users=(), now=now)


def of_incident(
    session: Session, pupil: Pupil | None, *, title: str, body: str, by: User, now: datetime
) -> Notice:
    """S23: to the child's adults and to the duty leader at once; each delivery is a row."""
    notice = _notice(NoticeKind.INCIDENT, title, body, by=by, now=now)
    ties = _ties([pupil.pk]) if pupil else ()
    _deliver(notice, guardians=ties, users=leaders(session), now=now)
    return notice


def leaders(session: Session) -> list[UUID]:
    """The duty leader of the session; without one, or one without an account, the school's leaders."""
    on_duty = list(
        User.objects.filter(
            is_active=True,
            candidate__contracts__state=ContractState.ACTIVE,
            candidate__contracts__clearance__duties__session=session,
            candidate__contracts__clearance__duties__role=DutyRole.LEADER,
        ).values_list("pk", flat=True)
    )
    if on_duty:
        return on_duty
    heads = User.objects.filter(is_active=True, assignments__role__in=[Role.PRINCIPAL, Role.DEPUTY])
    return list(heads.order_by("pk").values_list("pk", flat=True).distinct())


def _ties(pupils: list[UUID]) -> list[tuple[UUID, UUID]]:
    """(adult, child): adults with rights over the child; who is denied is never told where the child is."""
    rows = Tie.objects.filter(
        Q(may_sign=True) | Q(may_collect=True), pupil__in=pupils, is_denied=False, ended_at__isnull=True
    )
    return list(rows.order_by("pk").values_list("guardian", "pupil"))


def _notice(kind: NoticeKind, title: str, body: str, *, by: User, now: datetime) -> Notice:
    return Notice(
        kind=kind,
        title=title[:120],
        body=body,
        body_sha256=sha256(body.encode()).hexdigest(),
        is_open=False,
        published_at=now,
        by=by,
    )


def _deliver(
    notice: Notice, *, guardians: Iterable[tuple[UUID, UUID]], users: Iterable[UUID], now: datetime
) -> int:
    """Notice and deliveries together; returns how many adults are told."""
    deliveries = [
        *(
            Delivery(notice=notice, guardian_id=guardian, pupil_id=pupil, sent_at=now)
            for guardian, pupil in guardians
        ),
        *(Delivery(notice=notice, user_id=user, sent_at=now) for user in users),
    ]
    with transaction.atomic():
        notice.save(force_insert=True)
        Delivery.objects.bulk_create(deliveries)
    return len({(delivery.guardian_id, delivery.user_id) for delivery in deliveries})
