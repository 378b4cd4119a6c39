"""What staffing refuses, in words for people."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class Organisation(Refused):
    """S16, S26: persons are hired, companies are not."""

    code = "staffing.organisation"
    message = _("“%(name)s”像是单位名称。课后服务人员只能聘用个人；机构合作须先由教育局批准。")


class CandidateKnown(Refused):
    """The same phone is on the list already."""

    code = "staffing.candidate_known"
    message = _("这个手机号的应聘人已经登记过，请在名单里查找。")


class NoConsent(Refused):
    """Nobody is looked up without having agreed to it (reference facts)."""

    code = "staffing.no_consent"
    message = _("请先取得本人同意，再登记核查结果。")


class CheckInTheFuture(Refused):
    """A check that has not happened yet."""

    code = "staffing.check_in_the_future"
    message = _("核查日期不能晚于今天。")


class CheckLastsTooLong(Refused):
    """An expiry beyond what the policy allows, or before the check."""

    code = "staffing.check_expiry"
    message = _("有效期应晚于核查日期，并且按政策最迟到 %(latest)s。")


class CheckKnown(Refused):
    """The same check of the same day, twice."""

    code = "staffing.check_known"
    message = _("这一天的这项核查已经登记过。核查记录不能修改；结果有变，请在复查当天登记新的一条。")


class NotHired(Refused):
    """S16: the committee has not decided."""

    code = "staffing.not_hired"
    message = _("还没有家长委员会通过的聘用决议，请先由家长委员会表决。")


class DecisionUsed(Refused):
    """S19: a resolution is used up by the contract that it allowed; hiring again is a new decision."""

    code = "staffing.decision_used"
    message = _("上一次的聘用决议已经用于以前的聘用协议。再次聘用或续聘，请先由家长委员会重新表决。")


class AlreadyContracted(Refused):
    """One contract at a time."""

    code = "staffing.already_contracted"
    message = _("%(name)s 的聘用协议到 %(until)s 才期满，到期后再续签。")


class ContractDates(Refused):
    """The days of a contract are not in order, or all gone by."""

    code = "staffing.contract_dates"
    message = _("聘期的结束日期应不早于开始日期，也不早于今天。")


class PayTooLow(Refused):
    """Below the policy's least pay."""

    code = "staffing.pay_too_low"
    message = _("按现行政策，每课时报酬不低于 %(least)s。")


class SecondAccount(Refused):
    """Somebody of the name works here under an account that has not this number: one person, or two of one name?"""

    code = "staffing.second_account"
    message = _(
        "本校已有同名账号：%(who)s，登记的不是这个手机号。如果是同一个人，请先在“账号和角色”里把手机号登记到那个账号，再签协议；"
        "确实是另一个人的，请勾选“不是同一个人”。"
    )


class NotInForce(Refused):
    """The contract has ended already."""

    code = "staffing.contract_ended"
    message = _("这份聘用协议已经终止。")


class StillRunning(Refused):
    """A contract ends by itself after its last day; before that it is a dismissal."""

    code = "staffing.contract_running"
    message = _("这份聘用协议到 %(until)s 才期满。提前终止请办理解聘。")


class NoReason(Refused):
    """S19: a dismissal says why."""

    code = "staffing.no_reason"
    message = _("请写明解聘原因。")


class OwnCase(Refused):
    """Nobody writes down the own checks or signs the own agreement on the other side (S17, S18)."""

    code = "staffing.own_case"
    message = _(
        "您就是当事人，不能由您自己办理。核查请由另一位领导或家长委员会主任登记；主任本人受聘的，请先改选主任，由新主任签订。"
    )
    status = 403


class NotKnownAsAPerson(Refused):
    """S16: a name that may be several people's, or a company's, is looked at by another person first."""

    code = "staffing.not_known_as_a_person"
    message = _(
        "“%(name)s”不像一个人的姓名。请先在“用词核对”中由登记人以外的另一位有权的人核对，写明是谁，再签协议。"
    )
