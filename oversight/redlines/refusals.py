"""Refusals of the alerts' actions, said in a sentence."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class NoReason(Refused):
    """An officer's deed without a word is no history."""

    code = "alert.no_reason"
    message = _("请写明情况或原因。")
    status = 400


class AlreadyClosed(Refused):
    """Nothing to close."""

    code = "alert.already_closed"
    message = _("这条预警已经了结。")
