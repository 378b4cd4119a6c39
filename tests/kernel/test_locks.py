"""Locks are taken in one order, and who holds a row may ask for it again."""

import pytest
from django.db import transaction

from afterbell.kernel import locks
from schools.people.models import Pupil
from schools.planning.models import CostLine
from tenants.context import in_school
from tests import makers


def test_a_row_is_read_again(north):
    with in_school(north):
        pupil = makers.a_pupil(name="李小明")
        Pupil.objects.filter(pk=pupil.pk).update(name="李晓明")
        with transaction.atomic():
            row = locks.locked(pupil)
        assert (pupil.name, row.name) == ("李小明", "李晓明")
        locks.follow(pupil, row)
        assert pupil.name == "李晓明"


def test_a_lock_above_one_that_is_held_is_a_mistake(north):
    with in_school(north):
        plan, pupil = makers.a_plan(), makers.a_pupil()
        with pytest.raises(locks.OutOfOrder), transaction.atomic():
            locks.locked(plan)
            locks.locked(pupil)


def test_a_row_that_is_held_is_asked_for_again_from_anywhere(north):
    with in_school(north), transaction.atomic():
        plan, pupil = makers.a_plan(), makers.a_pupil()
        with transaction.atomic():
            locks.locked(pupil)
            locks.locked(plan)
            locks.locked(pupil)
            with pytest.raises(locks.OutOfOrder):
                locks.locked(makers.a_pupil())


def test_what_a_savepoint_held_is_not_held_after_its_rollback(north):
    with in_school(north), transaction.atomic():
        plan, pupil = makers.a_plan(), makers.a_pupil()
        with transaction.atomic():
            with transaction.atomic():
                locks.locked(pupil)
                transaction.set_rollback(True)
            locks.locked(plan)
            with pytest.raises(locks.OutOfOrder):
                locks.locked(pupil)


def test_a_model_without_a_place_in_the_order_is_a_mistake(north):
    with in_school(north), pytest.raises(locks.OutOfOrder), transaction.atomic():
        list(locks.locked_rows(CostLine, []))


def test_a_transaction_that_is_over_holds_nothing(north):
    with in_school(north):
        plan, pupil = makers.a_plan(), makers.a_pupil()
        for row in (plan, pupil):
            with transaction.atomic():
                locks.locked(row)
