"""A class that Excel took for a number: 1.10 is 1.1 to it, and nobody can tell class ten from class one."""

import io

import openpyxl
import pytest

from tenants.context import in_school
from tests.schools.people.books import HEAD, flaws

pytestmark = pytest.mark.django_db


def numbered(*classes, shown="General"):
    made = openpyxl.Workbook()
    page = made.active
    page.append(HEAD)
    for number, value in enumerate(classes):
        page.append(
            [
                f"0012{number}",
                "李小明王芳芳赵刚孙三"[number * 2 : number * 2 + 2],
                value,
                "李强" if number else "王建国",
                f"1380013800{number}",
            ]
        )
        page.cell(number + 2, 3).number_format = shown
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_class_ten_that_the_sheet_shows_as_1_10_does_not_come_into_class_one(north):
    """The sheet shows 1.10, the child came into class 1: its teacher read child and family, and called the roll."""
    with in_school(north):
        assert "C3" in flaws(numbered(1.9, 1.1, shown="0.00"))


def test_where_1_1_may_be_class_ten_it_is_asked(north):
    """1.1 to 1.9 and 1.1 again, typed 1.10: Excel keeps 1.1 for both, nobody can tell them apart."""
    with in_school(north):
        assert "C3" in flaws(numbered(1.9, 1.1))
