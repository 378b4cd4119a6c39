"""What the gate refuses, in sentences without blanks to fill: an operation that is sent again gets the same one."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class NotYours(Refused):
    """The session is not there, or somebody else's."""

    code = "care.session_not_yours"
    message = _("没有这次服务，或者它不由您负责。")


class Replaced(Refused):
    """S21: on duty no longer when it was done; who has taken over does it."""

    code = "care.replaced"
    message = _("这时您已经不在这次服务值班，没有执行。请把情况告诉接班的老师或带班领导。")


class Overtaken(Refused):
    """What a replaced teacher's phone kept comes after a later word of who has taken over."""

    code = "care.overtaken"
    message = _("接班的老师已经登记了这名学生后来的情况，这一条没有执行。带班领导会看到。")


class NotToday(Refused):
    """A teacher works on today's sessions alone."""

    code = "care.session_not_today"
    message = _("只能登记今天的服务。过去的服务请由带班领导补记。")


class TooLate(Refused):
    """After the profile's days a leader writes the record, not a phone."""

    code = "care.too_late"
    message = _("这次服务已经过了可以补传的天数，没有执行。请告诉带班领导，由带班领导补记。")


class NotOverYet(Refused):
    """Mending is for days that have passed."""

    code = "care.day_not_over"
    message = _("这一天还没有过去，请由服务教师在手机上登记。")


class ReasonMissing(Refused):
    """Who writes a record afterwards says why."""

    code = "care.reason_missing"
    message = _("请写明为什么当天没有登记。")


class NoReason(Refused):
    """Who cancels says why."""

    code = "care.no_reason"
    message = _("请写明原因，家长会看到。")


class NotOpen(Refused):
    """The roll call has not begun, or the session is over."""

    code = "care.session_not_open"
    message = _("这次服务还没有开始点名，或者已经结束。")


class AlreadyOpen(Refused):
    """Two phones opened it."""

    code = "care.session_already_open"
    message = _("这次服务已经开始点名。")


class SessionOver(Refused):
    """Closed or cancelled."""

    code = "care.session_over"
    message = _("这次服务已经结束或取消。")


class NotOnRoll(Refused):
    """No agreement, no attendance (S15); another school's child neither."""

    code = "care.child_not_on_roll"
    message = _("名单里没有这名学生。")


class AlreadySo(Refused):
    """Two phones, or a second tap: it counted once."""

    code = "care.already_recorded"
    message = _("已经这样登记过了，只算一次。")


class WrongStep(Refused):
    """The child is in a state from which this can't follow."""

    code = "care.wrong_step"
    message = _("这名学生现在的状态不能这样登记，请先撤销上一步。")


class NotPresent(Refused):
    """Who is not there can't be handed over."""

    code = "care.child_not_present"
    message = _("这名学生不在场，不能交接。")


class DeniedAdult(Refused):
    """S24: the deny list."""

    code = "care.denied_adult"
    message = _("此人被禁止接走这名学生。请不要交接，并立即报告带班领导。")


class NotAuthorised(Refused):
    """S24: the adult is not registered for this child, or no longer."""

    code = "care.adult_not_authorised"
    message = _("此人没有登记为这名学生的接送人，不能交接。请联系家长。")


class MayNotGoAlone(Refused):
    """The agreement does not say so."""

    code = "care.may_not_go_alone"
    message = _("托管协议没有约定这名学生可以自行离校，请当面交给接送人。")


class ConsentGone(Refused):
    """S24: who had agreed to it may sign for the child no longer, or a guardian has said no since."""

    code = "care.consent_gone"
    message = _(
        "监护人对自行离校的同意已不再有效，请当面交给登记的接送人。没有人来接的，请联系带班领导，孩子由老师看护。"
    )


class NoNextSession(Refused):
    """S24: no later session of the day waits for the child."""

    code = "care.no_next_session"
    message = _("这名学生今天后面没有别的服务，请交给接送人。")


class AlreadyThere(Refused):
    """The next session has the child: it can't be in two rooms."""

    code = "care.already_there"
    message = _("下一场已经点到这名学生，不能撤销。请先在下一场撤销点到。")


class NothingToUndo(Refused):
    """The child stands at the beginning."""

    code = "care.nothing_to_undo"
    message = _("这名学生还没有登记，没有可以撤销的内容。")


class ChildrenLeft(Refused):
    """S24: the session can't close."""

    code = "care.children_left"
    message = _("还有学生没有登记或没有交接，不能结束。")


class NoteMissing(Refused):
    """S22: the record says what was done."""

    code = "care.note_missing"
    message = _("请填写服务记录：做了什么、有无异常。")


class NotResponsible(Refused):
    """S22: the responsible teacher closes."""

    code = "care.not_responsible"
    message = _("只有这次服务的服务教师可以结束服务。")


class ImplausibleTime(Refused):
    """The phone's clock says something that can't be."""

    code = "care.implausible_time"
    message = _("登记时间不在今天，或晚于现在。请检查手机时间。")


class WithoutId(Refused):
    """An operation that can't be told from another one when it is sent again."""

    code = "care.operation_without_id"
    message = _("这条操作没有有效的编号（UUID），没有执行。请更新页面后再试。")


class UnknownKind(Refused):
    """An operation that this version does not know."""

    code = "care.unknown_operation"
    message = _("系统不认识这种操作，请更新页面后再试。")


class Malformed(Refused):
    """An operation without what its kind needs."""

    code = "care.malformed_operation"
    message = _("这条操作的内容不完整或格式不对。")


class OtherPayload(Refused):
    """The same id with another content: never applied."""

    code = "care.other_payload"
    message = _("这个操作编号已经用于另一条内容，没有执行。")


class Collision(Refused):
    """Another phone was faster with the very same row; the second try is clean."""

    code = "care.collision"
    message = _("刚才另一部手机登记了同一条，请刷新后再看。")


class TooManyOperations(Refused):
    """More than one request may hold."""

    code = "care.too_many_operations"
    message = _("一次最多提交 500 条操作，请分批提交。")
    status = 413


SENTENCES: Final[dict[str, str | Promise]] = {
    refusal.code: refusal.message
    for refusal in (
        NoNextSession, AlreadyThere, Replaced, Overtaken,
        NotYours, NotToday, NotOpen, AlreadyOpen, SessionOver, NotOnRoll, AlreadySo, WrongStep, NotPresent, DeniedAdult,
        NotAuthorised, MayNotGoAlone, ConsentGone, NothingToUndo, ChildrenLeft, NoteMissing, NotResponsible, ImplausibleTime,
        UnknownKind, Malformed, OtherPayload, Collision, TooLate, NotOverYet, ReasonMissing, WithoutId,
    )
}  # fmt: skip
"""By code: what was refused once is said again in the language of who asks."""
