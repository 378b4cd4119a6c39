"""Checks of `afterbell verify` that go on whatever one of them meets: what can't be looked at is a finding too."""

from collections.abc import Callable, Iterable

from django.db import OperationalError, ProgrammingError, transaction

Check = Callable[[], Iterable[str]]
"""Looks at the schema at hand; gives every broken promise in a sentence."""


def finished(what: str, check: Check) -> list[str]:
    """What the check found, and where it broke off also that: a row that was taken out may leave it without a footing."""
    found: list[str] = []
    try:
        with transaction.atomic():  # what the database refuses is this check's trouble, not the next one's
            for sentence in check():
                found.append(sentence)  # noqa: PERF402  (what was found before it broke off stays)
    except Exception as error:  # noqa: BLE001  (whatever it is, a promise was not looked at)
        found.append(f"{what} could not be finished: {why(error)}")
    return found


def why(error: Exception) -> str:
    """The kind of error; of one about tables or the connection also the database's words, which say nothing of a row."""
    kind = type(error).__name__
    said = str(error).strip().splitlines()
    return f"{kind}: {said[0]}" if said and isinstance(error, OperationalError | ProgrammingError) else kind
