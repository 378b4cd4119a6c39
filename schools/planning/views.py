"""The school's front door and the desk: gates of the term first, then what waits."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.roles import Role
from afterbell.accounts.views import UserRequest
from afterbell.kernel import waiting
from afterbell.kernel.dates import local_date
from schools.planning import gates, opening, queries

OFFICE_ROLES = frozenset(
    {Role.PRINCIPAL, Role.DEPUTY, Role.CLERK, Role.CLASS_TEACHER, Role.COMMITTEE_CHAIR, Role.TREASURER}
)
DESK, CARE, FAMILY = "/desk/", "/care/", "/family/"


@require_GET
@requires(Permission.ACCOUNT_SELF)
def root(request: UserRequest) -> HttpResponse:
    """Everybody to the own first page."""
    return redirect(home_of(request.user))


@require_GET
@requires(Permission.PLAN_READ)
def desk(request: UserRequest) -> HttpResponse:
    """本学期进度, then what waits for me."""
    if home_of(request.user) == FAMILY and not request.user.has(Permission.RESOLUTIONS_VOTE):
        return redirect(FAMILY)
    now = timezone.now()
    term = queries.term_of_today(local_date(now))
    found = gates.gates(term.code, now) if term else []
    is_asked = bool(found) and found[0].is_done  # from here on each gate says itself what it lacks
    steps = [] if is_asked else opening.steps(local_date(now))
    first, then = (gates.as_tasks(each, request.user) for each in (steps, opening.held(found, steps)))
    context = {
        "term": term,
        "opening": first,
        "tasks": then,
        "mine": [task for task in (*first, *then) if task["url"] and task["is_mine"]],
        "waiting": waiting.everything(request.user, now),
        "now": now,
    }
    return render(request, "planning/desk.html", context)


def home_of(user: User) -> str:
    """By what the person does here most: an office, the gate, or a child of one's own."""
    roles = set(user.rights.scopes)
    if roles & OFFICE_ROLES:
        return DESK
    if Role.CARE_STAFF in roles:
        return CARE
    return FAMILY if Role.GUARDIAN in roles else DESK
