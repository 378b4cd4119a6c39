"""Reads of accounts: who may do what, users for the lists, sessions."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from afterbell.accounts.models import Assignment, NumberClaim, User, in_force
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import BY_SEAT, ROLES, Role, ScopeKind, roles_of_side, side_here
from afterbell.kernel.dates import local_date
from afterbell.kernel.strings import dotted

OBJECTION: Final = timedelta(days=3)
"""How long the owner of an account in use has to say no before two others change its number."""


def permissions_of(user: User) -> frozenset[Permission]:
    """One query for each user object, that is for each request."""
    return user.rights.permissions


def scope_of(user: User, role: Role) -> frozenset[str] | None:
    """None: the whole city or school. Otherwise district codes or class ids; none when the role is not held."""
    return user.rights.scope_of(role)


def user_by_phone(phone: str) -> User | None:
    """The user of an E.164 number."""
    found: User | None = User.objects.filter(phone=phone).first()
    return found


def user_for_code(phone: str) -> User | None:
    """Whom a code is sent to: an active user who has a role, none of which asks for more than a code.

    A parent who got a seat stays a parent: the code goes on opening the own child's pages, and the seat's rights stay
    shut until the password comes (User.by_code).
    """
    user = user_by_phone(phone)
    if user is None or not user.is_active or not user.rights.scopes:
        return None
    asking_more = {role for role in user.rights.scopes if ROLES[role].needs_second_factor}
    is_a_seated_parent = Role.GUARDIAN in user.rights.scopes and asking_more <= {*BY_SEAT}
    return user if not asking_more or is_a_seated_parent else None


def users(*, search: str = "", role: str = "", active: bool | None = None) -> QuerySet[User]:
    """Users of this host for the list, roles prefetched; not ordered."""
    found: QuerySet[User] = User.objects.prefetch_related(
        Prefetch("assignments", queryset=Assignment.objects.order_by("created_at", "id"))
    )
    if search:
        found = found.filter(
            Q(login__icontains=search) | Q(name__icontains=search) | Q(phone__contains=search)
        )
    if role:
        found = found.filter(pk__in=Assignment.objects.filter(role=role).values("user"))
    if active is not None:
        found = found.filter(is_active=active)
    return found


def user(user_id: UUID) -> User:
    """Raises User.DoesNotExist."""
    return users().get(pk=user_id)


def assignment_of(user: User, assignment_id: UUID) -> Assignment:
    """Raises Assignment.DoesNotExist."""
    return user.assignments.get(pk=assignment_id)


def may_give(by: User) -> list[Role]:
    """The roles of this side that the user may give; those that follow a seat or a child are nobody's to give."""
    here = [role for role in roles_of_side(side_here()) if role not in (*BY_SEAT, Role.GUARDIAN)]
    return [role for role in here if by.has(ROLES[role].given_with)]


def past_by_seat(day: date) -> list[Assignment]:
    """Roles of seats whose days were over before this one, with their users."""
    found = Assignment.objects.filter(role__in=BY_SEAT, until_date__lt=day)
    return list(found.select_related("user").order_by("pk"))


def may_manage(by: User, user: User) -> bool:
    """Whether `by` may end the account or reset the password: every role of the user must be one that `by` may give."""
    if by.pk == user.pk or not by.has(Permission.ACCOUNTS_MANAGE):
        return False
    return all(by.has(ROLES[Role(assignment.role)].given_with) for assignment in user.assignments.all())


def has_second_factor(user: User) -> bool:
    """Whether one is set up that could be cleared."""
    found: bool = Authenticator.objects.filter(user=user).exists()
    return found


def holders(permission: Permission, *, besides: User) -> list[tuple[User, Role]]:
    """Others here who hold the permission today by a role, each once, by name. One query."""
    roles = [role for role in roles_of_side(side_here()) if permission in ROLES[role].permissions]
    rows = Assignment.objects.filter(
        in_force(local_date(timezone.now())), role__in=roles, user__is_active=True
    ).exclude(user=besides)
    found = {row.user: Role(row.role) for row in rows.select_related("user").order_by("created_at", "pk")}
    return sorted(found.items(), key=lambda each: (each[0].name, each[0].pk))


