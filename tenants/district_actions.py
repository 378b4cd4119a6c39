"""Districts: a new one, another name, and one taken away that nothing hangs on."""

import re
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import follow, locked
from tenants.models import DISTRICT_CODE, District

NAME_MOST: Final = 40


class BadDistrictCode(Refused):
    """Six digits (GB/T 2260)."""

    code = "district.bad_code"
    message = _("行政区划代码“%(given)s”不对：应为 6 位数字，例如 330102。")
    status = 400


class BadDistrictName(Refused):
    """A name is one line of text."""

    code = "district.bad_name"
    message = _("请填写区县名称，最多 %(most)s 个字，不能有换行等看不见的字符。")
    status = 400


class DistrictExists(Refused):
    """A code is one district."""

    code = "district.exists"
    message = _("行政区划代码 %(given)s 已经是“%(name)s”。")


class DistrictMoved(Refused):
    """Somebody else renamed it or took it away in between."""

    code = "district.moved"
    message = _("这个区县刚刚被别人改过或删除。请看过再改。")


class DistrictInUse(Refused):
    """Schools, rules, days or officers belong to it."""

    code = "district.in_use"
    message = _("“%(name)s”不能删除：%(uses)s。名称写错了可以改名。")


def add_district(*, code: str, name: str, by: User | None, now: datetime) -> District:
    """After the ones that are there. Raises BadDistrictCode, BadDistrictName, DistrictExists."""
    if re.fullmatch(DISTRICT_CODE, code, re.ASCII) is None:
        raise BadDistrictCode(given=code[:40].replace("\x00", "�"), field="code")
    row = District(code=code, name=_plain_name(name))
    with transaction.atomic():
        last = District.objects.aggregate(last=Max("position"))["last"]
        row.position = (last or 0) + 1
        known = District.objects.filter(code=code).first()
        if known is not None:
            raise DistrictExists(given=code, name=known.name, field="code")
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise DistrictExists(given=code, name=row.name, field="code") from error
        audit.record(verb="tenants.district.add", target=row, by=by, at=now, details={"district": code})
    return row


def rename_district(*, district: District, name: str, by: User, now: datetime) -> None:
    """Every page shows the new name, past figures too: the code is what counts. Raises DistrictMoved, BadDistrictName."""
    plain = _plain_name(name)
    with transaction.atomic():
        row = _still(district)
        row.name = plain
        row.save(update_fields=["name"])
        audit.record(
            verb="tenants.district.rename", target=row, by=by, at=now, details={"district": row.code}
        )
    follow(district, row)


def remove_district(*, district: District, by: User, now: datetime) -> None:
    """One that was a mistake. Raises DistrictMoved, and DistrictInUse with what hangs on it."""
    with transaction.atomic():
        row = _still(district)
        if uses := uses_of(row):
            raise DistrictInUse(name=row.name, uses="；".join(uses))
        audit.record(
            verb="tenants.district.remove", target=row, by=by, at=now, details={"district": row.code}
        )
        try:
            with transaction.atomic():
                row.delete()
        except (ProtectedError, IntegrityError) as error:  # a school was opened in it just now
            raise DistrictInUse(name=row.name, uses=str(_("刚刚有学校登记在这里"))) from error


def uses_of(district: District) -> list[str]:
    """What keeps it, in words; empty when it may go. Five queries."""
    counts = (
        (_("有 %(count)s 所学校"), district.schools.count()),
        (_("有 %(count)s 份政策档案适用于它"), district.policies.count()),
        (_("有 %(count)s 项合作机构核准适用于它"), district.providers.count()),
        (_("校历中有它自己的 %(count)s 天"), district.calendar_overrides.count()),
        (_("有 %(count)s 个账号的范围是它"), _officers(district)),
    )
    return [str(words) % {"count": count} for words, count in counts if count]


def _officers(district: District) -> int:
    found: int = User.objects.filter(assignments__scope=district.code).distinct().count()
    return found


def _still(district: District) -> District:
    try:
        row = locked(district)
    except District.DoesNotExist as error:
        raise DistrictMoved from error
    if row.name != district.name:
        raise DistrictMoved
    return row


def _plain_name(name: str) -> str:
    plain = name.strip()
    if not plain or len(plain) > NAME_MOST or not plain.isprintable():
        raise BadDistrictName(most=NAME_MOST, field="name")
    return plain
