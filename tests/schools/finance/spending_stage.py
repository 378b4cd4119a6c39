"""Stage of the tests of spending: an organisation on the bureau's register, one that is not, and every kind of payee."""

from datetime import date
from typing import Any

from schools.finance.spending import Payee
from tenants.context import in_city
from tenants.models import Provider

CLUB = "青禾青少年体育俱乐部"
CODE = "91330100799655058B"


def a_provider(name: str = CLUB, **more: Any) -> Provider:
    """Approved for the year in the whole city."""
    given = {
        "name": name, "credit_code": CODE, "services": "足球", "approved_from_date": date(2026, 1, 1),
        "approved_until_date": date(2027, 12, 31), "decision_number": "1号", **more,
    }  # fmt: skip
    with in_city():
        return Provider.objects.create(**given)


def shop(name: str = "晨光文具店") -> Payee:
    return Payee("supplier", name)


def company(name: str) -> Payee:
    """By its name, as the API takes it."""
    return Payee("provider", name)


def by_register(provider: Provider) -> Payee:
    return Payee("provider", provider_id=provider.pk)
