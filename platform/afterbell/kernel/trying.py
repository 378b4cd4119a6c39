"""Whether a step would be refused, before somebody is asked to take it."""

from collections.abc import Callable

from django.db import transaction

from afterbell.kernel.errors import Refused


def refusal_of(deed: Callable[[], object]) -> Refused | None:
    """Does the deed and undoes it: what it refuses is what a page says instead of a button.

    For deeds that write rows alone; what they leave for after the commit is dropped with them.
    """
    with transaction.atomic():
        try:
            deed()
        except Refused as refusal:
            return refusal
        finally:
            transaction.set_rollback(True)
    return None
