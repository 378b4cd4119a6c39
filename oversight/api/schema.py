"""What the API's own description says on top of all operations: how a program logs in, with a line to try."""

from typing import Any, Final

from django.utils.translation import gettext as _

from afterbell.accounts.roles import Side, side_here
from tenants import hosts

EXAMPLE: Final = "/api/v1/figures/?indicator=participation&by=district"


def introduced(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """One of SPECTACULAR_SETTINGS["POSTPROCESSING_HOOKS"]; a school's API takes no tokens and stays as it is."""
    if side_here() is not Side.CITY:
        return result
    result["info"]["description"] = "\n\n".join(
        [
            _(
                "程序用凭证读取，凭证由系统管理员申请、经持有人本人同意，以某位监管或物价人员的身份读取，只能读，不能写："
            ),
            f'    curl -H "Authorization: Token afb_…" "{hosts.address(EXAMPLE)}"',
            _(
                "没有的数写 null，state 说明原因：missing 尚未取得，not_applicable 不适用，hidden 人数太少。从不以 0 代替。"
            ),
            _("请求太频繁时返回 429，Retry-After 是须等待的秒数。"),
        ]
    )
    return result
