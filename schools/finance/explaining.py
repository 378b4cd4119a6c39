"""How a charge came about, line by line, so that a family can redo the sum: 98 课时 × ¥2.80 = ¥274.40. Pure."""

from django.utils.translation import gettext as _

from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from schools.finance import again, charging, waiving
from schools.finance.models import AddedHours, Charge
from schools.planning.models import FeeUnit


def charge_lines(charge: Charge, reason: str = "") -> list[str]:
    """Units × fee, the cap where it binds, the waiver with its reason's name, what is to be paid: the stored numbers."""
    found = [*_standard(charge)]
    if charge.waived_fen:
        found.append(_waiver(charge, reason))
    if charge.hours_at is not None:
        found += [
            _added(row, charge)
            for row in charge.added_hours.filter(run__taken_back_at=None).select_related("run")
        ]
    if charge.again_fen:
        said = _("其中 %(fen)s 按前一份协议收过，在退费里减去")
        found.append(said % {"fen": format_fen(again.off(charge))})
    net = Fen(charge.gross_fen - charge.waived_fen)
    if charge.taken_back_at is not None:
        found.append(_("这笔费用已撤回，不用缴。"))
    elif not net:
        found.append(_("无需缴费"))
    else:
        found.append(_("应缴 %(fen)s") % {"fen": format_fen(net)})
    return found


def _standard(charge: Charge) -> list[str]:
    """Charges from before the fee was kept have their sum alone."""
    gross = Fen(charge.gross_fen)
    product = _product(charge)
    full = charge.units * charge.fee_fen if charge.fee_fen is not None else None
    if product is None or full is None or full < gross:
        return [_("标准金额 %(fen)s") % {"fen": format_fen(gross)}]
    if full == gross:
        return [product]
    if charge.cap_fen == gross:
        return [product, _("封顶 %(cap)s，按封顶收取") % {"cap": format_fen(gross)}]
    return [product, _("按规定只收 %(fen)s") % {"fen": format_fen(gross)}]


def _product(charge: Charge) -> str | None:
    if charge.fee_fen is None:
        return None
    words = {
        FeeUnit.CLASS_HOUR.value: _("%(n)s 课时 × %(fee)s = %(full)s"),
        FeeUnit.MONTH.value: _("%(n)s 个月 × %(fee)s = %(full)s"),
        FeeUnit.TERM.value: _("%(n)s 个学期 × %(fee)s = %(full)s"),
    }
    if charge.unit not in words:
        return None
    fee = Fen(charge.fee_fen)
    given = {"n": charge.units, "fee": format_fen(fee), "full": format_fen(Fen(charge.units * fee))}
    return words[charge.unit] % given


def _waiver(charge: Charge, reason: str) -> str:
    share = _percent(charge)
    name = _("（%(reason)s）") % {"reason": reason} if reason else ""
    return _("减免%(share)s%(name)s −%(fen)s") % {
        "share": f" {share}%" if share else "",
        "name": name,
        "fen": format_fen(Fen(charge.waived_fen)),
    }


def _percent(charge: Charge) -> int | None:
    """A whole percentage that gives exactly what was waived; most typed amounts have none."""
    gross = Fen(charge.gross_fen)
    nearest = round(100 * charge.waived_fen / gross)
    return nearest if charging.waived_by_percent(gross, nearest) == charge.waived_fen else None


def _added(row: AddedHours, charge: Charge) -> str:
    """A waiver that was withdrawn since took its share of it along; another one is of the whole charge."""
    is_waived = row.waived_fen and charge.waived_fen and waiving.stands_for(row)
    waived = row.waived_fen if is_waived else 0
    given = {
        "date": local_date(row.run.posted_at),
        "hours": row.units,
        "fen": format_fen(Fen(row.gross_fen)),
        "waived": format_fen(Fen(waived)),
    }
    if not row.gross_fen:
        return _("其中收费之后增加的 %(hours)s 课时，已到封顶，不加收") % given
    if waived:
        return _("其中收费之后增加的 %(hours)s 课时，%(date)s 补收 %(fen)s，减免 %(waived)s") % given
    return _("其中收费之后增加的 %(hours)s 课时，%(date)s 补收 %(fen)s") % given
