"""A small stage for audit tests: a chain made without a database, as an honest system would write it."""

from afterbell.audit import chain
from afterbell.audit.chain import Anchor

SCHEMA = "s_3301020001"


BEGINNING = Anchor(0, chain.ZEROS)


def entries(count, *, schema=SCHEMA, since=BEGINNING, verb="finance.refund.approve"):
    """As many honest entries as asked, chained to what was before."""
    made, before = [], since
    for position in range(since.position + 1, since.position + count + 1):
        entry = {
            "format": chain.FORMAT,
            "position": position,
            "at": f"2026-09-01T04:{position % 60:02d}:00.000000+00:00",
            "by": None if position % 3 == 0 else f"0198f1f6-0000-7000-8000-{position:012d}",
            "verb": verb,
            "target": f"finance.refund:{position}",
            "details": {"amount_fen": position * 100} if position % 2 else {},
            "seals": f"{position:064x}" if position % 2 else None,
            "before": before.hash,
        }
        entry["hash"] = chain.digest(schema, entry)
        made.append(entry)
        before = Anchor(position, entry["hash"])
    return made


def export_of(rows, *, schema=SCHEMA, head=None):
    """The lines of an export."""
    end = head or (Anchor(rows[-1]["position"], rows[-1]["hash"]) if rows else BEGINNING)
    return [chain.as_json(chain.header(schema, end)), *(chain.as_json(row) for row in rows)]


def anchor_at(rows, position):
    """The head as it was anchored when the chain had come to a position."""
    return Anchor(position, rows[position - 1]["hash"])
