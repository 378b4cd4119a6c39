"""`afterbell status`: are the services there, is every schema at this code, which schools are behind."""

import argparse
import json
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg_pool import PoolTimeout

from afterbell.kernel.strings import dotted
from tenants import queries
from tenants.fleet import migrating
from tenants.stamps import code_stamp

FIRST = 20
QUEUE = "afterbell:celery"
"""Celery's list in Redis, under our prefix."""
OLDEST_DATABASE = 150000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """0: all is well. 1: something is wrong, and the table says what."""
    found = look()
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _say(found)
    return 0 if found["well"] else 1


def look() -> dict[str, Any]:
    """Everything that is known; `well` says whether a city can work with it."""
    found: dict[str, Any] = {"database": _database(), "redis": _redis(), "stamp": code_stamp()}
    if found["database"]["state"] == "ok":
        found |= _fleet()
        if settings.ROLL_UP_AGE and found["schools"] and not any(found["missing"].values()):
            found["roll_up"] = dotted(settings.ROLL_UP_AGE)(timezone.now())
    if found["redis"]["state"] == "ok":
        found["queue"] = _queue()
    found["well"] = (
        found["database"]["state"] == "ok"
        and found["redis"]["state"] == "ok"
        and not any(found["missing"].values())
        and not found["behind"]["count"]
        and not found["rights"]["count"]
    )
    return found


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), current_setting('server_version_num')::int"
            )
            version, number = cursor.fetchone()
    except (DatabaseError, PoolTimeout) as error:
        return {"state": "down", "reason": _first_line(error)}
    if number < OLDEST_DATABASE:
        return {"state": "too old", "version": version, "reason": "PostgreSQL 15 or newer is needed"}
    return {"state": "ok", "version": version}


def _redis() -> dict[str, str]:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        return {"state": "ok", "version": str(client.info("server")["redis_version"])}
    except redis.RedisError as error:
        return {"state": "down", "reason": _first_line(error)}


def _queue() -> dict[str, Any]:
    """Tasks that no worker has begun. Their age is the roll-up's: the sweep is one of them, each minute."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    return {"waiting": int(client.llen(QUEUE))}


def _fleet() -> dict[str, Any]:
    report = migrating.look()
    missing = {"city": _names(report.city), "template": _names(report.template)}
    if not migrating.has_register(report):
        nothing = {"count": 0, "first": []}
        return {"missing": missing, "schools": {}, "behind": nothing, "rights": nothing}
    first = [
        {"code": school.code, "name": school.name, "stamp": school.schema_stamp}
        for school in migrating.behind()[:FIRST]
    ]
    return {
        "missing": missing,
        "schools": queries.register_counts()["states"],
        "behind": {"count": report.behind, "first": first},
        "rights": {"count": len(report.rights), "first": [str(gap) for gap in report.rights[:FIRST]]},
    }


def _names(keys: list[tuple[str, str]]) -> list[str]:
    return [".".join(key) for key in keys]


def _say(found: dict[str, Any]) -> None:
    for service in ("database", "redis"):
        facts = found[service]
        print(
            f"{service:<10} {facts['state']}  {facts.get('version', '')}  {facts.get('reason', '')}".rstrip()
        )
    if "schools" not in found:
        return
    for schema, names in found["missing"].items():
        print(f"{schema:<10} {'ok' if not names else 'lacks ' + ', '.join(names)}")
    states = ", ".join(f"{count} {state}" for state, count in found["schools"].items())
    print(f"{'schools':<10} {states or 'none'}")
    if "roll_up" in found:
        print(f"{'roll-up':<10} {_roll_up_line(found['roll_up'])}")
        print(f"{'nightly':<10} {_nightly_line(found['roll_up']['nightly'])}")
    if "queue" in found:
        print(f"{'queue':<10} {found['queue']['waiting']} waiting")
    behind = found["behind"]
    print(f"{'behind':<10} {behind['count'] or 'none'}")
    for school in behind["first"]:
        print(f"{'':<10} {school['code']} {school['name']}")
    if behind["count"] > FIRST:
        print(f"{'':<10} and {behind['count'] - FIRST} more")
    wrong = found["rights"]
    print(f"{'rights':<10} {wrong['count'] or 'ok'}{' not as the code wants them' if wrong['count'] else ''}")
    for gap in wrong["first"]:
        print(f"{'':<10} {gap}")
    if behind["count"] or wrong["count"] or any(found["missing"].values()):
        print("Run `afterbell migrate`.")


def _roll_up_line(found: dict[str, Any]) -> str:
    if found["rolled_at"] is None:
        return "never: no school has reported yet"
    swept = f"all schools swept {found['age_seconds']} s ago" if found["swept_at"] else "not swept yet"
    failed = f", {found['failed_schools']} schools failed" if found["failed_schools"] else ""
    return f"last change {found['rolled_at']}, {swept}{failed}"


def _nightly_line(found: dict[str, Any] | None) -> str:
    if found is None:
        return "never"
    failed = f", failed: {' '.join(found['failed'])}" if found["failed"] else ""
    end = "" if found["city_done"] else ", not at its end"
    return f"{found['night']}: {found['done']} of {found['schools']} schools, drift {found['drift']}{failed}{end}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
