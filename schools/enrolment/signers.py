"""What stands on a signature whose giver may sign for the child no longer: denied, ended, without the right (S13, S24).

Such an application is not approved and moves up nowhere: it waits for who signs now, who takes it back and applies anew.
An agreement that runs stays, the child is looked after by it. But that it goes home alone was one adult's word, which holds
no longer (schools.care.homeward): the adults who sign and the school hear of it at once, and the adults say a new one.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from schools.enrolment import refusals
from schools.enrolment.models import Agreement, Application, Supplement
from schools.enrolment.states import SUPPLEMENT_IN_LINE, AgreementState, ApplicationState
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.people.models import Guardian, Pupil, Tie
from schools.people.queries import LIVE

WAITS = [ApplicationState.SUBMITTED, ApplicationState.WAITING]


def still_sign(pupil: str = "pupil") -> Q:
    """Of applications, or of what has its child elsewhere: whose signer may sign for the child now."""
    ties = Tie.objects.filter(LIVE, may_sign=True, guardian=OuterRef("guardian"), pupil=OuterRef(pupil))
    return Q(Exists(ties))


def refuse_gone(rows: Iterable[Application]) -> None:
    """Under the children's locks: a denial at the same moment waits, or was first. Raises SignerGone. One query."""
    gone = Application.objects.filter(~still_sign(), pk__in=[row.pk for row in rows])
    found = gone.select_related("guardian").order_by("submitted_at", "pk").first()
    if found is not None:
        raise refusals.SignerGone(number=found.number, adult=found.guardian.name)


def refuse_gone_supplement(row: Supplement) -> None:
    """The same for what is asked for beside an agreement. Raises SignerGone."""
    found = Supplement.objects.filter(~still_sign("application__pupil"), pk=row.pk)
    if found.exists():
        raise refusals.SignerGone(number=row.number, adult=row.guardian.name)


def gone(*, guardian: Guardian, pupil: Pupil, by: User, now: datetime) -> None:
    """The adult may sign for the child no longer (settings.SIGNER_GONE): who is to do something hears what, by phone too."""
    forms = Application.objects.filter(guardian=guardian, pupil=pupil, state__in=WAITS)
    alone = Agreement.objects.filter(
        application__guardian=guardian, pupil=pupil, state=AgreementState.ACTIVE, goes_home_alone=True
    )
    further = Supplement.objects.filter(
        application__pupil=pupil, guardian=guardian, state__in=SUPPLEMENT_IN_LINE
    )
    names = {"adult": guardian.name, "pupil": pupil.name}
    waits: list[Application | Supplement] = [
        *forms.order_by("submitted_at", "pk"),
        *further.order_by("submitted_at", "pk"),
    ]
    said = [
        _(
            "申请 %(number)s 是 %(adult)s 签名的，%(adult)s 已不能为 %(pupil)s 签字，这份申请不会通过。"
            "还要参加的，请孩子可签字的监护人撤回它，再重新申请。"
        )
        % {**names, "number": row.number}
        for row in waits
    ]
    said += [
        _(
            "协议 %(number)s 约定 %(pupil)s 可以自行离校，这是 %(adult)s 签名同意的，%(adult)s 已不能为孩子签字。"
            "这项同意不再有效：学校要等登记的接送人来接。请孩子可签字的监护人今天就在首页“等您办理”里确认孩子怎样离校。"
        )
        % {**names, "number": row.number}
        for row in alone.order_by("pk")
    ]
    if said:
        _tell(guardian, pupil, "".join(said), has_school=alone.exists(), by=by, now=now)


def _tell(guardian: Guardian, pupil: Pupil, body: str, *, has_school: bool, by: User, now: datetime) -> None:
    title = _("%(pupil)s 的申请或协议要重新签字") % {"pupil": pupil.name}
    send = partial(
        notices.publish, kind=NoticeKind.LETTER, title=title[:120], body=body, is_urgent=True, by=by, now=now
    )
    signing = Tie.objects.filter(LIVE, pupil=pupil, may_sign=True).exclude(guardian=guardian)
    adults = list(Guardian.objects.filter(pk__in=signing.values("guardian")))
    if adults:
        send(to=adults, about=pupil)
    roles = [Role.PRINCIPAL, Role.DEPUTY, Role.CLERK]
    school = User.objects.filter(is_active=True, assignments__role__in=roles).distinct()
    if (has_school or not adults) and (people := list(school)):
        send(to=people)
