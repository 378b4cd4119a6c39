"""Putting rules in force. A profile is never edited: other rules are another profile from a later day."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.audit.chain import as_json
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from tenants.models import District, Kind, PolicyProfile
from tenants.policies import queries
from tenants.policies.checking import Problem, problems_in


class InvalidPolicy(Refused):
    """The document is not in order; `problems` has every place and sentence."""

    code = "policy.invalid"
    message = _("政策档案有 %(count)s 处需要改正：%(first)s")
    status = 400

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(count=len(problems), first=str(problems[0]))
        self.problems = problems


class PolicyStartsThatDay(Refused):
    """Two profiles of one scope can't begin on one day."""

    code = "policy.starts_that_day"
    message = _("同一范围已有一份政策档案从 %(date)s 起生效，请另选日期。")


class PolicyInThePast(Refused):
    """Schools have already worked under other rules on that day."""

    code = "policy.in_the_past"
    message = _("%(date)s 已经过去，学校当时执行的是另一份政策档案，不能追溯更改。请选择今天或以后的日期。")


def adopt(
    *,
    name: str,
    document: Mapping[str, Any],
    valid_from_date: date,
    source: str,
    by: User | None,
    now: datetime,
    district: District | None = None,
    kind: str = "",
) -> PolicyProfile:
    """Put a profile in force from a day on, for the city, a district, a kind of school, or both.

    Raises InvalidPolicy with every problem, PolicyStartsThatDay, PolicyInThePast. A past day is possible only
    while no rules at all are in force for the scope, as when a city begins in the middle of a term.
    """
    if kind and kind not in Kind.values:
        raise ValueError(f"there is no kind {kind!r}")
    problems = problems_in(document)
    if problems:
        raise InvalidPolicy(problems)
    profile = PolicyProfile(
        name=name,
        district=district,
        kind=kind,
        valid_from_date=valid_from_date,
        document=dict(document),
        source=source,
        created_at=now,
    )
    profile.clean_fields()
    with transaction.atomic():
        _refuse_the_past(profile, today=local_date(now))
        _refuse_twice(profile)
        audit.record(verb="policy.adopt", target=profile, by=by, at=now, details=_what(profile))
    return profile


def _refuse_the_past(profile: PolicyProfile, *, today: date) -> None:
    if profile.valid_from_date >= today:
        return
    begun = queries.covering(district=profile.district, kind=profile.kind).filter(valid_from_date__lt=today)
    if begun.exists():
        raise PolicyInThePast(date=profile.valid_from_date)


def _refuse_twice(profile: PolicyProfile) -> None:
    """The constraint decides, so that two officers at once are told the same as one after the other."""
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError as error:
        raise PolicyStartsThatDay(date=profile.valid_from_date) from error


def _what(profile: PolicyProfile) -> dict[str, object]:
    return {
        "policy": profile.document["code"],
        "valid_from": profile.valid_from_date,
        "district": profile.district.code if profile.district else None,
        "kind": profile.kind or None,
        "document_sha256": hashlib.sha256(as_json(profile.document).encode()).hexdigest(),
    }
