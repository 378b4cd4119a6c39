"""What a request for money made the house ask about: a topic in its words, or somebody whom a register knows (S2, S26).

A finding asks both persons and decides nothing; the second one answers with a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.planning.cost_words import Topic


class Fact(models.TextChoices):
    """What is found about a payee, by its name or by comparing it with the registers."""

    TRADE = "trade", _("名称像提供服务的机构")
    PERSON = "person", _("名称像一个人的姓名")
    KNOWN = "known", _("本校教职工、服务人员或家长")
    """Which of them it is stays unsaid: a treasurer learns nothing about who is a parent here."""
    PROVIDER = "provider", _("合作机构名录中的机构")
    EXPIRED = "expired", _("核准已到期的机构")
    REVOKED = "revoked", _("被撤销核准的机构")
    TWICE = "twice", _("可能是同一笔")


@dataclass(frozen=True)
class Finding:
    """One thing to ask about: its kind, the words that were found, and whom the register means by them."""

    kind: str
    word: str
    about: str = ""

    @property
    def sentence(self) -> str:
        """What was found, and what to do."""
        return str(SENTENCES[self.kind]) % {"word": self.word, "about": self.about}


SENTENCES: Final[Mapping[str, Promise]] = {
    Topic.PEOPLE: _(
        "“%(word)s”像是付给人的报酬。报酬只付给签了聘用协议的人，请改选人员报酬的项目，并从名单中选择收款人。"
    ),
    Topic.REWARD: _("“%(word)s”像是奖金、聚餐或礼品。课后服务的钱不能用于奖励、请客和送礼。"),
    Topic.PREMISES: _("“%(word)s”像是场地、设备的使用、损耗或维护。这些由学校免费提供，不能列支。"),
    Topic.UTILITIES: _("“%(word)s”像是水、电、气、网络或物业的费用。这些由学校承担，不能列支。"),
    Topic.OVERHEAD: _("“%(word)s”像是学校的办公或管理开支，不是课后服务的成本。"),
    Topic.COOPERATION: _(
        "“%(word)s”像是与机构合作的钱。只能付给教育局名录中的机构，请改选经核准机构的服务费。"
    ),
    Topic.SERVICE: _("“%(word)s”像是服务，不是物品。服务只能由教育局名录中的机构提供，请改选项目。"),
    Topic.FEE: _("“%(word)s”像是一笔费用，看不出买了什么物品。请写明买的是什么。"),
    Fact.TRADE: _("收款方名称中有“%(word)s”，像是提供服务的机构，不像卖物品的商家。"),
    Fact.PERSON: _("收款方“%(word)s”像是一个人的姓名，不像商家。付给人的钱要有聘用协议。"),
    Fact.KNOWN: _(
        "“%(word)s”是本校教职工、服务人员或家长中一个人的姓名。付给人的钱要有聘用协议；真是同名商家的，请写全店名。"
    ),
    Fact.PROVIDER: _(
        "“%(word)s”在教育局的合作机构名录中是“%(about)s”。付给机构的服务费请从名录中选择收款方。"
    ),
    Fact.EXPIRED: _("“%(word)s”在教育局的合作机构名录中是“%(about)s”，它的核准现在不在有效期内。"),
    Fact.TWICE: _("同一天、同一收款方、同样事由和金额的支出已经有一笔（%(word)s）。请核对是不是同一笔。"),
    Fact.REVOKED: _("“%(word)s”与被教育局撤销核准的“%(about)s”名称相同或相近。请核对是不是同一家。"),
}


def words(found: Iterable[Finding]) -> str:
    """What both persons are asked about, in one line; empty for nothing."""
    return "、".join(dict.fromkeys(finding.word for finding in found))


def kept(found: Iterable[Finding]) -> list[dict[str, str]]:
    """As a row keeps them."""
    return [asdict(finding) for finding in found]


def read(rows: Iterable[Mapping[str, str]]) -> list[Finding]:
    """From a row."""
    return [Finding(**row) for row in rows]
