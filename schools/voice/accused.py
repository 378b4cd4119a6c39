"""Whoever is accused never handles a complaint, and does not see it: by the post, or by the name that was given."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES, Role
from afterbell.kernel import signs
from schools.voice.models import Addressee
from tenants.letterbox.models import Accused

HOLDERS: Final[Mapping[Accused, frozenset[Role]]] = {
    Accused.PRINCIPAL: frozenset({Role.PRINCIPAL}),
    Accused.DEPUTY: frozenset({Role.DEPUTY}),
    Accused.LEADERS: frozenset({Role.PRINCIPAL, Role.DEPUTY}),
    Accused.OFFICE: frozenset({Role.CLERK}),
    Accused.TEACHER: frozenset({Role.CLASS_TEACHER, Role.CARE_STAFF}),
    Accused.COMMITTEE: frozenset({Role.COMMITTEE_CHAIR, Role.TREASURER, Role.COMMITTEE_MEMBER}),
}
POSTS: Final = (Accused.PRINCIPAL, Accused.DEPUTY, Accused.LEADERS)
"""Held by one person: a name beside them frees nobody."""


def concerns(user: User) -> Q:
    """Complaints about this person: by post, by name, or by a post that nobody was named for.

    Beside what the bureau passed on a name frees nobody: the officer who wrote it adds to what the family said.
    """
    held = frozenset(user.rights.scopes)
    groups = [accused for accused, holders in HOLDERS.items() if holders & held]
    return (
        Q(accused__in=[group for group in groups if group in POSTS])
        | Q(accused__in=groups) & (Q(accused_name="") | Q(addressee=Addressee.BUREAU))
        | (Q(accused_name=user.name) & ~Q(accused_name=""))
    )


def is_accused(user: User, accused: str, name: str, *, is_passed_on: bool = False) -> bool:
    """The same of one complaint."""
    if name and name == user.name:
        return True
    holders = HOLDERS.get(Accused(accused), frozenset())
    return bool(holders & frozenset(user.rights.scopes)) and (not name or accused in POSTS or is_passed_on)


def somebody_is_left(accused: str, name: str, *, is_passed_on: bool = False) -> bool:
    """Whether anybody here may answer who is not the accused; while nobody is accused, nobody is kept from it."""
    if not accused and not name:
        return True
    return any(
        not is_accused(user, accused, name, is_passed_on=is_passed_on)
        for user in _holders(Permission.COMPLAINTS_ANSWER)
    )


def is_shown_to(named: str, accused: str, name: str) -> bool:
    """Whether somebody here would read what was passed on whom the family, however it wrote the name, named for it."""
    written = signs.plain(named)
    return any(
        signs.plain(user.name) in written and not is_accused(user, accused, name, is_passed_on=True)
        for user in _holders(Permission.COMPLAINTS_READ)
        if signs.plain(user.name)
    )


def _holders(permission: Permission) -> list[User]:
    may = [role for role, facts in ROLES.items() if permission in facts.permissions]
    found = User.objects.filter(is_active=True, assignments__role__in=may).distinct()
    return [user for user in found.order_by("pk") if user.has(permission)]
