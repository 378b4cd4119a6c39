"""Rows that go in by COPY are rows as any others: with their school, their columns, their constraints."""

import pytest
from django.db import IntegrityError

from afterbell.kernel import copying
from afterbell.kernel.ids import uuid7, uuid7_text
from afterbell.kernel.records import WrongSchool
from schools.finance.models import Account
from tenants.context import in_school

TERM = "2026-2027-1"


def columns(code, **more):
    account = {"id": uuid7(), "term_code": TERM, "code": code, "agreement_id": None, "balance_fen": 5}
    return account | {"may_go_below_zero": True, "holder": ""} | more


def test_what_is_given_back_is_what_a_read_gives(north):
    with in_school(north):
        made = copying.as_read(Account, [columns("fees"), columns("cost:staff")])
        read = list(Account.objects.order_by("-code"))
    names = [field.attname for field in Account._meta.concrete_fields]
    assert [[getattr(row, name) for name in names] for row in made] == [
        [getattr(row, name) for name in names] for row in read
    ]
    assert {(row._state.adding, row._state.db, row.home_schema) for row in made} == {
        (row._state.adding, row._state.db, row.home_schema) for row in read
    }


def test_a_column_that_is_forgotten_is_noticed(north):
    row = columns("fees")
    del row["holder"]
    with in_school(north), pytest.raises(KeyError, match="holder"):
        copying.as_read(Account, [row])


def test_constraints_hold(north):
    with in_school(north), pytest.raises(IntegrityError):
        copying.as_read(Account, [columns("cash", holder="")])


def test_one_row_of_another_school_among_many_is_refused(north, south):
    with in_school(south):
        stranger = Account(term_code=TERM, code="fees")
    with in_school(north):
        rows = [Account(term_code=TERM, code="fees"), stranger, Account(term_code=TERM, code="cost:staff")]
        with pytest.raises(WrongSchool):
            copying.instances(rows)
        with pytest.raises(WrongSchool):
            Account.objects.bulk_create(rows)
        assert not Account.objects.exists()


def test_keys_as_text_are_keys_of_the_same_kind(north):
    with in_school(north):
        key = uuid7_text()
        copying.tuples(Account, ["id", "term_code", "code", "balance_fen", "may_go_below_zero", "holder"], [
            (key, TERM, "fees", 0, True, ""),
        ])  # fmt: skip
        (found,) = Account.objects.all()
    assert (str(found.pk), found.pk.version) == (key, 7)
