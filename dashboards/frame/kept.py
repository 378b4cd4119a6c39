"""Keeps what a page says until the city's figures change: the same look of the same rights is computed once a process.

Kept in the process and not in Redis: pages go on without it, nothing is packed and unpacked. The key holds the version
of the city's sums, which grows with every roll-up and with every word about an alert, and the policies that judge the
term's schools.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar, cast

from django.http import HttpRequest
from django.utils.translation import get_language

from afterbell.accounts.models import User
from afterbell.kernel.dates import local_date
from dashboards.frame.look import Look
from oversight.indicators import standards

MOST: Final = 24
"""Pages of a process; one of 1,233 schools takes about a megabyte."""
AGE_SECONDS: Final = 600
"""So far the moment under a chart may lie behind the one in the top bar, while the figures are the same."""
T = TypeVar("T")
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock: Final = Lock()


def kept(request: HttpRequest, look: Look, make: Callable[[], T], *, stamp: str = "") -> T:
    """What `make` gave for the same look and rights since the figures changed; without figures nothing is kept.

    `stamp` tells the state of what the page shows besides (redlines.queries.stamp).
    """
    if not look.age.version:
        return make()
    key = (_key(request, look), stamp)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast("T", _kept[key])
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _key(request: HttpRequest, look: Look) -> Hashable:
    rights = request.user.rights.permissions if isinstance(request.user, User) else frozenset()
    seen = look.age.as_of
    return (
        look.path, look.scope, look.selection, look.age.version, int(seen.timestamp()) // AGE_SECONDS if seen else 0,
        local_date(look.now), get_language(), rights, standards.stamp(standards.of_term(look.selection.term)),
    )  # fmt: skip
