"""A term that was settled takes no more charges and waivers: its fees are final. Money that moves later is settled anew."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from schools.finance import queries


class TermSettled(Refused):
    """What comes later belongs to another term."""

    code = "finance.term_settled"
    message = _("%(term)s 学期已经结算，不能再开具、减免或计算费用。结算后的收支在补充结算中分摊。")


class SamePerson(Refused):
    """Where money leaves, two persons are needed."""

    code = "finance.same_person"
    message = _("这一步必须由另一位有权的人办理：经办和批准不能是同一人。")


def refuse_settled(term_code: str) -> None:
    """Call it under the lock of the books."""
    if queries.is_settled(term_code):
        raise TermSettled(term=term_code)
