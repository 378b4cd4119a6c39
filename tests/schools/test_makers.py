"""The makers' rows pass every constraint, and the database's own refusals hold below all code."""

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from schools.care.states import SessionState
from schools.staffing.models import Clearance
from tenants.context import in_school
from tests import makers


def deferred_checks():
    """Django's foreign keys wait for the commit; ask now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_session_with_a_child_and_a_cleared_person_stands(north):
    with in_school(north):
        session = makers.a_session(contract=makers.a_contract())
        makers.a_roll_entry(session, makers.an_agreement())
        deferred_checks()


def test_a_person_without_clearance_on_the_day_cannot_be_put_on_a_session(north):
    """S17, S18: the database refuses, whatever the code does."""
    with in_school(north):
        contract = makers.a_contract(until_date=date(2026, 9, 4))
        with pytest.raises(IntegrityError, match="duty_within_clearance"), transaction.atomic():
            makers.a_session(contract=contract)
        session = makers.a_session()
        with pytest.raises(IntegrityError, match="duty_clearance_span"), transaction.atomic():
            makers.a_duty(session, makers.a_contract()).__class__.objects.update(
                clear_until_date=date(2027, 3, 1)
            )


def test_a_clearance_cannot_be_shortened_while_a_later_duty_stands(north):
    with in_school(north):
        contract = makers.a_contract()
        makers.a_session(contract=contract)
        with pytest.raises(IntegrityError, match="duty_within_clearance"), transaction.atomic():
            Clearance.objects.update(until_date=date(2026, 9, 2))
        Clearance.objects.update(until_date=date(2026, 9, 30))


def test_a_session_cannot_close_while_a_child_is_unaccounted_for(north):
    """S24, in the database."""
    with in_school(north):
        session = makers.a_session()
        makers.a_roll_entry(session, makers.an_agreement())
        session.state, session.closed_at = SessionState.CLOSED, makers.NOON
        with pytest.raises(IntegrityError, match="closed_session_has_no_child_left"), transaction.atomic():
            session.save()


@pytest.mark.parametrize(
    "table",
    ["finance_transfer", "finance_payment", "finance_statement", "voice_rating", "care_operation"],
)
def test_rows_of_money_and_answers_are_written_once(north, table):
    with in_school(north), connection.cursor() as cursor:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
