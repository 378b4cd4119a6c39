"""One school never sees another: every way that we know of, each with its guard."""

import pytest
from django.db import ProgrammingError, connection

from schools.people.models import SchoolClass
from tenants.context import in_school


def a_class(**more):
    return SchoolClass.objects.create(**{"entry_year": 2026, "grade": 1, "number": 1, "name": "一年级1班", **more})


def test_a_row_of_one_school_is_not_in_another(north, south):
    with in_school(north):
        a_class()
        assert SchoolClass.objects.count() == 1
    with in_school(south):
        assert SchoolClass.objects.count() == 0


def test_outside_every_school_there_is_no_class_table(db):
    with pytest.raises(ProgrammingError):
        SchoolClass.objects.count()


def test_raw_sql_of_one_school_cannot_read_another(north, south):
    with in_school(north), connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT * FROM s_3301020002.people_schoolclass")
