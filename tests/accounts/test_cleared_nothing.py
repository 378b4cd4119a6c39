"""Clearing a second factor that is not there, as by a second click or an old tab."""

from afterbell.accounts import actions
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from tenants.context import in_school
from tests.accounts.makers import a_user, with_second_factor
from tests.city import NOON


def test_a_second_click_clears_nothing_and_says_nothing(north):
    """Two rows say that two were cleared."""
    with in_school(north):
        head, clerk = a_user(role=Role.PRINCIPAL), a_user(role=Role.CLERK)
        with_second_factor(clerk)
        for _click in range(2):
            actions.clear_second_factor(user=clerk, by=head, now=NOON)
        assert Entry.objects.filter(verb=actions.CLEARED).count() == 1
