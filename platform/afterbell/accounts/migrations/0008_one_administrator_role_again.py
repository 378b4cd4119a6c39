"""Migration 0007 took an index away by its column, and with it the unique one of the same column: here it is again.

Django looks for "the index of user_id" and excludes the model's indexes, not its constraints.
"""

from django.db import migrations, models
from django.db.models import Q

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_one_index_less")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        fields=["user"],
                        condition=Q(role__in=ADMINISTRATORS),
                        name="one_administrator_role_a_person",
                    ),
                ),
            ],
        ),
    ]
