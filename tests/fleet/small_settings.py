"""Settings of the fleet's tests on their own database: what they do to schools does not depend on the number of tables."""

from afterbell.settings_test import *  # noqa: F403  (a settings file is a list of names)

_floor = ["django.contrib.contenttypes", "afterbell.accounts", "afterbell.audit"]
SMALL = {
    "SHARED_APPS": ["tenants", *_floor],
    "TENANT_APPS": [*_floor, "schools.people"],
    "ROLL_UP_AGE": "",
    "AFTER_SCHOOL_MOVES": [],
}
SHARED_APPS = SMALL["SHARED_APPS"]
TENANT_APPS = SMALL["TENANT_APPS"]
ROLL_UP_AGE = SMALL["ROLL_UP_AGE"]
AFTER_SCHOOL_MOVES = SMALL["AFTER_SCHOOL_MOVES"]
