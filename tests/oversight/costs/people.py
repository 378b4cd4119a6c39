"""Browsers of the people who read costs."""

from afterbell.accounts.roles import Role
from tenants.context import in_city
from tests.accounts import makers as accounts


def price_officer():
    return _browser(Role.PRICE_OFFICER)


def supervisor(district=""):
    return _browser(Role.BUREAU_SUPERVISOR, scope=district)


def administrator():
    return _browser(Role.SYSTEM_ADMIN)


def _browser(role, scope=""):
    with in_city():
        user = accounts.a_user(role=role, scope=scope)
    return accounts.logged_in(accounts.CITY, user.login)
