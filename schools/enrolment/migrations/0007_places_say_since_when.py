"""A place is held since it was given, and what was given stays on record."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrolment', '0006_what_was_given'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('placing__in', ['all', 'each'])), name='application_placing_known'),
        ),
        migrations.AddConstraint(
            model_name='chosenactivity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('placed_at__isnull', True), ('placed_from__isnull', True)), models.Q(('placed_at__isnull', False), ('placed_from__isnull', False)), _connector='OR'), name='placed_at_goes_with_placed_from'),
        ),
        migrations.AddConstraint(
            model_name='chosenactivity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('holds_place', True), ('placed_from__isnull', False)), models.Q(('holds_place', False), models.Q(('placed_from__isnull', True), ('ended_at__isnull', False), _connector='OR')), _connector='OR'), name='place_is_held_since_it_was_given'),
        ),
    ]