def without_password(by: User) -> list[tuple[User, Role]]:
    """Who holds a role that a code does not open, has no password, and whose password `by` may reset; by name.

    Asked by the head, who may reset everybody's: two queries, for others none.
    """
    if not by.has(Permission.LEADERS_ASSIGN):
        return []
    asking = [role for role, facts in ROLES.items() if facts.needs_second_factor]
    rows = Assignment.objects.filter(
        in_force(local_date(timezone.now())),
        role__in=asking,
        user__is_active=True,
        user__password__startswith=UNUSABLE_PASSWORD_PREFIX,
    )
    found = {row.user: Role(row.role) for row in rows.select_related("user").order_by("created_at", "pk")}
    prefetch_related_objects(list(found), "assignments")
    mine = [(user, role) for user, role in found.items() if may_manage(by, user)]
    return sorted(mine, key=lambda each: (each[0].name, each[0].pk))


def may_vouch(by: User, claim: NumberClaim) -> bool:
    """Whether `by` is a second person for this number: of the committee for whoever sits there, else of the office."""
    if by.pk in (claim.by_id, claim.user_id) or not by.is_active:
        return False
    if claim.user.assignments.filter(role__in=BY_SEAT).exists():
        return any(role in BY_SEAT for role in by.rights.scopes)
    return by.has(Permission.ACCOUNTS_READ)


def _in_office() -> list[Role]:
    """The roles of this side that let their holder stand for somebody else's number."""
    return [
        role for role in roles_of_side(side_here()) if Permission.ACCOUNTS_READ in ROLES[role].permissions
    ]


def is_anybody(permission: Permission) -> bool:
    """Whether somebody of this host has the right, by a role in force, and does not wait for a yes to the number."""
    giving = [role for role in roles_of_side(side_here()) if permission in ROLES[role].permissions]
    held = Assignment.objects.filter(
        in_force(local_date(timezone.now())),
        _came_in() | Q(user__number_claims=None),
        role__in=giving,
        user__is_active=True,
    )
    return held.exists()


def has_office(user: User) -> bool:
    """Whether the user will be a second person for other numbers."""
    return user.assignments.filter(role__in=_in_office()).exists()


def is_answerable(claim: NumberClaim) -> bool:
    """Whether somebody who gets in may answer: of the committee for its own, else of the office. Two queries."""
    seated = claim.user.assignments.filter(role__in=BY_SEAT).exists()
    held = Assignment.objects.filter(
        in_force(local_date(timezone.now())),
        _came_in() | ~Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX),
        role__in=BY_SEAT if seated else _in_office(),
        user__is_active=True,
    )
    return held.exclude(user__in=[claim.by_id, claim.user_id]).exists()


def _came_in() -> Q:
    """Of assignments: their users have logged in, or somebody said yes to their number."""
    return Q(user__last_login__isnull=False) | Q(user__in=_vouched_for().values("user"))


def _vouched_for() -> QuerySet[NumberClaim]:
    found: QuerySet[NumberClaim] = NumberClaim.objects.filter(is_accepted=True)
    return found


def stood_alone(by: User, user: User) -> bool:
    """Nobody of the school but `by` ever got in or was vouched for, nobody else was let in by the house: a new school.

    Ended accounts and taken roles count too, so that nobody comes to stand alone by sending the others away.
    """
    others = User.objects.exclude(pk__in=[by.pk, user.pk])
    not_only_parents = ~Q(assignments__role=Role.GUARDIAN) | Q(
        pk__in=Assignment.objects.exclude(role=Role.GUARDIAN).values("user")
    )
    came_in = Q(last_login__isnull=False) | Q(pk__in=_vouched_for().values("user"))
    sent_by_house = Q(assignments__role__in=_in_office(), number_claims=None)
    return not others.filter((not_only_parents & came_in) | sent_by_house).exists()


