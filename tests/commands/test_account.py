"""`afterbell account add`: how the first person of a city or a school gets in."""

import argparse
from urllib.parse import urlsplit

import pytest
from django.test import Client

from afterbell.accounts.models import User
from afterbell.kernel.errors import Refused
from tenants.commands import account
from tenants.context import in_city, in_school
from tests import city


def run(*words):
    parser = argparse.ArgumentParser()
    account.add_arguments(parser)
    return account.run(parser.parse_args(["add", *words]))


def test_the_first_administrator_sets_a_password_by_the_printed_link(db, capsys):
    assert run("--city", "--role", "system_admin", "--login", "first", "--name", "李工") == 0
    link = urlsplit(capsys.readouterr().out.split()[-1])
    assert link.hostname == "city.localhost"
    answer = Client(SERVER_NAME=link.hostname).get(link.path, follow=True)
    assert answer.status_code == 200
    with in_city():
        assert User.objects.get(login="first").rights.scopes


def test_the_first_principal_is_one_of_that_school_only(north, south, capsys):
    assert run("--school", city.NORTH, "--role", "principal", "--login", "wang", "--name", "王校长") == 0
    assert f"s{city.NORTH}.localhost" in capsys.readouterr().out
    with in_school(south):
        assert not User.objects.filter(login="wang").exists()


def test_an_unknown_school_is_said(db, capsys):
    assert run("--school", "9999999999", "--role", "principal", "--login", "wang", "--name", "王校长") == 2
    assert "there is no school" in capsys.readouterr().err


def test_a_school_role_is_not_given_at_the_city(db):
    with pytest.raises(Refused):
        run("--city", "--role", "principal", "--login", "wang", "--name", "王校长")


def test_a_malformed_login_is_one_line(db, capsys):
    assert run("--city", "--role", "system_admin", "--login", "Wang Fang", "--name", "王芳") == 1
    assert "登录名" in capsys.readouterr().err


def test_a_principals_number_comes_with_the_account(north, capsys):
    """Whoever runs the machine has seen the principal: it stands without a claim."""
    words = ("--school", city.NORTH, "--role", "principal", "--login", "wang", "--name", "王校长")
    assert run(*words, "--phone", "138") == 1
    assert "11 位手机号" in capsys.readouterr().err
    assert run(*words, "--phone", "138 0013 8000") == 0
    with in_school(north):
        user = User.objects.get(login="wang")
        assert (user.phone, user.number_claims.exists()) == ("+8613800138000", False)
