"""Writes of the register: approving an organisation, and taking an approval back."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import locked
from tenants.models import District, Provider
from tenants.providers import credit_codes, queries


class WrongCreditCode(Refused):
    """A code that nobody has: its check sign says so."""

    code = "provider.wrong_credit_code"
    message = _("“%(code)s”不是有效的统一社会信用代码，请核对营业执照（18 位，最后一位是校验码）。")
    status = 400


class WrongDates(Refused):
    """An approval ends after it begins, and begins before it is over."""

    code = "provider.wrong_dates"
    message = _("核准期的截止日期不能早于开始日期，也不能早于今天。")
    status = 400


class AlreadyApproved(Refused):
    """Two approvals of one organisation never run on one day."""

    code = "provider.already_approved"
    message = _("“%(name)s”在 %(first)s 至 %(last)s 已经核准。请从其后的日期起核准，或先撤销原来的核准。")


class NoReason(Refused):
    """The organisation and the schools are told why."""

    code = "provider.no_reason"
    message = _("请写明撤销的原因。")
    status = 400


class AlreadyRevoked(Refused):
    """Once is enough."""

    code = "provider.already_revoked"
    message = _("这项核准已于 %(date)s 撤销。")


def approve_provider(
    *,
    name: str,
    credit_code: str,
    services: str,
    approved_from_date: date,
    approved_until_date: date,
    decision_number: str,
    district: District | None,
    by: User | None,
    now: datetime,
) -> Provider:
    """Put an organisation on the register, for a district or the whole city.

    Raises WrongCreditCode, WrongDates, AlreadyApproved.
    """
    code = credit_codes.plain(credit_code)
    if not credit_codes.holds(code):
        raise WrongCreditCode(code=credit_code[:40])
    if approved_until_date < max(approved_from_date, local_date(now)):
        raise WrongDates
    row = Provider(
        name=name,
        credit_code=code,
        services=services,
        district=district,
        approved_from_date=approved_from_date,
        approved_until_date=approved_until_date,
        decision_number=decision_number,
    )
    with transaction.atomic():
        if other := queries.running_beside(row):
            raise AlreadyApproved(
                name=other.name, first=other.approved_from_date, last=other.approved_until_date
            )
        _refuse_twice(row)
        audit.record(verb="provider.approve", target=row, by=by, at=now, details=_what(row))
    return row


def revoke_provider(*, provider: Provider, reason: str, by: User, now: datetime) -> Provider:
    """From today on the organisation renders nothing more. Raises NoReason, AlreadyRevoked."""
    said = reason.strip()[:200]
    if not said:
        raise NoReason
    with transaction.atomic():
        row = locked(provider)
        if row.revoked_date is not None:
            raise AlreadyRevoked(date=row.revoked_date)
        row.revoked_date, row.revoke_reason = local_date(now), said
        row.save(update_fields=["revoked_date", "revoke_reason"])
        audit.record(verb="provider.revoke", target=row, by=by, at=now, details=_what(row))
    return row


def _refuse_twice(row: Provider) -> None:
    """The constraint decides, so that two officers at once are told the same as one after the other."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyApproved(
            name=row.name, first=row.approved_from_date, last=row.approved_until_date
        ) from error


def _what(row: Provider) -> dict[str, object]:
    return {
        "district": row.district.code if row.district else None,
        "first": row.approved_from_date,
        "last": row.approved_until_date,
    }
