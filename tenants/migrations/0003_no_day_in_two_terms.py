"""A day lies in one term at most. In SQL, since Django's own class wants an application that asks each new connection for
types; a range of two dates needs no extension.

Terms that overlap already are named as what the rule leaves out: schools have charged and settled by their dates, which nobody
may move for them, and a city that may not be migrated could not open the page on which it mends the others. `afterbell
migrate` and the page of terms name them until they are mended (tenants.queries.overlapping_terms).
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RULE = (
    "ALTER TABLE tenants_term ADD CONSTRAINT no_day_in_two_terms"
    " EXCLUDE USING gist (daterange(first_date, last_date, '[]') WITH &&)"
)


def bind(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """For all terms but those that overlap as they are found."""
    terms = list(apps.get_model("tenants", "Term").objects.order_by("first_date", "pk"))
    met = {
        each.code
        for number, one in enumerate(terms)
        for other in terms[number + 1 :]
        if other.first_date <= one.last_date
        for each in (one, other)
    }
    left_out = ", ".join(f"'{code}'" for code in sorted(met))  # digits and dashes: term_code_form
    editor.execute(f"{RULE} WHERE (code NOT IN ({left_out}))" if met else RULE)


def loosen(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("ALTER TABLE tenants_term DROP CONSTRAINT no_day_in_two_terms")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_providers")]

    operations = [migrations.RunPython(bind, loosen)]
