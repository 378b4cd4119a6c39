"""Makes people and things for tests: short names, plausible values, nothing that a test does not need."""

from tenants.models import School


def school(code: str) -> School:
    return School.objects.select_related("district").get(code=code)

