"""`among` finds what `in` finds, with one array for all values."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from schools.finance.models import Account
from tenants.context import in_school


@pytest.fixture
def accounts(north):
    with in_school(north):
        yield Account.objects.bulk_create(
            [Account(term_code="2026-2027-1", code=f"a'{n},{{}}") for n in range(3)]
        )


def test_keys_of_each_kind_are_found(accounts):
    first, _second, third = accounts
    keys = [first.pk, third.pk, uuid4()]
    by_key = Account.objects.filter(pk__among=keys).order_by("code")
    by_code = Account.objects.filter(code__among=[first.code, third.code, 'x"\\']).order_by("code")
    assert [row.pk for row in by_key] == [row.pk for row in by_code] == [first.pk, third.pk]
    assert str(by_key.query).count("ANY") == 1


def test_nothing_is_among_nothing(accounts):
    assert not Account.objects.filter(pk__among=[]).exists()


def test_a_value_of_another_kind_is_refused_before_the_database_sees_it(accounts):
    with pytest.raises(ValidationError):
        Account.objects.filter(pk__among=["no key"]).exists()
