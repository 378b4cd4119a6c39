"""Every no at the bureau's complaints, with its code for the API."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class KeyIsTaken(Refused):
    """Whose it is, is nobody's business."""

    code = "letterbox.key_is_taken"
    message = _("这个编码已经用过，请换一个再提交。")


class NoText(Refused):
    """Words are what it is about."""

    code = "letterbox.no_text"
    message = _("请写明内容。")
    status = 400


class NotYours(Refused):
    """Another family's, or a complaint that is about oneself."""

    code = "letterbox.not_yours"
    message = _("您不能办理这件投诉。")
    status = 403


class NotNow(Refused):
    """The complaint stands somewhere else on its way."""

    code = "letterbox.not_now"
    message = _("投诉 %(number)s 的状态是“%(state)s”，不能这样办理。")


class NameIsWithheld(Refused):
    """The family's own choice binds the bureau."""

    code = "letterbox.name_is_withheld"
    message = _("投诉人要求不向学校透露姓名，只能不具名转办。")


class TellsWhoItIs(Refused):
    """A text without a name that holds the name."""

    code = "letterbox.tells_who_it_is"
    message = _("转给学校的内容里有投诉人的姓名或电话。请改写后再转，不要让学校认出投诉人。")
    status = 400


class LookAgain(Refused):
    """Words that may tell who is meant: a question, which the officer answers on record."""

    code = "letterbox.look_again"
    message = _(
        "%(questions)s请改写，或者核对后在“核对说明”里写明为什么可以转：共 %(n)s 个问题，"
        "每个问题一行，按顺序写，每行至少 %(least)s 个字。"
    )


class NobodyLeft(Refused):
    """The school has nobody who may handle it."""

    code = "letterbox.nobody_left"
    message = _("涉及校长和副校长或教育局的投诉，学校里没有可以办理的人，请教育局自己核实。")


class StaysAccused(Refused):
    """The officer adds to what the family said, and takes nobody away."""

    code = "letterbox.stays_accused"
    message = _(
        "家长说这件投诉涉及“%(whom)s”，转办时不能换成别人。请保留家长的选择；还涉及别人的，请在“涉及人的姓名”里写明。"
    )


class OnlyDirect(Refused):
    """The school has had the others from the start."""

    code = "letterbox.only_direct"
    message = _("这件投诉本来就是向学校提出的，学校已经知道，不用再转。")


class TooSoon(Refused):
    """A deadline that nobody can keep."""

    code = "letterbox.too_soon"
    message = _("学校的回复期限至少要在一天以后，一年以内。")
    status = 400


class FamilyHasTime(Refused):
    """The family may say that it is not content; nobody closes it before."""

    code = "letterbox.family_has_time"
    message = _("家长在 %(at)s 前还可以表示不满意，请到期后再办结。")
