"""What the columns of the cost summary are: name, unit and meaning, once, for page, files, API and documents.

Codes and order are the contract's ("City host"). Money is in fen; a page shows it in yuan.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Kind(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    WHOLE = "whole"
    TENTH = "tenth"
    HUNDREDTH = "hundredth"
    FEN = "fen"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """One column; `adds_up` ones have a total over schools."""

    code: str
    label: Text
    meaning: Text
    kind: Kind = Kind.TEXT
    unit: Text = ""
    adds_up: bool = False


def _text(code: str, label: Text, meaning: Text) -> Column:
    return Column(code, label, meaning)


def _count(code: str, label: Text, unit: Text, meaning: Text) -> Column:
    return Column(code, label, meaning, Kind.WHOLE, unit, adds_up=True)


def _money(code: str, label: Text, meaning: Text) -> Column:
    return Column(code, label, meaning, Kind.FEN, _("分"), adds_up=True)


def _price(code: str, label: Text, meaning: Text) -> Column:
    return Column(code, label, meaning, Kind.FEN, _("分"))


ALL: Final = (
    _text("school_code", _("学校标识码"), _("十位标识码，按文本保存。")),
    _text("school_name", _("学校"), _("在用学校各一行，没有数据的也在。")),
    _text("district", _("区县"), _("行政区划代码。")),
    _text("stage", _("学段"), _("primary 小学，lower_secondary 初中，nine_year 九年一贯制。")),
    _text("kind", _("城乡"), _("urban 城区，town 镇区，rural 乡村。")),
    _text("term", _("学期"), _("学期代码。")),
    _text(
        "state", _("数据状态"),
        _("final 定案：学期已结算，入账月份的账目都已公示；estimate 估计：尚在进行、尚未结算或还有账目未公示；"
          "missing 缺失：没有取得任何数据。"),
    ),
    _count("days_held", _("服务天数"), _("天"), _("至少有一场服务已开展并结束的日子。")),
    _count("participants", _("参加学生"), _("人"), _("本学期签过协议的学生；参加或未参加的不足 5 人，"
          "或会推算出别处的这类数时，为保护儿童不显示。")),
    Column(
        "pupil_hours", _("学生小时"), _("学生实际在场分钟之和除以 60；只算已开展并结束的服务，每人每场不超过该场时长。"),
        Kind.HUNDREDTH, _("小时"), adds_up=True,
    ),
    _text("fee_unit", _("计费单位"), _("month 每月，term 每学期，class_hour 每课时。")),
    _price("fee_standard_fen", _("收费标准"), _("公示的标准，按计费单位。")),
    _price("cap_fen", _("政策上限"), _("同一计费单位的上限；没有规定上限的为空。")),
    _money("charged_fen", _("应收"), _("开出的费用，含以后减免的部分。")),
    _money("waived_fen", _("减免"), _("按规定事由减免的费用。")),
    _money("received_fen", _("实收"), _("收到的费用。")),
    _money("staff_fen", _("人员支出"), _("服务人员的报酬。")),
    _money("materials_fen", _("材料支出"), _("服务所用的材料。")),
    _money("other_fen", _("其他支出"), _("规定允许的其他支出；场地、水电、房租不能列支。")),
    _money("expenditure_fen", _("支出合计"), _("人员、材料、其他支出之和。")),
    _money("refunded_fen", _("已退"), _("已退到家长账户的费用。")),
    _money("surplus_fen", _("结余"), _("学期结算后应退还家长的数额；未结算的为空。")),
    _price(
        "cost_per_pupil_hour_fen", _("每生每小时成本"),
        _("支出合计除以学生小时，四舍五入到分，只舍入一次；没有学生小时的为空。"),
    ),
    _price("peer_median_fen", _("同类学校中位数"), _("同类学校每生每小时成本的中位数；不到 10 所时不比较，为空。")),
    Column(
        "peer_n", _("同类学校数"),
        _("同学段、同城乡，按参加人数（0.5）、每周时长（0.2）、困难学生占比（0.2）、外聘人员占比（0.1）"
          "最接近的 30 所中，成本已知的学校数。全市范围内寻找。"),
        Kind.WHOLE, _("所"),
    ),
    Column(
        "percentile", _("百分位"), _("同类学校中每生每小时成本比它低的占比，相等的算一半：50 居中，100 最高。"),
        Kind.TENTH,
    ),
    _text(
        "flag", _("比较结果"),
        _("高于同类：每生每小时成本高于同类的第 90 百分位，而且相差达到政策规定的幅度；"
          "低于同类：每生每小时成本或其中的人员支出低于第 10 百分位，而且相差达到幅度，可能看护不足。"
          "同类不到 10 所、服务天数不到同类中位数的一半、比较所需的数据不全时，不作比较。这是核查的理由，不是结论。"),
    ),
    _count("complaints", _("投诉"), _("件"), _("本学期收到的投诉。")),
    Column(
        "complaints_per_1000", _("每千人投诉"), _("投诉除以参加学生，乘以 1000，保留一位小数；参加学生不显示时也不显示。"),
        Kind.TENTH, _("件"),
    ),
    _count("statement_months_on_time", _("按时公示"), _("个月"), _("在期限内公示账目的月份。")),
    _count("statement_months_due", _("应公示"), _("个月"), _("账目已到公示期限或已公示的月份。")),
    Column("as_of", _("数据时间"), _("这所学校的数据最近一次汇总的时间，北京时间。"), Kind.MOMENT),
)  # fmt: skip
CODES: Final = tuple(column.code for column in ALL)
BY_CODE: Final = {column.code: column for column in ALL}
HEADS: Final = {"stage": _("学段·城乡"), "statement_months_on_time": _("按时/应公示")}
"""Where a page has no room for each: stage stands with kind, months on time with those that were due."""
