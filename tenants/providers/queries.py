"""Reads of the register: all of it for the bureau, those in force on a day for a school."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import District, Provider


def in_force(day: date, district: District) -> QuerySet[Provider]:
    """Approved for the whole city or this district, and not revoked, on a day; by name."""
    found: QuerySet[Provider] = Provider.objects.filter(
        Q(revoked_date__isnull=True) | Q(revoked_date__gt=day),
        Q(district__isnull=True) | Q(district=district),
        approved_from_date__lte=day,
        approved_until_date__gte=day,
    )
    return found.order_by("name", "pk")


def withdrawn(day: date, district: District) -> list[Provider]:
    """Organisations whose approval was revoked by a day, and that nothing else lets render services here; by name."""
    running = in_force(day, district).values("credit_code")
    found = Provider.objects.filter(revoked_date__lte=day).exclude(credit_code__in=running)
    return list(found.order_by("name", "pk"))


def register(
    districts: frozenset[str] | None, *, day: date, name: str = "", state: str = ""
) -> QuerySet[Provider]:
    """Every approval that an officer of these districts (None: all) may see; the city's own are for everybody."""
    found: QuerySet[Provider] = Provider.objects.select_related("district")
    if districts is not None:
        found = found.filter(Q(district__isnull=True) | Q(district__code__in=districts))
    if name:
        found = found.filter(Q(name__icontains=name) | Q(credit_code__startswith=name.upper()))
    revoked = Q(revoked_date__isnull=False)
    wanted = {
        "running": ~revoked & Q(approved_until_date__gte=day),
        "over": ~revoked & Q(approved_until_date__lt=day),
        "revoked": revoked,
    }
    return found.filter(wanted[state]) if state else found


def provider_for(districts: frozenset[str] | None, provider_id: UUID) -> Provider:
    """One that an officer of these districts may take back. Raises Provider.DoesNotExist for another's, too."""
    found = Provider.objects.select_related("district")
    mine = found if districts is None else found.filter(district__code__in=districts)
    return mine.get(pk=provider_id)


def running_beside(row: Provider) -> Provider | None:
    """Another approval of the same organisation for the same place with a day in common."""
    return Provider.objects.filter(
        credit_code=row.credit_code,
        district=row.district,
        revoked_date__isnull=True,
        approved_from_date__lte=row.approved_until_date,
        approved_until_date__gte=row.approved_from_date,
    ).first()
