"""`afterbell account add`: the first accounts of the city and of a school, before anybody can log in to make them."""

import argparse
import sys

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from afterbell.accounts import actions, links, phones
from afterbell.accounts.roles import BY_SEAT, Role
from tenants import context, hosts, queries
from tenants.models import School


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", metavar="add", required=True)
    add = words.add_parser(
        "add", help="an account with one role; prints a link to set its password, good once"
    )
    place = add.add_mutually_exclusive_group(required=True)
    place.add_argument("--city", action="store_true", help="an account of the city")
    place.add_argument("--school", metavar="CODE", help="an account of this school")
    add.add_argument(
        "--role",
        required=True,
        choices=sorted({*Role.values} - {*BY_SEAT}),
        help="such as system_admin, principal",
    )
    add.add_argument("--login", required=True, help="login name: lower-case letters and digits")
    add.add_argument("--name", required=True, help="the person's name")
    add.add_argument(
        "--phone",
        default="",
        help="the person's own number, which you have seen: links go there, and a principal who has one may "
        "let the first colleague answer by phone",
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 1 refused, 2 unknown school."""
    school = None if args.city else queries.schools().filter(code=args.school).first()
    if not args.city and school is None:
        sys.stderr.write(f"afterbell: there is no school {args.school!r}; see `afterbell school list`.\n")
        return 2
    try:
        phone = phones.parse(args.phone) if args.phone else None
        link = _add(school, role=Role(args.role), login=args.login, name=args.name, phone=phone)
    except ValidationError as error:
        sys.stderr.write(f"afterbell: {' '.join(error.messages)}\n")
        return 1
    print(f"{args.login} may set a password within {links.HOURS} hours, once:\n{link}")
    return 0


def _add(school: School | None, *, role: Role, login: str, name: str, phone: str | None) -> str:
    now = timezone.now()
    with context.in_school(school) if school else context.in_city(), transaction.atomic():
        user = actions.create_user(login=login, name=name, phone=phone, by=None, now=now)
        actions.assign_role(user=user, role=role, by=None, now=now)
        token = actions.first_link(user=user, now=now)
    path = reverse("accounts:set_by_link", args=[user.pk, token], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return hosts.address(path, school_code=school.code if school else None)
