"""A text that was refused because it names a child leaves a question, so that somebody else can say it is none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils import timezone

from afterbell.accounts.models import User
from schools.people import named, word_actions
from tenants.exchange.names import NamesAChild


@contextmanager
def asking(texts: Iterable[str], *, by: User, writer: User | None = None) -> Iterator[None]:
    """Around a deed that publishes `texts`: its NamesAChild goes on, after the question was written (word_actions.ask).

    For views that answer the refusal: what is raised through a request takes the question back with it.
    """
    try:
        yield
    except NamesAChild:
        word_actions.ask(doubts=named.doubts(texts), by=by, now=timezone.now(), writer=writer)
        raise