def has_children(user: User) -> bool:
    """Whether a parent's role comes with the account, with or without others."""
    return user.assignments.filter(role=Role.GUARDIAN).exists()


def is_parents(user: User) -> bool:
    """No more than a parent's role comes with the account."""
    return not user.assignments.exclude(role=Role.GUARDIAN).exists()


def may_confirm(by: User, claim: NumberClaim) -> bool:
    """The owner, who got in by the old number, says yes; with other roles than a parent's two others stand for it."""
    return by.pk == claim.user_id and is_parents(claim.user)


def waits_until(claim: NumberClaim) -> datetime | None:
    """Before this nobody but the owner says yes: of a parent's number where the account is in use. None: no wait."""
    user = claim.user
    if claim.phone == user.phone or user.last_login is None:
        return None
    return claim.at + OBJECTION if user.assignments.filter(role=Role.GUARDIAN).exists() else None


def may_accept(by: User, claim: NumberClaim, now: datetime) -> bool:
    """Whether a yes of `by` counts now."""
    if may_confirm(by, claim):
        return True
    until = waits_until(claim)
    return may_vouch(by, claim) and (until is None or now >= until)


def open_claims(user: User) -> list[NumberClaim]:
    """Those that this user may answer, or that are about the own account. One query and one each."""
    found = NumberClaim.objects.filter(answered_at=None).select_related("user", "by").order_by("at", "pk")
    return [claim for claim in found if claim.user_id == user.pk or may_vouch(user, claim)]


def claim(claim_id: UUID) -> NumberClaim:
    """Raises NumberClaim.DoesNotExist."""
    found: NumberClaim = NumberClaim.objects.select_related("user", "by").get(pk=claim_id)
    return found


def claim_for(user: User, claim_id: UUID) -> NumberClaim:
    """One about the own account, or that this user is a second person for. Raises NumberClaim.DoesNotExist."""
    found = claim(claim_id)
    if found.user_id != user.pk and not may_vouch(user, found):
        raise NumberClaim.DoesNotExist
    return found


def open_claim_of(user: User) -> NumberClaim | None:
    """What waits for its second person, with who claimed it."""
    return user.number_claims.filter(answered_at=None).select_related("by", "user").first()


def held_by(user: User, *, by: User) -> list[tuple[Assignment, str, str, bool]]:
    """Each assignment with its role and scope in words, and whether `by` may take it back."""
    kinds = {ROLES[Role(held.role)].scope for held in user.assignments.all() if held.scope}
    names = {code: name for kind in kinds for code, name in scope_choices(kind, today=None)}
    return [
        (held, str(Role(held.role).label), names.get(held.scope, held.scope), _may_take(by, held))
        for held in user.assignments.all()
    ]


def _may_take(by: User, held: Assignment) -> bool:
    """As actions.withdraw_role has it: never the own, never a seat's or a tie's, only what one may give."""
    role = Role(held.role)
    by_facts = role in BY_SEAT or role is Role.GUARDIAN
    return by.pk != held.user_id and not by_facts and by.has(ROLES[role].given_with)


def searchable(text: str) -> str:
    """A phone typed with blanks or full-width digits is found too."""
    plain = unicodedata.normalize("NFKC", text).strip()
    together = re.sub(r"[\s-]", "", plain)
    return together if together.lstrip("+").isdigit() else plain


def sessions(user: User) -> list[UserSession]:
    """Where the user is logged in now, newest first; sessions that have ended are cleared away."""
    alive: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(alive, key=lambda session: (session.last_seen_at, session.pk), reverse=True)


def scope_choices(kind: ScopeKind, *, today: date | None) -> list[tuple[str, str]]:
    """(code, name) of the districts or classes of a day, without a day of all that a role may be held for.

    Their models stand above accounts and are plugged in by settings.
    """
    if kind is ScopeKind.WHOLE:
        return []
    found: list[tuple[str, str]] = dotted(settings.ACCOUNT_SCOPES[kind.value])(today)
    return found
