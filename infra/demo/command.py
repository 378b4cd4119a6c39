"""`afterbell demo`: fills the demo city on the first run, then serves it in the foreground."""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.db import connections

from afterbell.kernel.strings import dotted
from afterbell.services import addresses, embedded, up

ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--schools", type=int, default=24, help="number of schools (SCHOOLS)")
    parser.add_argument("--port", type=int, default=8000, help="port of the web server (PORT)")
    parser.add_argument("--no-serve", action="store_true", help="fill the city and stop")


def run(args: argparse.Namespace) -> int:
    """Servers, schemas, schools, accounts, then the web server until Ctrl-C."""
    if not 3 <= args.schools <= 5000:
        raise ValueError("SCHOOLS must be a number from 3 to 5000.")
    for name, value in {
        "DEMO": "true",
        "PUBLIC_URL_SCHEME": "http",
        "LOG_FORMAT": "text",
        "LOG_LEVEL": "WARNING",
    }.items():
        os.environ.setdefault(name, value)
    os.environ["PORT"] = str(args.port)
    up.refuse_taken_port(os.environ.get("BIND", "127.0.0.1"), args.port)
    with embedded.embedded_unless_named(ROOT) as folder:
        django.setup()
        # By name: it needs the models, and they need Django set up.
        city: dict[str, Any] = dotted("infra.demo.fill.fill")(schools=args.schools, now=datetime.now(UTC))
        connections["default"].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's; the servers have their own
        base = f"http://{city['city_host']}:{args.port}"
        file = addresses.home(ROOT) / "demo.json"
        file.write_text(json.dumps({"base": base, **city}, ensure_ascii=False, indent=1))
        _greet(base, args.port, city, file)
        return 0 if args.no_serve else up.serve(folder, port=args.port, with_worker=True)


def _greet(base: str, port: int, city: dict[str, Any], file: Path) -> None:
    schools, accounts = city["schools"], city["accounts"]
    print(f"\n放学后 Afterbell · demo city with {len(schools)} schools\n")
    print(f"  City    {base}/")
    for school in schools[:3]:
        print(f"  School  http://{school['host']}:{port}/  {school['name']}")
    print("\n  Accounts (all with the same password, in the demo only):")
    for account in accounts:
        if account["host"] in {city["city_host"], schools[0]["host"]}:
            print(f"    {account['host']:28} {account['role']:24} {account['login']}")
    print(f"\n  Password  {accounts[0]['password']}   all accounts: {file}")
    print("  Ctrl-C stops everything.\n", flush=True)
