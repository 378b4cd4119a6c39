"""Breaker 10: a class that Excel took for a number, and grades as sheets."""

import io

import openpyxl
import pytest

from schools.people.models import Pupil
from tenants.context import in_school
from tests.schools.people.books import HEAD, LI, WANG, flaws, load, sheets

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


def test_b10_class_ten_that_the_sheet_shows_as_1_10_is_class_ten(north):
    """The sheet shows 1.10, the child came into class 1: its teacher reads child and family, and calls the roll."""
    with in_school(north):
        load(numbered(1.9, 1.1, shown="0.00"))
        assert [str(one.school_class) for one in Pupil.objects.order_by("number")] == [
            "一年级9班",
            "一年级10班",
        ]


def test_b10_where_1_1_may_be_class_ten_it_is_asked(north):
    """1.1 to 1.9 and 1.1 again, typed 1.10: Excel keeps 1.1 for both, nobody can tell them apart."""
    with in_school(north):
        assert "C3" in flaws(numbered(1.9, 1.1))


def test_b10_a_sheet_a_grade_says_the_grade(north):
    """Sheets 一年级, 二年级 with the class as 1班: the whole file is refused at every row, 看不出是几年级."""
    head = ("学籍号", "姓名", "班级", "家长姓名", "家长电话")
    rows = {"一年级": [head, (*LI[:2], "1班", *LI[3:])], "二年级": [head, (*WANG[:2], "1班", *WANG[3:])]}
    with in_school(north):
        load(sheets(rows))
        assert [str(one.school_class) for one in Pupil.objects.order_by("number")] == [
            "一年级1班",
            "二年级1班",
        ]
