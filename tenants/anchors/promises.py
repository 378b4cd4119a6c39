"""What `afterbell verify` checks of the anchors: each chain still goes through every one of them."""

from collections.abc import Iterator

from afterbell.audit import queries as chains
from afterbell.kernel.bounded import bounded
from tenants import context
from tenants.anchors import queries
from tenants.anchors.models import ChainFlaw


def broken_promises() -> Iterator[str]:
    """Anchors off the chain at hand; in the city also what passes have found, which nobody can take back."""
    is_city = context.current_schema() == context.PUBLIC
    school_id = None if is_city else context.school_id()
    with context.in_city():
        anchors = queries.of_chain(school_id)
    yield from bounded(
        f"audit chain, it does not go through the city's anchor {anchor.position}: {flaw.value}"
        for anchor, flaw in chains.flaws_at(anchors)
    )
    if is_city:
        yield from bounded(_found_before())


def _found_before() -> Iterator[str]:
    rows = ChainFlaw.objects.select_related("anchor__school").order_by("at", "pk")
    for row in rows.iterator(chunk_size=1000):
        whose = row.anchor.school.code if row.anchor.school else "the city"
        yield (
            f"audit chain of {whose}, it did not go through its anchor {row.anchor.position} ({row.flaw}) "
            f"on {row.at:%Y-%m-%d %H:%M} UTC"
        )
