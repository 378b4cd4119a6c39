"""Answers to consultations that are closed already count from now on in the class in which the child is today."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps: Any, _schema_editor: object) -> None:
    today = apps.get_model("people", "Pupil").objects.filter(pk=OuterRef("pupil")).values("school_class")
    answers = apps.get_model("planning", "Answer").objects.filter(consultation__state="closed")
    answers.update(school_class=Subquery(today))


class Migration(migrations.Migration):
    dependencies = [("planning", "0007_the_class_of_an_answer")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
