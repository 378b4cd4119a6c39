"""Every no of enrolment: what a person may not do now, with its code for the API."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class OnlyGuardians(Refused):
    """S1: nobody but an adult who may sign for the child begins, withdraws or ends anything."""

    code = "enrolment.only_guardians"
    message = _("只有可以为孩子签字的监护人本人才能办理，学校和其他人都不能代办。")
    status = 403


class SignerGone(Refused):
    """S13: who signed it may sign for the child no longer; nobody else's name stands under it."""

    code = "enrolment.signer_gone"
    message = _(
        "申请 %(number)s 是 %(adult)s 签名的，他（她）已不能为孩子签字，不能通过。请孩子可签字的监护人撤回后重新申请，"
        "或写明原因不通过这份申请。"
    )


class StillRuns(Refused):
    """Only an exit has a last day to be corrected."""

    code = "enrolment.still_runs"
    message = _("这份协议还在生效，没有退出日期可以更正。")


class NotSeenAfter(Refused):
    """The roll agrees with the exit, or was corrected since."""

    code = "enrolment.not_seen_after"
    message = _("点名册上 %(date)s 之后没有到课，退出日期不用更正。请刷新页面后再看。")


class JoinedAgain(Refused):
    """The days after the exit are another agreement's."""

    code = "enrolment.joined_again"
    message = _("孩子从 %(date)s 起有另一份协议（%(number)s），不能把退出日期改到那之后。请先核对点名册。")


class NoPlan(Refused):
    """S38: first the plan goes through its gates."""

    code = "enrolment.no_published_plan"
    message = _("课后服务方案还没有公示，现在不能申请。公示后会通知您。")


class Closed(Refused):
    """The term's service is over."""

    code = "enrolment.closed"
    message = _("这个学期的课后服务到 %(date)s 已经结束，不能再申请。")


class NotOnRoll(Refused):
    """The child has left the school."""

    code = "enrolment.not_on_roll"
    message = _("这位学生已经不在本校就读，不能申请。")


class AlreadyApplied(Refused):
    """One living application a child and plan; the page shows it instead of making a second one."""

    code = "enrolment.already_applied"
    message = _("已经为孩子提交过申请（编号 %(number)s），不用再提交。")

    def __init__(self, *, application_id: UUID, number: str) -> None:
        super().__init__(number=number)
        self.application_id = application_id


class NothingChosen(Refused):
    """An application asks for something."""

    code = "enrolment.nothing_chosen"
    message = _("请至少选择一项活动。")
    status = 400


class UnknownActivity(Refused):
    """An activity of another plan, or none at all."""

    code = "enrolment.unknown_activity"
    message = _("所选活动不在本学期的方案里。请返回重新选择。")
    status = 400


class WrongGrade(Refused):
    """The activity is for other grades."""

    code = "enrolment.wrong_grade"
    message = _("“%(title)s”面向 %(first)s 至 %(last)s 年级，孩子所在的 %(grade)s 年级不能选。")


class SameTime(Refused):
    """A child is in one place at a time."""

    code = "enrolment.same_time"
    message = _("“%(one)s”和“%(other)s”时间重叠，请只选一项。")


class NotSigned(Refused):
    """Drawn or typed, but signed."""

    code = "enrolment.not_signed"
    message = _("请签名后再提交。")
    status = 400


class UnfitSignature(Refused):
    """Not what a finger draws, or too long, or a dot."""

    code = "enrolment.unfit_signature"
    message = _("签名没有写完整，请清除后重新签名。")
    status = 400


class OtherName(Refused):
    """Who signs by typing types the own full name."""

    code = "enrolment.other_name"
    message = _("输入的姓名和学校登记的家长姓名不一致。请填写您本人的全名。")
    status = 400


class TextChanged(Refused):
    """What was read is not what would be signed: read again."""

    code = "enrolment.text_changed"
    message = _("协议内容在您阅读后有变化，请重新阅读并签名。")


class NotYourReview(Refused):
    """Each side reviews for itself (S14)."""

    code = "enrolment.not_your_review"
    message = _("您没有代表%(side)s审核的权限。")
    status = 403


class AlreadyReviewed(Refused):
    """One review a side."""

    code = "enrolment.already_reviewed"
    message = _("申请 %(number)s 已经由%(side)s审核过。")


class AlreadyDecided(Refused):
    """Withdrawn, refused or placed in the meantime."""

    code = "enrolment.already_decided"
    message = _("申请 %(number)s 的状态是“%(state)s”，不能再审核。")


class OwnChild(Refused):
    """S14: nobody decides on the application of the own child, whatever else the person is."""

    code = "enrolment.own_child"
    message = _("申请 %(number)s 是您自己孩子的，不能由您审核，请由本方另一位有权的人审核。")


class SamePerson(Refused):
    """Two sides are two persons (S14)."""

    code = "enrolment.same_person"
    message = _("申请 %(number)s 的另一方审核也是您做的。学校和家长委员会应由不同的人审核。")


class NoReason(Refused):
    """A parent learns why."""

    code = "enrolment.no_reason"
    message = _("不同意时请写明理由，家长会看到。")
    status = 400


class HasAgreement(Refused):
    """With an agreement one leaves by a written exit, not by withdrawing the application."""

    code = "enrolment.has_agreement"
    message = _("申请已通过并签了协议，请办理“退出课后服务”。")


class NothingWaits(Refused):
    """Every place has come, or what waited was taken back before."""

    code = "enrolment.nothing_waits"
    message = _("这份申请没有候补中的活动，不用撤回。名额已经到了的，可以在申请页面看到。")


class NotWithdrawable(Refused):
    """It is over already."""

    code = "enrolment.not_withdrawable"
    message = _("申请的状态是“%(state)s”，不能撤回。")


class AgreementOver(Refused):
    """Ended, or past its last day."""

    code = "enrolment.agreement_over"
    message = _("这份协议到 %(date)s 已经终止，不用再办理退出。")


class NotRunning(Refused):
    """A supplement is to an agreement that runs."""

    code = "enrolment.not_running"
    message = _("协议 %(number)s 已经终止，不能再增加活动。还要参加的，请为孩子重新申请。")


class AlreadyChosen(Refused):
    """One place in an activity a child; who waits keeps the place in the line by waiting on."""

    code = "enrolment.already_chosen"
    message = _(
        "孩子已经有“%(title)s”的名额，或已经申请、正在候补，不用再申请。请在“我的申请”中打开这名孩子的申请查看。"
    )

    def __init__(self, *, title: str, supplement_id: UUID | None) -> None:
        super().__init__(title=title)
        self.supplement_id = supplement_id


class HasPlace(Refused):
    """A place is part of the agreement: one leaves it as one leaves that."""

    code = "enrolment.has_place"
    message = _(
        "补充申请 %(number)s 已有名额，属于协议的一部分，不能单独撤回。"
        "所有活动都不再参加的，请在申请页面办理“退出课后服务”。"
    )


class TimeTaken(Refused):
    """The child is somewhere else then, or waits for it."""

    code = "enrolment.time_taken"
    message = _("“%(title)s”和孩子已有或正在候补的“%(other)s”时间重叠，不能增加。候补的可以先撤回，再申请。")
