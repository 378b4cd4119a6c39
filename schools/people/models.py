"""Classes and pupils of one school."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class SchoolClass(Record):
    """班级: named by the year its pupils entered and its number, so that it keeps its name when they move up."""

    entry_year = models.PositiveSmallIntegerField(_("入学年份"))
    grade = models.PositiveSmallIntegerField(_("年级"))
    number = models.PositiveSmallIntegerField(_("班号"))
    name = models.CharField(_("班级名称"), max_length=40)

    field_classes: ClassVar = classify(internal="id entry_year grade number name")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry_year", "number"], name="class_once"),
            models.CheckConstraint(condition=Q(grade__range=(1, 9)), name="grade_from_one_to_nine"),
        ]

    def __str__(self) -> str:
        return self.name


class Pupil(Record):
    """学生: a child on the roll of this school. Nothing of this table ever leaves the schema."""

    number = models.CharField(_("学籍号"), max_length=30)
    name = models.CharField(_("姓名"), max_length=60)
    school_class = models.ForeignKey(SchoolClass, verbose_name=_("班级"), on_delete=models.PROTECT, related_name="pupils")
    joined_date = models.DateField(_("入学日期"))
    left_date = models.DateField(_("离校日期"), null=True, blank=True)

    field_classes: ClassVar = classify(internal="id school_class", personal="joined_date left_date", sensitive="number name")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="pupil_number_once"),
            models.CheckConstraint(
                condition=Q(left_date__isnull=True) | Q(left_date__gte=models.F("joined_date")),
                name="pupil_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return self.name
