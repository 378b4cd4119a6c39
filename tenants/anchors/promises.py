"""What `afterbell verify` checks of the anchors: each school's chain still goes through every one of them."""

from collections.abc import Iterator

from afterbell.audit import queries as chains
from tenants import context
from tenants.anchors import queries
from tenants.anchors.models import ChainFlaw


def broken_promises() -> Iterator[str]:
    """In a school: anchors off its chain. In the city: what passes have found, which nobody can take back."""
    if context.current_schema() == context.PUBLIC:
        for row in ChainFlaw.objects.select_related("anchor__school").order_by("at", "pk"):
            yield (
                f"audit chain of {row.anchor.school.code}, it did not go through its anchor {row.anchor} "
                f"({row.flaw}) on {row.at:%Y-%m-%d %H:%M}"
            )
        return
    school_id = context.school_id()
    with context.in_city():
        anchors = queries.of_school(school_id)
    for anchor, flaw in chains.flaws_at(anchors):
        yield f"audit chain, it does not go through the city's anchor {anchor.position}: {flaw.value}"
