"""`afterbell bench NAME`: runs one benchmark, prints its table and writes its JSON."""

import argparse
import re
from pathlib import Path
from typing import Protocol

from afterbell.kernel.strings import dotted
from infra.bench.stage import Outcome

BENCHES = {
    "open": "infra.bench.open.run",
    "migrate": "infra.bench.migrate.run",
    "gate": "infra.bench.gate.run",
    "settle": "infra.bench.settle.run",
    "city": "infra.bench.city.bench.run",
    "rollup": "infra.bench.rollup.run",
    "fresh": "infra.bench.fresh.run",
    "pages": "infra.bench.pages.run",
    "nightly": "infra.bench.nightly.run",
    "roster": "infra.bench.roster.run",
    "kills": "infra.bench.kills.run",
}
ON_A_CITY = ("city", "fresh", "pages", "nightly")
"""These can work in a database that is kept, so that a large city is built once."""


class Bench(Protocol):
    """What a benchmark's module offers as `run`; without `schools` it takes its own default."""

    def __call__(self, *, schools: int | None, seed: int, **more: str) -> Outcome: ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(BENCHES), metavar="NAME", help=", ".join(sorted(BENCHES)))
    parser.add_argument("--schools", type=_positive, metavar="N", help="how many schools")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    parser.add_argument(
        "--database",
        type=_name,
        metavar="NAME",
        help=f"for {', '.join(ON_A_CITY)}: a database to keep and use again",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")


def run(args: argparse.Namespace) -> int:
    """0: measured and checked. 1: the results were wrong, so the times are worth nothing."""
    if args.database and args.name not in ON_A_CITY:
        raise ValueError(
            f"bench {args.name} works in a database of its own; --database is for {', '.join(ON_A_CITY)}"
        )
    bench: Bench = dotted(BENCHES[args.name])
    more = {"database": args.database} if args.database else {}
    outcome = bench(schools=args.schools, seed=args.seed, **more)
    outcome.say()
    if args.json:
        outcome.write(args.json)
    return 0 if outcome.checked else 1


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 9999:
        raise argparse.ArgumentTypeError("from 1 to 9999")
    return number


def _name(text: str) -> str:
    if not re.fullmatch(r"bench_[a-z0-9_]{1,40}", text):
        raise argparse.ArgumentTypeError("bench_ and lower-case letters, digits or _")
    return text
