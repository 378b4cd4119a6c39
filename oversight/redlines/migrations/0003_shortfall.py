"""The red line for a settlement with a gap."""

from django.db import migrations, models

RULES = [
    ("over_cap", "超过封顶"),
    ("no_notice", "收费前未公示"),
    ("double_charge", "重复收费"),
    ("wrong_collector", "收费主体不符"),
    ("charged_without_session", "收费无服务"),
    ("surplus_late", "结余未按时退还"),
    ("shortfall", "结算有缺口"),
    ("statement", "公示逾期或缺失"),
    ("unchecked_duty", "未核查人员上岗"),
    ("coercion", "强制参加迹象"),
    ("complaint_burst", "投诉集中"),
    ("survey_too_good", "评价好得异常"),
]


class Migration(migrations.Migration):

    dependencies = [
        ("redlines", "0002_double_charge"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="alert", name="alert_rule_known"),
        migrations.AlterField(
            model_name="alert",
            name="rule",
            field=models.CharField("规则", choices=RULES, max_length=24),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(rule__in=[code for code, _label in RULES]), name="alert_rule_known"
            ),
        ),
    ]
