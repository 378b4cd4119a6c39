"""Seals of a row that changes with every deed, against all that it may ever have been: also what was sealed before counts.

A seal holds until the next one. Where the row is the end of a chain, each sealed end still has to lie on the chain.
"""

from collections.abc import Iterator

from django.db import connection

from afterbell.audit import sealing
from afterbell.audit.models import Head, Seal
from afterbell.audit.sealing import GONE, Form


def strange(label: str, states: str) -> Iterator[int]:
    """Positions of the entries that bind a state of the table which is none of these.

    `states` is SQL with the table's columns, a row for each state that is possible; forms whose columns nobody knows any
    more are left out, and so is what waits for a migration's end. Two queries, and one for each form.
    """
    head = Head.objects.first()
    if head is None or label not in {*head.tables, *head.forms}:
        return
    seals = Seal.objects.filter(model=label).exclude(form="").order_by("number")
    possible: dict[str, set[bytes] | None] = {}
    for position, form, rows in seals.values_list("position", "form", "rows").iterator(chunk_size=5000):
        if form not in possible:
            possible[form] = _digests(Form(label, tuple(head.forms[label][form])), head.salt, states)
        known = possible[form]
        digests = {digest for _key, digest in sealing.parts(bytes(rows)) if digest != GONE}
        if known is not None and not digests <= known:
            yield position


def _digests(form: Form, salt: str, states: str) -> set[bytes] | None:
    """None where the table has lost a column of the form."""
    if not sealing.is_known(form):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sealing.expression(form)} FROM ({states}) AS t",  # noqa: S608  (both are this program's)
            [sealing.salted(form, salt)],
        )
        return {bytes(digest) for (digest,) in cursor.fetchall()}
