"""Questions about words that no rule decides, with the answer of another person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import afterbell.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_staff_are_asked_about"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WordQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=afterbell.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("name", "是不是学生姓名"),
                            ("teaching", "是不是学科教学"),
                            ("hours", "时间是不是合适"),
                            ("person", "是不是一个人"),
                        ],
                        max_length=8,
                        verbose_name="核对什么",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="原文")),
                ("found", models.CharField(max_length=60, verbose_name="核对的词")),
                ("about", models.UUIDField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(verbose_name="提出时间")),
                ("is_fine", models.BooleanField(null=True, verbose_name="可以使用")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="理由")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(kind__in=["name", "teaching", "hours", "person"]),
                        name="word_question_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            answered_at__isnull=True, answered_by__isnull=True, is_fine__isnull=True
                        )
                        | models.Q(
                            answered_at__isnull=False, answered_by__isnull=False, is_fine__isnull=False
                        )
                        & ~models.Q(reason=""),
                        name="word_question_answered_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(answered_by__isnull=True)
                        | ~models.Q(answered_by=models.F("asked_by")),
                        name="word_question_needs_two_persons",
                    ),
                ],
            },
        ),
    ]
