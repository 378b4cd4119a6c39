"""How the public pages say things."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from oversight.disclosure.queries import FeeStandard
from oversight.indicators.caps import Breach
from oversight.indicators.catalogue import Text
from schools.planning.models import FeeUnit
from tenants.policies.documents import Collector

UNITS: Final[Mapping[str, Text]] = MappingProxyType(dict(FeeUnit.choices))
COLLECTORS: Final[Mapping[str, Text]] = MappingProxyType(
    {Collector.SCHOOL: _("学校"), Collector.COMMITTEE: _("家长委员会")}
)


def cap_word(line: FeeStandard) -> tuple[str, Text]:
    """The state of a badge and its word: how the fee stands to the cap."""
    if line.published_at is None:
        return "quiet", _("尚未公布")
    if line.fee_fen is None:
        return "quiet", _("尚未取得")
    if line.breach is not None:
        return "bad", _("超过上限") if line.breach is Breach.OWN else _("本学期合计超过上限")
    if line.cap_fen is None and line.cap_term_fen is None:
        return "quiet", _("没有上限")
    return "good", _("未超上限")
