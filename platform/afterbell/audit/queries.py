"""Reads of the audit chain of the schema at hand: its head, its export, its verdict, and what its seals say of the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max

from afterbell.audit import chain, standing
from afterbell.audit.chain import Anchor, Flaw, Verdict
from afterbell.audit.models import Entry, Head
from afterbell.kernel import checking
from afterbell.kernel.records import schema_of


def head() -> Anchor:
    """The end of the chain as the head row has it; position 0 before the first entry. One query."""
    row = Head.objects.first()
    return Anchor(row.position, row.hash) if row else Anchor(0, chain.ZEROS)


def export() -> Iterator[str]:
    """The chain as JSON lines (form: afterbell.audit.chain), whatever is written meanwhile.

    The last position is read before the head: an entry beyond the head is then never a newcomer but a flaw,
    and the export shows it.
    """
    last = Entry.objects.aggregate(last=Max("position"))["last"] or 0
    end = head()
    yield chain.as_json(chain.header(schema_of(connection), end))
    entries = Entry.objects.filter(position__lte=max(last, end.position)).order_by("position")
    for entry in entries.iterator(chunk_size=1000):
        yield chain.as_json(entry.as_line())


def details_of(verb: str) -> dict[str, dict[str, Any]]:
    """What the entries of a verb say, by their targets; of several for one target the last. One query."""
    rows = Entry.objects.filter(verb=verb).order_by("position").values_list("target", "details")
    return dict(rows.iterator(chunk_size=5000))


def deeds_on(targets: Iterable[str], *, verbs: Iterable[str]) -> list[Entry]:
    """What was done to these, in the order in which it was done. One query."""
    found = Entry.objects.filter(verb__in=list(verbs), target__in=list(targets))
    return list(found.order_by("position"))


def last_hands(verbs: Iterable[str]) -> dict[str, tuple[int, UUID]]:
    """Who did the last of these deeds, with its position, by what it was done to: `key` of its details, or the target's.

    One query; deeds of nobody are left out.
    """
    rows = Entry.objects.filter(verb__in=list(verbs), by_id__isnull=False).order_by("position")
    found = rows.values_list("position", "by_id", "target", "details")
    return {
        str(details.get("key") or target.rpartition(":")[2]): (position, by_id)
        for position, by_id, target, details in found.iterator(chunk_size=5000)
        if by_id is not None
    }


class Place(NamedTuple):
    """What stands at a position."""

    hash: str
    at: datetime


def places(positions: Sequence[int]) -> dict[int, Place]:
    """By position; without those where nothing stands. One query for 5,000."""
    found: dict[int, Place] = {}
    for start in range(0, len(positions), 5000):
        rows = Entry.objects.filter(position__in=positions[start : start + 5000])
        for position, own_hash, at in rows.values_list("position", "hash", "at"):
            found[position] = Place(own_hash, at)
    return found


def flaw_at(anchor: Anchor, there: Mapping[int, Place]) -> Flaw | None:
    """What is wrong where the chain was anchored; that it holds between its anchors is `chain_holds`."""
    if anchor.position == 0:
        return None
    if anchor.position not in there:
        return Flaw.CUT
    return None if there[anchor.position].hash == anchor.hash else Flaw.REWRITTEN


def flaws_at(anchors: Sequence[Anchor]) -> Iterator[tuple[Anchor, Flaw]]:
    """Anchors that the chain of this schema does not go through."""
    there = places([anchor.position for anchor in anchors])
    for anchor in anchors:
        flaw = flaw_at(anchor, there)
        if flaw is not None:
            yield anchor, flaw


def verdict(*anchors: Anchor) -> Verdict:
    """Whether the chain of this schema holds, and the anchored heads lie on it."""
    return chain.verify(export(), anchors)


def broken_promises() -> Iterator[str]:
    """For `afterbell verify`: where this schema's chain breaks, and every row that is not as it was sealed."""
    yield from checking.finished("audit chain, check chain_holds", chain_holds)
    yield from checking.finished("seals, check rows_are_as_sealed", standing.broken_promises)


def chain_holds() -> Iterator[str]:
    """No entry is missing, changed or in another place."""
    found = verdict()
    if not found.holds:
        yield f"audit chain, {found}"


def broken_promise() -> str | None:
    """The first of them, or None."""
    return next(broken_promises(), None)
