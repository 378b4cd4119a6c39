"""A published plan is amended: the next version, until it is in force."""

import django.db.models.deletion
from django.db import migrations, models

import afterbell.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('planning', '0005_why_it_was_returned'),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.UUIDField(default=afterbell.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField(verbose_name='版本')),
                ('state', models.CharField(choices=[('draft', '草拟'), ('resolved', '家委会已通过'), ('filed', '已报备'), ('returned', '教育局退回'), ('accepted', '教育局已受理'), ('in_force', '已生效'), ('dropped', '已放弃')], default='draft', max_length=9)),
                ('reason', models.CharField(max_length=200, verbose_name='变更的理由')),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('return_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='学校退回的理由')),
                ('resolution_id', models.UUIDField(blank=True, null=True)),
                ('filing_id', models.UUIDField(blank=True, null=True)),
                ('notice_id', models.UUIDField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('in_force_at', models.DateTimeField(blank=True, null=True, verbose_name='生效时间')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='planning.plan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'dropped'), _negated=True), fields=('plan', 'version'), name='one_amendment_a_version'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'resolved', 'filed', 'returned', 'accepted', 'in_force', 'dropped'])), name='amendment_state_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='amendment_has_a_reason'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'returned', 'dropped']), ('resolution_id__isnull', False), _connector='OR'), name='amendment_needs_a_resolution'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'resolved', 'returned', 'dropped']), ('filing_id__isnull', False), _connector='OR'), name='amendment_needs_a_filing'), models.CheckConstraint(condition=models.Q(models.Q(('in_force_at__isnull', False), ('notice_id__isnull', False), ('state', 'in_force')), models.Q(models.Q(('state', 'in_force'), _negated=True), ('in_force_at__isnull', True), ('notice_id__isnull', True)), _connector='OR'), name='in_force_goes_with_a_notice'), models.CheckConstraint(condition=models.Q(('return_reason', ''), ('state__in', ['draft', 'dropped']), _connector='OR'), name='amendment_return_reason_is_a_drafts')],
            },
        ),
    ]
