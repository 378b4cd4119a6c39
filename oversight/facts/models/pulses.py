"""How old the city's figures are: when each school was last rolled up, and which areas wait for their sums."""

from typing import ClassVar

from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.models import District, School


class Pulse(Record):
    """One school's last roll-up. Its row is the lock under which the school's roll-ups are written."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, related_name="+")
    rolled_at = models.DateTimeField()
    version = models.PositiveBigIntegerField()
    failed_at = models.DateTimeField(null=True)
    """When the last try failed, until one succeeds: the school's figures are as old as `rolled_at`."""

    public_only = True
    field_classes: ClassVar = classify(internal="id school rolled_at version failed_at")

    class Meta:
        db_table = "oversight_pulse"

    def __str__(self) -> str:
        return f"{self.school_id} {self.rolled_at}"


class AreaMark(Record):
    """A cell of the city whose sums are old: written with the school's roll-up, never merged (architecture §5)."""

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    term_code = models.CharField(max_length=11)

    public_only = True
    field_classes: ClassVar = classify(internal="id district stage kind term_code")

    class Meta:
        db_table = "oversight_areamark"

    def __str__(self) -> str:
        return f"{self.district_id} {self.stage} {self.kind} {self.term_code}"


class TermMark(Record):
    """A term whose dates have moved: written with that deed, until the sweep has marked it in every school."""

    term_code = models.CharField(max_length=11)
    marked_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(internal="id term_code marked_at")

    class Meta:
        db_table = "oversight_termmark"

    def __str__(self) -> str:
        return self.term_code


class AreaPulse(Record):
    """One row: the lock of the city's sums, their version and age, and when all schools were last swept."""

    number = models.PositiveSmallIntegerField(default=1)
    rolled_at = models.DateTimeField()
    version = models.PositiveBigIntegerField()
    swept_at = models.DateTimeField(null=True)
    """Every mark of every school that was written before this moment has been taken."""

    public_only = True
    field_classes: ClassVar = classify(internal="id number rolled_at version swept_at")

    class Meta:
        db_table = "oversight_areapulse"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="one_pulse_of_the_city"),
            models.CheckConstraint(condition=models.Q(number=1), name="pulse_number_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.version}"
