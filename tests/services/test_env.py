"""Settings from the environment: a wrong value stops the start with its name, and never prints a password."""

import subprocess
import sys
from pathlib import Path

import pytest

from afterbell import settings
from afterbell.env import BadSetting, Env, database_from_url

ROOT = Path(__file__).resolve().parents[2]


def test_an_empty_value_means_the_default():
    assert Env({"PORT": " "}).whole("PORT", 8000, "", least=1, most=65535) == 8000


@pytest.mark.parametrize("value", ["eight", "8.5", "0", "70000", "-1", "1e3"])
def test_an_absurd_number_is_named(value):
    with pytest.raises(BadSetting, match=r"^PORT="):
        Env({"PORT": value}).whole("PORT", 8000, "", least=1, most=65535)


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_a_flag_is_true_or_false(value):
    with pytest.raises(BadSetting, match="DEMO"):
        Env({"DEMO": value}).flag("DEMO", False, "")


@pytest.mark.parametrize("value", ["a b", "x_y.z", "-", ".com", "http://x", "a" * 300])
def test_a_domain_is_a_host_name(value):
    with pytest.raises(BadSetting, match="DOMAIN"):
        Env({"DOMAIN": value}).host("DOMAIN", "localhost", "")


@pytest.mark.parametrize(
    "value", ["mysql://u:secret@h/d", "postgresql://", "nonsense", "postgresql://u:secret@h:port/d"]
)
def test_a_wrong_database_url_is_named_without_its_password(value):
    with pytest.raises(BadSetting, match="DATABASE_URL") as caught:
        Env({"DATABASE_URL": value}).url("DATABASE_URL", "", "", schemes=("postgresql",))
    assert "secret" not in str(caught.value)


def test_a_database_url_without_a_name_is_refused():
    with pytest.raises(BadSetting, match="name of the database"):
        database_from_url("postgresql://u:p@h:5432/")


def test_a_database_url_may_hold_escaped_characters():
    assert database_from_url("postgresql://u:p%40ss@h:5433/city")["PASSWORD"] == "p@ss"


def test_a_short_secret_is_refused():
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        Env({"SECRET_KEY": "short"}).secret("SECRET_KEY", "", "", shortest=32)


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "port"), ("DATABASE_URL", "x"), ("WORKERS", "0"), ("DEMO", "perhaps")]
)
def test_the_command_stops_with_the_name_of_the_setting(name, value, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "afterbell.cli", "status"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "AFTERBELL_HOME": str(tmp_path),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x",
            name: value,
        },
    )
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_lists_every_setting():
    table = (ROOT / "README.md").read_text()
    missing = [setting.name for setting in settings.env.settings if f"`{setting.name}`" not in table]
    assert missing == []
