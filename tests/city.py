"""The template city that every test stands on: two districts, three schools, made once a worker."""

import os
from datetime import UTC, datetime

from django.db import connections

from tenants import provisioning
from tenants.models import District, Kind, SizeClass, Stage
from tests import databases

NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
NORTH, SOUTH, ISLAND = "3301020001", "3301020002", "3301060003"


def build() -> None:
    """A fresh database of this worker's own, and the city in it."""
    wrapper = connections["default"]
    name = f"test_{os_worker()}"
    databases.drop_database(name)
    databases.create_installed(name)
    databases.go_to(name)
    provisioning.install()
    lake = District.objects.create(code="330102", name="湖滨区", position=1)
    hills = District.objects.create(code="330106", name="山南县", position=2)
    for code, school_name, district, kind in (
        (NORTH, "湖滨区第一小学", lake, Kind.URBAN),
        (SOUTH, "湖滨区第二小学", lake, Kind.URBAN),
        (ISLAND, "山南县海岛学校", hills, Kind.RURAL),
    ):
        provisioning.open_school(
            code=code,
            name=school_name,
            district=district,
            stage=Stage.PRIMARY,
            kind=kind,
            size_class=SizeClass.MEDIUM,
            now=NOON,
        )
    wrapper.close()


def remove() -> None:
    """Drop the worker's database."""
    wrapper = connections["default"]
    name = wrapper.settings_dict["NAME"]
    wrapper.close()
    wrapper.close_pool()
    databases.drop_database(name)


def os_worker() -> str:
    """This process's name among xdist's workers."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")
