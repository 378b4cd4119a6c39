"""What one user holds, worked out once: roles with their scopes, the permissions they give, the second factor."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES, Role, Side

WHOLE = ""


@dataclass(frozen=True)
class Rights:
    """Roles and the scopes each is held for. A scope of "" means: for all of it."""

    scopes: dict[Role, frozenset[str]]
    has_second_factor: bool
    only: frozenset[Permission] | None = None
    """What a program may do of it that acts for the user; None for the user in person."""
    withheld: frozenset[Role] = frozenset()
    """Held, and not open to who has shown no more than a code."""

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        held: frozenset[Permission] = frozenset().union(*(ROLES[role].permissions for role in self.scopes))
        return held if self.only is None else held & self.only

    @property
    def needs_second_factor(self) -> bool:
        return any(ROLES[role].needs_second_factor for role in self.scopes)

    @property
    def lacks_second_factor(self) -> bool:
        """A role asks for one, and it is not set up."""
        return self.needs_second_factor and not self.has_second_factor

    def scope_of(self, role: Role) -> frozenset[str] | None:
        """None: all of it. Otherwise the districts or classes, none when the role is not held."""
        held = self.scopes.get(role, frozenset())
        return None if WHOLE in held else held


def rights(
    held: Iterable[tuple[str, str, bool]],
    *,
    side: Side,
    only: frozenset[Permission] | None = None,
    by_code: bool = False,
) -> Rights:
    """From rows of (role, scope, has a second factor). A role of the other side counts for nothing."""
    scopes: dict[Role, frozenset[str]] = {}
    withheld: set[Role] = set()
    protected = False
    for value, scope, has_second_factor in held:
        role = Role(value)
        protected = protected or has_second_factor
        if ROLES[role].side is not side:
            continue
        if by_code and ROLES[role].needs_second_factor:
            withheld.add(role)
        else:
            scopes[role] = scopes.get(role, frozenset()) | {scope}
    return Rights(scopes=scopes, has_second_factor=protected, only=only, withheld=frozenset(withheld))
