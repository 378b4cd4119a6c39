"""Static files: everything that templates name is there and gets a name with its hash in production."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from afterbell.pages import assets

TEMPLATES = Path(__file__).parents[2] / "platform/afterbell/pages/templates"


def named():
    text = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    return sorted(set(re.findall(r"{% static '([^']+)' %}", text)))


@pytest.mark.parametrize("name", named())
def test_what_templates_name_is_found(name):
    assert finders.find(name)


def test_production_collects_and_names_every_file(tmp_path, settings):
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    listed = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert set(named()) <= set(listed)
    assert all((tmp_path / listed[name]).exists() for name in named())
    assert (tmp_path / (listed["vendor/plotly.js"] + ".br")).stat().st_size < 450_000


def test_nothing_is_found_under_a_made_up_name():
    assert assets.PackageFiles().find("vendor/../../package.json") == []
