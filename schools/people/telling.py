"""Tells the adults who sign for a child what was changed about it; how they are told is another room's, by name.

Nobody learns by it why somebody was denied, or more of a number than its ends.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts import phones
from afterbell.accounts import queries as accounts
from afterbell.accounts.models import NumberClaim, User
from afterbell.kernel.strings import dotted
from schools.people import deciding, queries
from schools.people.models import AdultQuestion, Guardian, Pupil, Tie
from schools.people.rights import Rights


def new_adult(*, tie: Tie, by: User, now: datetime) -> None:
    """To the signing adults who were there: an adult more, and what it may do; on their phones if it may do anything."""
    rights = [_("可以签字")] * tie.may_sign + [_("可以接孩子")] * tie.may_collect
    body = _("%(pupil)s 名下登记了 %(adult)s（%(relation)s，%(phone)s），%(rights)s。办理人：%(by)s。") % {
        **_names(tie, by),
        "relation": tie.get_relation_display(),
        "rights": "、".join(rights) or _("没有权限"),
    }
    body += _("您不认识这个人，或没有同意过，请马上联系学校。")
    title = _("%(pupil)s 的家长或接送人有变化")
    _tell(tie.pupil, title, body, but=[tie.guardian_id], by=by, now=now, is_urgent=lets_in(tie))


def lets_in(tie: Tie) -> bool:
    """Whether a new adult may do anything with the child: then its adults hear of it by phone, whichever way it came."""
    return tie.may_sign or tie.may_collect


def changed_rights(*, tie: Tie, wanted: Rights, by: User, now: datetime) -> None:
    """To the signing adults: what the adult was and may do, and is and may do. Who has less now is told as well, and all of
    it on their phones: nobody is put out of a child's life unseen, or let into it.

    `tie` as it was before.
    """
    there = Rights.of(tie)
    is_less, is_more = there.gains_over(wanted), wanted.gains_over(there)
    said = _("%(adult)s（%(phone)s）在 %(pupil)s 名下的登记由“%(before)s”改为“%(after)s”。办理人：%(by)s。")
    if there.may_sign and not wanted.may_sign:
        said += _("%(adult)s 不能再为 %(pupil)s 签字。")
    title = _("%(pupil)s 的家长或接送人有变化") % {"pupil": tie.pupil.name}
    body = said % {**_names(tie, by), "before": there.said, "after": wanted.said}
    is_only_more = is_more and not is_less
    to = signers([tie.pupil_id], [tie.guardian_id]) | (set() if is_only_more else {tie.guardian_id})
    body += _("您不同意，请马上联系学校。")
    adults = Guardian.objects.filter(pk__among=to)
    _send(adults, tie.pupil, title, body, by, now, is_urgent=is_less or is_more)


def ended(*, tie: Tie, by: User, now: datetime) -> None:
    """To the adult itself and the signing adults, on their phones.

    What is about a child is read by its live adults only: who is none any more gets a letter apart.
    """
    said = _("%(adult)s（%(phone)s）不再是 %(pupil)s 在学校登记的家长或接送人。办理人：%(by)s。")
    title = _("%(pupil)s 的家长或接送人有变化") % {"pupil": tie.pupil.name}
    letter = title, said % _names(tie, by) + _("您不同意，请马上联系学校。")
    others = Guardian.objects.filter(pk__among=signers([tie.pupil_id], [tie.guardian_id]))
    _send(others, tie.pupil, *letter, by, now, is_urgent=True)
    _send([tie.guardian], None, *letter, by, now, is_urgent=True)


def denied(*, tie: Tie, by: User, now: datetime) -> None:
    """To the signing adults who are left."""
    _tell_of_list(
        tie,
        _("学校登记了 %(adult)s（%(phone)s）不得接走 %(pupil)s。办理人：%(by)s。有疑问请联系学校。"),
        by,
        now,
    )


def lifted(*, tie: Tie, by: User, now: datetime) -> None:
    """To the signing adults: who hears of it can still object."""
    body = _(
        "学校解除了对 %(adult)s（%(phone)s）接走 %(pupil)s 的禁止。办理人：%(by)s。您不同意，请马上联系学校。"
    )
    _tell_of_list(tie, body, by, now)


def new_number(*, guardian: Guardian, before: str, by: User, now: datetime) -> None:
    """To the adult and to those who sign for the same children: a number is a door to log in by."""
    body = _(
        "%(adult)s 的手机号由 %(before)s 更正为 %(after)s，以后用新号码登录，旧号码不能再登录。"
        "办理人：%(by)s。不是您要求的，请马上联系学校。"
    ) % {
        "adult": guardian.name,
        "before": phones.masked(before),
        "after": phones.masked(guardian.phone),
        "by": by.name,
    }
    _tell_about_adult(guardian, _("%(adult)s 的手机号已更正"), body, by=by, now=now, is_urgent=True)


def number_claimed(*, claim: NumberClaim, by: User, now: datetime) -> None:
    """To the old number and to those who sign for the same children, at once: nothing has changed, and how to object."""
    guardian = Guardian.objects.filter(user=claim.user_id).first()
    if guardian is None:
        return
    until = accounts.waits_until(claim)
    names = {
        "adult": guardian.name,
        "before": phones.masked(guardian.phone),
        "after": phones.masked(claim.phone),
        "by": by.name,
        "at": f"{timezone.localtime(until or now):%Y-%m-%d %H:%M}",
    }
    body = _(
        "有人为 %(adult)s 登记了新手机号 %(after)s，还没有生效，现在的号码 %(before)s 仍可登录。登记人：%(by)s。"
        "本人请登录后打开“我的账号”里的“核实手机号”确认或否定。没有否定的，另一位有权的人当面核实后最早 %(at)s 生效。"
        "不是您要求的，请马上否定，也可以拨打 12345。"
    )
    title = _("%(adult)s 的新手机号等本人确认")
    _tell_about_adult(guardian, title, body % names, by=by, now=now, is_urgent=True)


def number_refused(*, claim: NumberClaim, by: User, now: datetime) -> None:
    """To all who heard of the claim: the number is the old one."""
    guardian = Guardian.objects.filter(user=claim.user_id).first()
    if guardian is None:
        return
    body = _("为 %(adult)s 登记的新手机号 %(after)s 已被否定，号码没有更换。否定人：%(by)s。") % {
        "adult": guardian.name,
        "after": phones.masked(claim.phone),
        "by": by.name,
    }
    _tell_about_adult(guardian, _("%(adult)s 的手机号没有更换"), body, by=by, now=now)


def login(*, guardian: Guardian, is_ended: bool, by: User | None, now: datetime) -> None:
    """To the adult and to those who sign for the same children, on their phones: an account was ended, or opened again."""
    if is_ended:
        title = _("%(adult)s 的账号已停用")
        said = _(
            "%(adult)s（%(phone)s）的账号已停用，不能再登录、答复和签字。办理人：%(by)s。"
            "不同意的，请马上联系学校，也可以拨打 12345。"
        )
    else:
        title = _("%(adult)s 的账号已重新启用")
        said = _("%(adult)s（%(phone)s）的账号已重新启用，可以用手机号登录。办理人：%(by)s。")
    names = {
        "adult": guardian.name,
        "phone": phones.masked(guardian.phone),
        "by": by.name if by else _("系统"),
    }
    _tell_about_adult(guardian, title, said % names, by=by, now=now, is_urgent=True)


def new_name(*, guardian: Guardian, before: str, by: User, now: datetime) -> None:
    """To the adult and to those who sign for the same children."""
    body = _(
        "家长姓名由 %(before)s 更正为 %(adult)s（%(phone)s）。办理人：%(by)s。不对的话，请马上联系学校。"
    ) % {
        "adult": guardian.name,
        "before": before,
        "phone": phones.masked(guardian.phone),
        "by": by.name,
    }
    _tell_about_adult(guardian, _("%(adult)s 的姓名已更正"), body, by=by, now=now)


def new_pupil_name(*, pupil: Pupil, before: str, by: User, now: datetime) -> None:
    """To everybody who signs for the child."""
    body = _("学生姓名由 %(before)s 更正为 %(pupil)s。办理人：%(by)s。不对的话，请联系学校。")
    said = {"before": before, "pupil": pupil.name, "by": by.name}
    _tell(pupil, _("%(pupil)s 的姓名已更正"), body % said, but=[], by=by, now=now)


def asked(*, question: AdultQuestion, by: User, now: datetime) -> None:
    """To the signing adults: a question that waits for one of them. Without one the principal finds it on the desk."""
    if question.tie_id is not None:
        _asked_to_lift(question, by, now)
        return
    body = _(
        "学校想把本校教职工 %(adult)s（%(phone)s）登记为 %(pupil)s 的家长或接送人。提出人：%(by)s。"
        "没有您的同意不会登记。请打开“我的孩子”答复；您不认识这个人，请选不同意。"
    )
    title = _("请您确认：%(pupil)s 的家长或接送人")
    _tell_of(question, title, body, by=by, now=now, is_urgent=True)


def _asked_to_lift(question: AdultQuestion, by: User, now: datetime) -> None:
    said = _("学校想解除对 %(adult)s（%(phone)s）接走 %(pupil)s 的禁止。提出人：%(by)s。")
    if deciding.decider(question) is deciding.Decider.GUARDIAN:
        title = _("请您确认：%(pupil)s 的禁止接走名单")
        said += _("没有您的同意不会解除。请打开“我的孩子”答复，那里写着原因。")
    else:
        title = _("%(pupil)s 的禁止接走名单：学校再次提出解除")
        said += _(
            "监护人答复过不同意，这一次由校长核对法院文书等原件后决定。您不同意，请马上联系学校，也可以拨打 12345。"
        )
    _tell_of(question, title, said, by=by, now=now, is_urgent=True)


def answered(*, question: AdultQuestion, by: User, now: datetime) -> None:
    """To the signing adults who are there then: how it was answered, and by whom."""
    said = _("同意") if question.is_yes else _("不同意")
    if question.tie_id is None:
        title = _("已答复：%(pupil)s 的家长或接送人")
        body = _("把 %(adult)s（%(phone)s）登记为 %(pupil)s 的家长或接送人：%(said)s。答复人：%(by)s。")
    else:
        title = _("已答复：%(pupil)s 的禁止接走名单")
        body = _("解除对 %(adult)s（%(phone)s）接走 %(pupil)s 的禁止：%(said)s。答复人：%(by)s。")
    body = body.replace("%(said)s", said)
    if question.is_decision:
        body += _("由学校决定，理由：%(reason)s。") % {"reason": question.reason.replace("%", "%%")}
    _tell_of(question, title, body, by=by, now=now)


def _tell_of(
    question: AdultQuestion, title: str, body: str, *, by: User, now: datetime, is_urgent: bool = False
) -> None:
    names = {
        "pupil": question.pupil.name,
        "adult": question.name,
        "phone": phones.masked(question.phone),
        "by": by.name,
    }
    _tell(question.pupil, title, body % names, but=[], by=by, now=now, is_urgent=is_urgent)


def by_roster(*, to: Collection[UUID], let_in: Collection[UUID], by: User | None, now: datetime) -> None:
    """One letter to all who signed for a child before an import gave it an adult more, or somebody another name or
    relation; to `let_in`, whose child got an adult who may do anything, another one, and on their phones.
    """
    title = _("学校导入名册后，孩子的登记有变化")
    more = _(
        "学校导入了名册，您孩子名下新登记了可以签字或接孩子的人。请马上打开“我的孩子”查看；您不认识这个人，或没有同意过，请马上联系学校。"
    )
    other = _(
        "学校导入了名册，您孩子名下新登记了家长或接送人，或更正了姓名、关系。请打开“我的孩子”查看；有您不认识的人，请马上联系学校。"
    )
    urgent, others = set(let_in), set(to) - set(let_in)
    if urgent:
        _send(Guardian.objects.filter(pk__among=urgent), None, title, more, by, now, is_urgent=True)
    if others:
        _send(Guardian.objects.filter(pk__among=others), None, title, other, by, now)


def signers(pupils: Iterable[UUID], but: Collection[UUID]) -> set[UUID]:
    """The adults who sign for one of these children now. No query for no child."""
    children = list(pupils)
    if not children:
        return set()
    ties = Tie.objects.filter(queries.LIVE, may_sign=True, pupil__pk__among=children)
    return set(ties.exclude(guardian__in=but).values_list("guardian", flat=True))


def _tell(
    pupil: Pupil,
    title: str,
    body: str,
    *,
    but: Collection[UUID],
    by: User,
    now: datetime,
    is_urgent: bool = False,
) -> None:
    to = Guardian.objects.filter(pk__among=signers([pupil.pk], but))
    _send(to, pupil, title % {"pupil": pupil.name}, body, by, now, is_urgent=is_urgent)


def _tell_about_adult(
    guardian: Guardian, title: str, body: str, *, by: User | None, now: datetime, is_urgent: bool = False
) -> None:
    children = Tie.objects.filter(queries.LIVE, guardian=guardian).values_list("pupil", flat=True)
    to = Guardian.objects.filter(pk__among={*signers(children, []), guardian.pk})
    _send(to, None, title % {"adult": guardian.name}, body, by, now, is_urgent=is_urgent)


def _send(
    to: Iterable[Guardian],
    about: Pupil | None,
    title: str,
    body: str,
    by: User | None,
    now: datetime,
    *,
    is_urgent: bool = False,
) -> None:
    """What is urgent goes to their phones too."""
    adults = list(to)
    if adults:
        dotted(settings.FAMILY_TOLD)(
            to=adults, about=about, title=title, body=body, is_urgent=is_urgent, by=by, now=now
        )


def _tell_of_list(tie: Tie, body: str, by: User, now: datetime) -> None:
    """That the list of who must not come near the child is another one, on their phones; not to whom it is about."""
    title = _("%(pupil)s 的禁止接走名单有变化")
    _tell(tie.pupil, title, body % _names(tie, by), but=[tie.guardian_id], by=by, now=now, is_urgent=True)


def _names(tie: Tie, by: User) -> dict[str, str]:
    return {
        "pupil": tie.pupil.name,
        "adult": tie.guardian.name,
        "phone": phones.masked(tie.guardian.phone),
        "by": by.name,
    }
