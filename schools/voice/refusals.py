"""Every no of surveys and complaints, with its code for the API."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class NotYourRight(Refused):
    """Surveys are opened and complaints answered by those whose office it is."""

    code = "voice.not_your_right"
    message = _("您没有办理这件事的权限。")
    status = 403


class OnlyTheInvited(Refused):
    """One family, one invitation."""

    code = "voice.only_the_invited"
    message = _("只有收到邀请的家长本人可以评价。")
    status = 403


class SurveyExists(Refused):
    """One survey a person and term."""

    code = "voice.survey_exists"
    message = _("这位服务人员本学期的评价已经开展过，不能重复开展。")


class NobodyToAsk(Refused):
    """No family with an agreement had this person."""

    code = "voice.nobody_to_ask"
    message = _("还没有在协议期内的孩子上过这位服务人员的课，暂时不能开展评价。")


class TooShort(Refused):
    """Families need time to answer."""

    code = "voice.survey_too_short"
    message = _("截止时间至少要在一天以后。")
    status = 400


class SurveyOver(Refused):
    """An invitation is good until the close."""

    code = "voice.survey_over"
    message = _("这次评价已经结束，邀请已失效。")


class SurveyRuns(Refused):
    """Nobody closes a survey when the answers please."""

    code = "voice.survey_runs"
    message = _("评价到 %(at)s 截止，在此之前不能结束。")


class AlreadyAnswered(Refused):
    """One use."""

    code = "voice.already_answered"
    message = _("您已经评价过，每份邀请只能用一次。")


class UnknownScore(Refused):
    """From one to five."""

    code = "voice.unknown_score"
    message = _("请选择 1 至 5 分。")
    status = 400


class NoTerm(Refused):
    """The city has not entered a term yet."""

    code = "voice.no_term"
    message = _("校历里还没有学期，暂时不能提交。请联系学校办公室。")


class NoText(Refused):
    """Words are what it is about."""

    code = "voice.no_text"
    message = _("请写明内容。")
    status = 400


class OnlyTheComplainant(Refused):
    """Whoever complained decides how it goes on."""

    code = "voice.only_the_complainant"
    message = _("只有投诉人本人可以办理。")
    status = 403


class OwnComplaint(Refused):
    """Nobody answers the own complaint."""

    code = "voice.own_complaint"
    message = _("不能答复自己提出的投诉，请由另一位同事办理。")


class NobodyCouldAnswer(Refused):
    """Only the accused could: at school nobody is left to handle it."""

    code = "voice.nobody_could_answer"
    message = _("学校里没有与此事无关、可以办理的人。请改为提交给教育局。")


class NotOpen(Refused):
    """It has been answered, or closed."""

    code = "voice.complaint_not_open"
    message = _("投诉 %(number)s 的状态是“%(state)s”，不能这样办理。")


class SchoolHasTime(Refused):
    """Late or unsatisfying answers go to the bureau; until the deadline the school may answer."""

    code = "voice.school_has_time"
    message = _("学校的答复期限到 %(at)s。到期没有答复，系统会自动上报教育局。")
