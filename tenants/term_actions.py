"""Terms: adding one, moving its dates while the schools' plans allow it, taking one back that nobody has used."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import YEARS, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import lockable
from afterbell.kernel.strings import dotted
from tenants.models import Term

FORM: Final = re.compile(r"(20[0-9]{2})-(20[0-9]{2})-([12])", re.ASCII)
LONGEST: Final = timedelta(days=270)
NAME_MOST: Final = 40


class Use(NamedTuple):
    """A school that works in a term, and the days that its plans need of it (None: it has only asked)."""

    school: str
    first: date | None
    last: date | None


class BadTermCode(Refused):
    """2026-2027-1: the school year, then 1 for autumn and 2 for spring."""

    code = "term.bad_code"
    message = _(
        "学期代码“%(given)s”不对：应为学年加学期，例如 2026-2027-1（第一学期）或 2026-2027-2（第二学期）。"
    )
    status = 400


class BadTermName(Refused):
    """A name is one line of text."""

    code = "term.bad_name"
    message = _("请填写学期名称，最多 %(most)s 个字，不能有换行等看不见的字符。")
    status = 400


class BadTermDates(Refused):
    """A term ends after it begins and is no longer than nine months."""

    code = "term.bad_dates"
    message = _("学期 %(first)s 至 %(last)s 的日期不对：结束要晚于开始，最长 %(most)s 天。")
    status = 400


class TermOutsideItsYear(Refused):
    """The first day of autumn lies in the school year's first calendar year, of spring in its second."""

    code = "term.outside_its_year"
    message = _("代码 %(given)s 的学期应在 %(year)s 年开学，填写的开学日期是 %(first)s。请改正代码或日期。")
    status = 400


class TermExists(Refused):
    """A code is one term."""

    code = "term.exists"
    message = _("学期 %(given)s 已经有了：%(first)s 至 %(last)s。要改日期，请在学期页面修改。")


class TermsOverlap(Refused):
    """A day lies in one term at most: fees, statements and settlements are a term's."""

    code = "term.overlaps"
    message = _("与“%(name)s”（%(first)s 至 %(last)s）有重叠的日期。一天只能属于一个学期，请改正日期。")


class TermIsOver(Refused):
    """Its schools have settled it, or are settling it."""

    code = "term.over"
    message = _("“%(name)s”已经结束，学校按原日期结算，不能再改。")


class TermHasBegun(Refused):
    """A first day that schools have worked on stays."""

    code = "term.begun"
    message = _("“%(name)s”已经开学，并有学校在使用，开学日期不能再改；只能调整结束日期。")


class TermCutsPlans(Refused):
    """Every plan of the term lies inside it."""

    code = "term.cuts_plans"
    message = _(
        "有 %(count)s 所学校的服务方案不在新的日期之内（例如 %(school)s：%(first)s 至 %(last)s）。"
        "请让新的日期包含这些方案，或先由学校修改方案。"
    )


class TermIsUsed(Refused):
    """Schools have asked families or planned in it."""

    code = "term.used"
    message = _(
        "已有 %(count)s 所学校在“%(name)s”征询意愿或制定方案（例如 %(school)s），不能删除。可以修改日期。"
    )


class TermMoved(Refused):
    """Somebody else changed it in between."""

    code = "term.moved"
    message = _("这个学期刚刚被别人改过，现在是 %(first)s 至 %(last)s。请看过再改。")


class TermGone(Refused):
    """Somebody else has taken it away."""

    code = "term.gone"
    message = _("这个学期已经被删除。")
    status = 404


def add_term(
    *, code: str, name: str, first_date: date, last_date: date, by: User | None, now: datetime
) -> Term:
    """A term of the city. Raises BadTermCode, BadTermName, BadTermDates, TermOutsideItsYear, TermExists, TermsOverlap."""
    row = Term(code=code, name=_plain_name(name), first_date=first_date, last_date=last_date)
    _refuse_bad(row)
    with transaction.atomic():
        _in_line()
        _keep(row, is_new=True)
        audit.record(verb="calendar.term.add", target=row, by=by, at=now, details=_what(row))
    return row


