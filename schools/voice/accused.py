"""Whoever is accused never handles a complaint, and does not see it: by the post, or by the name that was given."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES, Role
from afterbell.kernel import signs
from schools.voice.models import Addressee, Complaint
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
        | Q(accused_name__in=_names_of(user))
    )


def _names_of(user: User) -> list[str]:
    """How complaints here write this person's whole name: 王 芳, 王芳老师."""
    written = Complaint.objects.exclude(accused_name="").order_by().values_list("accused_name", flat=True)
    return [name for name in written.distinct() if _is_named(user, name)]


def _is_named(user: User, written: str) -> bool:
    return bool(written) and (written == user.name or signs.names(user.name, written))


def is_accused(user: User, accused: str, name: str, *, is_passed_on: bool = False) -> bool:
    """The same of one complaint."""
    if _is_named(user, name):
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
    return any(signs.plain(each) in written for each in readers(accused, name) if signs.plain(each))


def readers(accused: str, name: str) -> list[str]:
    """Names of those here who would read what was passed on."""
    may = _holders(Permission.COMPLAINTS_READ)
    return [user.name for user in may if not is_accused(user, accused, name, is_passed_on=True)]


def _holders(permission: Permission) -> list[User]:
    may = [role for role, facts in ROLES.items() if permission in facts.permissions]
    found = User.objects.filter(is_active=True, assignments__role__in=may).distinct()
    return [user for user in found.order_by("pk") if user.has(permission)]
