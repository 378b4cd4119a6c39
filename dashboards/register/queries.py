"""Schools as one user may see them: all of the city, or those of the own district."""

from django.db.models import Q, QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from tenants import queries as tenants
from tenants.models import School


def schools_for(user: User) -> QuerySet[School]:
    """A supervisor of a district sees that district; everybody else of the city sees all schools."""
    districts = (
        user.rights.scope_of(Role.BUREAU_SUPERVISOR) if Role.BUREAU_SUPERVISOR in user.rights.scopes else None
    )
    found = tenants.schools()
    return found if districts is None else found.filter(district__code__in=districts)


def narrowed(
    schools: QuerySet[School],
    *,
    search: str = "",
    district: str = "",
    stage: str = "",
    kind: str = "",
    state: str = "",
) -> QuerySet[School]:
    """By the filters of the address; an empty one does not filter."""
    if search:
        schools = schools.filter(Q(name__icontains=search) | Q(code__startswith=search))
    wanted = {"district__code": district, "stage": stage, "kind": kind, "state": state}
    return schools.filter(**{name: value for name, value in wanted.items() if value})
