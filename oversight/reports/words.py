"""What a report is about, as people read it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.pages.tables import Text
from tenants.exchange.models import Envelope

ABOUT: Final[dict[str, Text]] = {
    "incident": _("突发事件"),
    "complaint": _("投诉"),
    "opinion": _("舆情"),
    "safety": _("安全"),
    "service_end": _("提前结束服务"),
    "other": _("其他"),
}


def about(report: Envelope) -> Text:
    return ABOUT[report.payload["about"]]