def change_term(
    *,
    term: Term,
    name: str,
    first_date: date,
    last_date: date,
    by: User | None,
    now: datetime,
) -> Term:
    """Other dates, or another name, than the handed term has; it must still be as it was handed.

    One that no school uses yet may be anything. Used, it keeps every plan inside, and from its first day on that day.
    What schools have counted in it is marked. Raises TermMoved, TermGone, TermIsOver, TermHasBegun, TermCutsPlans
    and what add_term raises.
    """
    with transaction.atomic():
        row = _still(term)
        before = _what(row)
        days = _days(row)
        if days != (first_date, last_date):
            _refuse_use(row, first_date, last_date, today=local_date(now))
        row.name, row.first_date, row.last_date = _plain_name(name), first_date, last_date
        if days == (
            first_date,
            last_date,
        ):  # what an older version let in keeps its dates, and may be called otherwise
            row.save(force_update=True)
        else:
            _refuse_bad(row)
            _keep(row, is_new=False)
        details = {**_what(row), "before": before}
        audit.record(verb="calendar.term.change", target=row, by=by, at=now, details=details)
        if days != (first_date, last_date):
            dotted(settings.TERM_CHANGED)(code=row.code, now=now)
    return row


def remove_term(*, term: Term, by: User | None, now: datetime) -> None:
    """Take back one that no school has used. Raises TermMoved, TermGone, TermIsUsed."""
    with transaction.atomic():
        row = _still(term)
        if used := uses(row.code):
            raise TermIsUsed(count=len(used), name=row.name, school=used[0].school)
        audit.record(verb="calendar.term.remove", target=row, by=by, at=now, details=_what(row))
        row.delete()


def uses(code: str) -> Sequence[Use]:
    """The schools that work in a term; asked of each school itself."""
    found: Sequence[Use] = dotted(settings.TERM_USES)(code)
    return found


def _still(term: Term) -> Term:
    """As it stands now, ours until the end; raises TermGone and TermMoved."""
    row = next((each for each in _in_line() if each.pk == term.pk), None)
    if row is None:
        raise TermGone
    if (row.name, *_days(row)) != (term.name, *_days(term)):
        raise TermMoved(first=row.first_date, last=row.last_date)
    return row


def _in_line() -> list[Term]:
    """All terms, ours until the end: a term that overlapped before the rule is left out of it (migration 0003), and whoever
    moves it or puts another one beside it waits here instead."""
    return list(lockable(Term.objects.all()))


def _refuse_use(row: Term, first: date, last: date, *, today: date) -> None:
    used = uses(row.code)
    if not used:
        return
    if row.last_date < today or last < today:
        raise TermIsOver(name=row.name)
    if row.first_date <= today and first != row.first_date:
        raise TermHasBegun(name=row.name, field="first_date")
    cut = [
        each for each in used if each.first and each.last and not (first <= each.first and each.last <= last)
    ]
    if cut:
        raise TermCutsPlans(count=len(cut), school=cut[0].school, first=cut[0].first, last=cut[0].last)


def _refuse_bad(row: Term) -> None:
    found = FORM.fullmatch(row.code)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise BadTermCode(given=row.code[:40].replace("\x00", "�"), field="code")
    first, last = row.first_date, row.last_date
    if first.year not in YEARS or not timedelta(0) < last - first <= LONGEST:
        raise BadTermDates(first=first, last=last, most=LONGEST.days, field="last_date")
    year = int(found[int(found[3])])
    if first.year != year:
        raise TermOutsideItsYear(given=row.code, year=year, first=first, field="first_date")


def _keep(row: Term, *, is_new: bool) -> None:
    """Says who is in the way; the constraints decide, and two officers at once are told the same."""
    _refuse_met(row, is_new=is_new)
    try:
        with transaction.atomic():
            row.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError:  # somebody else, a moment ago
        _refuse_met(row, is_new=is_new)
        raise


def _refuse_met(row: Term, *, is_new: bool) -> None:
    others = Term.objects.exclude(pk=row.pk)
    known = others.filter(code=row.code).first() if is_new else None
    if known is not None:
        raise TermExists(given=row.code, first=known.first_date, last=known.last_date, field="code")
    other = (
        others.filter(first_date__lte=row.last_date, last_date__gte=row.first_date).order_by("code").first()
    )
    if other is not None:
        raise TermsOverlap(name=other.name, first=other.first_date, last=other.last_date, field="first_date")


def _plain_name(name: str) -> str:
    plain = name.strip()
    if not plain or len(plain) > NAME_MOST or not plain.isprintable():
        raise BadTermName(most=NAME_MOST, field="name")
    return plain


def _days(row: Term) -> tuple[date, date]:
    return row.first_date, row.last_date


def _what(row: Term) -> dict[str, object]:
    """For the audit log, which takes nobody's words."""
    return {"term": row.code, "first": row.first_date, "last": row.last_date}
