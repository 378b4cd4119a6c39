"""What verifications find, in words: by the codes of afterbell.audit.findings."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNKNOWN: Final = gettext_lazy("第 %(position)s 条：无法识别的问题")
FINDINGS: Final[Mapping[str, str | Promise]] = {
    "chain_unreadable": gettext_lazy("第 %(position)s 条：记录的格式不对，无法核验"),
    "chain_gap": gettext_lazy("第 %(position)s 条：记录缺失"),
    "chain_fork": gettext_lazy("第 %(position)s 条：与前一条接不上"),
    "chain_changed": gettext_lazy("第 %(position)s 条：记录被改动，散列值与内容不符"),
    "chain_cut": gettext_lazy("第 %(position)s 条：链在这里断了，末尾的记录少了"),
    "chain_beyond": gettext_lazy("第 %(position)s 条：链尾之后还有记录"),
    "chain_rewritten": gettext_lazy("第 %(position)s 条：链尾的散列值与登记的不符"),
    "anchor_cut": gettext_lazy("第 %(position)s 条：锚定过的记录不见了"),
    "anchor_rewritten": gettext_lazy("第 %(position)s 条：锚定之后被改写"),
    "seals": gettext_lazy("封签本身不完整"),
    "seal_missing": gettext_lazy("%(row)s：数据行不见了，它在第 %(position)s 条封签"),
    "seal_changed": gettext_lazy("%(row)s：数据行在第 %(position)s 条封签之后被改动"),
    "seal_back": gettext_lazy("%(row)s：第 %(position)s 条说已删除的数据行又出现了"),
    "seal_stray": gettext_lazy("%(row)s：数据行没有封签，不是由本系统写入的"),
    "seal_waiting": gettext_lazy("%(row)s：数据行由没有完成的升级写入"),
    "seal_unknown": gettext_lazy("%(row)s：数据行封签时的格式已无法识别（第 %(position)s 条）"),
}
FLAWS: Final[Mapping[str, str]] = {"cut": "anchor_cut", "rewritten": "anchor_rewritten"}


def sentence(finding: Mapping[str, Any]) -> str:
    """Names rows by table and key, never by what stands in them."""
    return str(FINDINGS.get(finding["code"], UNKNOWN)) % finding


def of_flaw(flaw: str, position: int) -> str:
    return sentence({"code": FLAWS[flaw], "position": position, "row": ""})


def whose(code: str, name: str) -> str:
    """A school's name, or the city's own."""
    return name if code else _("市平台")
