"""What people refuses, in words for people; who is denied to a child stands in denials."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class NumberTaken(Refused):
    """A pupil of the school has the 学籍号."""

    code = "people.number_taken"
    message = _("学籍号 %(number)s 已经有学生用了。如果是重新入校，请打开那位学生办理。")


class NotOnRoll(Refused):
    """The pupil has left."""

    code = "people.not_on_roll"
    message = _("这位学生已经离校。请先办理重新入校。")


class OnRoll(Refused):
    """The pupil has not left."""

    code = "people.on_roll"
    message = _("这位学生在校，不用办理入校。")


class SameClass(Refused):
    """A move to where the pupil is."""

    code = "people.same_class"
    message = _("这位学生已经在这个班。")


class WrongDay(Refused):
    """A day before joining, or after today."""

    code = "people.wrong_day"
    message = _("日期应在入学日期（%(first)s）和今天（%(last)s）之间。")


class SeenLater(Refused):
    """A last day before one on which the roll has the child: what is given back for the time after it would be untrue."""

    code = "people.seen_later"
    message = _(
        "%(name)s 在 %(day)s 还有到场记录，离校日期不能早于这一天。如果点名点错了，请先由带班领导更正。"
    )


class AnotherName(Refused):
    """The phone belongs to an adult of another name: a slip of the pen would give a stranger rights over the child."""

    code = "people.another_name"
    message = _("这个手机号在学校登记的是另一个姓名。请核对姓名和手机号。")


class NobodyNamed(Refused):
    """A denial means somebody."""

    code = "people.nobody_named"
    message = _("请填写姓名或手机号，至少一项。")
    status = 400


class SameNameThere(Refused):
    """Whoever is an adult of the child is denied where he or she stands, with all the rights there are."""

    code = "people.same_name_there"
    message = _(
        "孩子名下已有同名的 %(name)s。就是这个人的，请在他（她）那一行登记“禁止接走”；"
        "是另一个人的，请填写那个人的手机号，姓名留空。"
    )


class AlreadyTied(Refused):
    """The adult is there already."""

    code = "people.already_tied"
    message = _("这位家长已经在名单里。")


class NotDenied(Refused):
    """There is no denial to lift."""

    code = "people.not_denied"
    message = _("这位成年人没有被禁止接走孩子。")


class Ended(Refused):
    """The tie was ended before."""

    code = "people.tie_ended"
    message = _("这位成年人和孩子的关系已经解除，请重新添加。")


class OwnAccount(Refused):
    """Staff give themselves no rights over a child."""

    code = "people.own_account"
    message = _("不能给自己登记孩子，请由另一位同事或校长在学生页面用“添加家长”办理。")


class OwnChild(Refused):
    """Staff decide nothing about their own child and its other adults."""

    code = "people.own_child"
    message = _("这是您自己的孩子，孩子和家长、接送人的登记不能由您办理。请由另一位同事或校长办理。")


class StaffNumber(Refused):
    """S1: a member of staff becomes a child's adult by the yes of a signing guardian (staff_actions)."""

    code = "people.staff_number"
    message = _(
        "这个手机号是本校教职工的，要先由孩子可签字的监护人在自己的页面同意，才能登记。请用“添加家长”提出；"
        "同意后，再解除号码写错的那一位。"
    )


class NoSignerLeft(Refused):
    """Whoever could end the parents and then name a new one would have taken the child over alone."""

    code = "people.no_signer_left"
    message = _(
        "孩子原来的可签字家长都已解除、被禁止或不再签字，新的可签字或可接孩子的大人要由两个人办理：办公室用“添加家长”提出，"
        "校长核对证明后写明理由决定。"
    )


class NotYourChild(Refused):
    """Only an adult who may sign decides who collects."""

    code = "people.not_your_child"
    message = _("只有可以签字的监护人能决定谁来接孩子。")
    status = 403


class NotACollector(Refused):
    """Another guardian's rights are the school's business."""

    code = "people.not_a_collector"
    message = _("这位是孩子的监护人，不能在这里删除。请联系学校办公室。")


class AskedAlready(Refused):
    """One question about one adult at a time."""

    code = "people.asked_already"
    message = _("这位成年人已经提出过，还没有答复，请等待。由谁答复写在学生页面上。")


class AnothersNo(Refused):
    """One guardian's yes does not go over another's no."""

    code = "people.anothers_no"
    message = _(
        "%(adult)s 于 %(at)s 答复过不同意。要%(adult)s本人同意，这个人才能登记；请先和%(adult)s商量，"
        "有不同意见的，请联系学校。不答复的，过了期限由校长写明理由决定。"
    )


class NotYourAnswer(Refused):
    """A signing guardian of the child; without one, the principal, who did not ask and is not the adult."""

    code = "people.not_your_answer"
    message = _(
        "这要由孩子可签字的监护人本人答复；没有监护人能答复的，由校长写明理由决定（校长提出的，或和校长有关的，由副组长决定），"
        "不能由提出人或当事人决定。"
    )
    status = 403


class NoDecisionReason(Refused):
    """The school decides in a guardian's place only with a reason."""

    code = "people.no_decision_reason"
    message = _("请写明为什么可以登记（至少 %(least)s 个字），例如核对过的户口簿。")
    status = 400


class Answered(Refused):
    """Somebody was faster."""

    code = "people.question_answered"
    message = _("这件事已经有人答复过：%(adult)s 于 %(at)s 答复“%(said)s”。您有不同意见，请马上联系学校。")


class NoKinSigns(Refused):
    """Neighbours, friends and colleagues collect at most (S13)."""

    code = "people.no_kin_signs"
    message = _(
        "邻居、朋友、同事等不是亲属的人不能签字，只能接孩子。是监护人或受托人的，请选“其他监护人或受托人”。"
    )


class NumberNeeded(Refused):
    """Who has no number can't log in, and so neither sign nor be asked about; collecting is all there is."""

    code = "people.number_needed"
    message = _(
        "%(name)s没有登记手机号，不能登录，所以不能签字；是本校教职工或要监护人确认的，也要先有手机号。"
        "请先在学生页面“更正手机号”，再改权限。"
    )


class NothingToCorrect(Refused):
    """What is there already."""

    code = "people.nothing_to_correct"
    message = _("和现在登记的一样，没有要更正的。")


class CorrectedMeanwhile(Refused):
    """Somebody else was faster: the office corrects what it sees."""

    code = "people.corrected_meanwhile"
    message = _("刚才已经有人改过，现在登记的是“%(now)s”。请看过以后再更正。")


class NumberOfAnother(Refused):
    """One number is one adult; nobody gets the login of another."""

    code = "people.number_of_another"
    message = _(
        "这个手机号已经登记在另一位成年人（%(name)s）名下，没有更正。请核对号码；号码没错的，请先更正那一位。"
    )


class ChildrenChanged(Refused):
    """Another child was tied to the adult at the same moment: its deny list has to be looked at too."""

    code = "people.children_changed"
    message = _("刚才有人改了这位家长名下的孩子，没有更正。请重试。")
