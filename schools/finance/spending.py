"""What may be spent and who may get it: a closed list, with its source. Pure (S2, S3, S26).

The item decides the kind of cost, the policy decides which kinds there are; words in a title decide nothing, they make
the second person look. Venue, rent, water and power supply, energy, use of equipment and depreciation are no items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.finance import trade_names
from schools.finance.findings import Fact, Finding
from schools.planning import cost_words
from schools.planning.models import CostKind
from schools.planning.words import first_of
from schools.staffing import organisations


class PayeeKind(models.TextChoices):
    """收款方: people, shops that sell goods, and organisations that render services (only of the bureau's register)."""

    STAFF = "staff", _("服务人员")
    SUPPLIER = "supplier", _("商家（购买物品）")
    PROVIDER = "provider", _("合作机构（购买服务）")


PAYEE_OF: Final[dict[str, PayeeKind]] = {
    CostKind.STAFF: PayeeKind.STAFF,
    CostKind.MATERIALS: PayeeKind.SUPPLIER,
    CostKind.OTHER: PayeeKind.PROVIDER,
}
"""Work is paid to people, goods to shops, and a service to an organisation: what is neither work nor goods is one."""


@dataclass(frozen=True)
class Item:
    """One thing that money may be spent on."""

    code: str
    name: str | Promise
    kind: CostKind
    source: str | Promise

    @property
    def payee_kind(self) -> PayeeKind:
        return PAYEE_OF[self.kind]

    @property
    def is_goods(self) -> bool:
        return self.payee_kind == PayeeKind.SUPPLIER


WORK = _("本市《学校课后服务工作实施方案》二（五）、三.5：聘用协议和《延时服务经费发放办法》")
COST = _(
    "本市《学校课后服务工作实施方案》一（三）：所需成本由参加的家庭分担；鄂州：经费只用于人员报酬和直接耗材"
)
EMERGENCY = _("本市《学校课后服务工作实施方案》三.2、三.4：意外伤害的应急处理")
REGISTER = _("本市《学校课后服务工作实施方案》三.3：严禁擅自与社会机构合作进行有偿服务")

ITEMS: Final = (
    Item("teaching_pay", _("教师课时费"), CostKind.STAFF, WORK),
    Item("management_pay", _("管理人员工作报酬"), CostKind.STAFF, WORK),
    Item("outside_pay", _("校外人员报酬"), CostKind.STAFF, WORK),
    Item("volunteer_pay", _("家长志愿者补贴"), CostKind.STAFF, WORK),
    Item("activity_goods", _("活动耗材"), CostKind.MATERIALS, COST),
    Item("sport_art_goods", _("体育美术用品"), CostKind.MATERIALS, COST),
    Item("books", _("图书和学具"), CostKind.MATERIALS, COST),
    Item("printing", _("印刷材料"), CostKind.MATERIALS, COST),
    Item("drinking_water", _("饮用水"), CostKind.MATERIALS, COST),
    Item("first_aid", _("急救和卫生用品"), CostKind.MATERIALS, EMERGENCY),
    Item("insurance", _("学生意外保险"), CostKind.OTHER, EMERGENCY),
    Item("approved_service", _("经核准机构的服务费"), CostKind.OTHER, REGISTER),
)
BY_CODE: Final = {item.code: item for item in ITEMS}

TRADES: Final = (
    "培训", "教育", "学校", "学院", "机构", "俱乐部", "辅导", "托管", "托育", "研学", "补习", "书院", "幼儿园",
    "咨询", "顾问", "文化传播", "文化传媒", "文化交流", "文化发展", "文化艺术", "体育发展", "体育文化", "体育服务",
    "科技", "艺术中心", "艺术团", "舞蹈", "琴行", "画室", "武馆", "棋院", "道馆", "工作室", "家教", "早教", "少儿",
    "青少年", "夏令营", "冬令营", "营地", "拓展", "培优", "课堂", "学堂", "家政", "劳务", "人力资源", "保险", "人寿",
    "银行", "物业", "供电", "电力", "水务", "自来水", "燃气", "电信", "移动通信", "联通", "广电", "餐饮", "餐厅",
    "饭店", "酒店", "酒楼", "宾馆", "大酒", "食府", "旅行社", "旅游", "装饰", "装修", "维修", "安装", "建筑", "工程",
    "物流", "快递", "广告", "会计", "律师", "信息技术", "软件", "网络", "协会", "学会", "基金会", "医院", "租赁",
    "保洁", "保安",
)  # fmt: skip
"""In a shop's name: whoever teaches, insures, feeds, repairs or supplies renders a service, whatever the receipt says."""
LEAST_REASON: Final = 4
"""Signs of a reason; "同意" is none."""


@dataclass(frozen=True)
class Payee:
    """Who gets the money: a hired person, everybody on the pay sheet, a shop by name, or a provider of the register."""

    kind: str
    name: str = ""
    contract_id: UUID | None = None
    provider_id: UUID | None = None


BY_PAY_SHEET: Final = Payee(PayeeKind.STAFF)
"""按课时费表: several hired people, each by the hours held."""


def allowed(kinds: Iterable[str]) -> list[Item]:
    """The items whose kind the policy lists."""
    wanted = set(kinds)
    return [item for item in ITEMS if item.kind in wanted]


TOPICS_OF: Final[dict[str, tuple[cost_words.Topic, ...]]] = {
    PayeeKind.STAFF: cost_words.OF_WORK,
    PayeeKind.SUPPLIER: cost_words.OF_GOODS,
    PayeeKind.PROVIDER: cost_words.OF_SERVICES,
}
"""What a title must not speak of, by who is paid."""


def asked_by_words(title: str, payee: Payee) -> list[Finding]:
    """What the words of a title and of a shop's name make both persons look at; they decide nothing."""
    topics = cost_words.topics_in(title, TOPICS_OF.get(payee.kind, cost_words.OF_GOODS))
    found = [Finding(topic, word) for topic, word in topics.items()]
    if payee.kind == PayeeKind.SUPPLIER:
        if trade := first_of(payee.name, (*TRADES, *organisations.MARKS)):
            found.append(Finding(Fact.TRADE, trade))
        if trade_names.looks_like_a_person(payee.name):
            found.append(Finding(Fact.PERSON, payee.name))
    return found
