"""Who reviews the application of a reviewer's own child (S14): by name, and what that person still lacks."""

from django.utils.translation import gettext as _

from afterbell.accounts import queries as accounts
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role, Side, labels_with
from schools.enrolment import reviewing
from schools.enrolment.models import Side as ReviewSide
from schools.people import queries as people
from schools.people.models import Pupil


def in_words(pupil: Pupil, side: ReviewSide, user: User) -> str:
    """The others of this side who are no adults of the child; where there are none, who has to be registered."""
    right = reviewing.REVIEWS[side]
    found = [
        _named(each, role)
        for each, role in accounts.holders(right, besides=user)
        if not people.ties_of(each).filter(pupil=pupil).exists()
    ]
    if found:
        return _("这是您自己孩子的申请，请由本方另一位有权的人审核：%(who)s。") % {"who": "、".join(found)}
    return _(
        "这是您自己孩子的申请，您不能审核；本方现在没有另一位有权的人，请学校办公室登记（%(roles)s）。"
    ) % {"roles": labels_with(right, Side.SCHOOL)}


def _named(user: User, role: Role) -> str:
    given = {"name": user.name, "role": role.label}
    if user.has_usable_password():
        return _("%(name)s（%(role)s）") % given
    return _("%(name)s（%(role)s，还没有登录密码，请校长在“账号和角色”中重设）") % given
