"""Names of pupils in texts that go out: which sentences name one, and which of them nobody has said are something else."""

from collections.abc import Iterable

from schools.people import word_queries, words
from schools.people.models import WordKind
from schools.people.words import Doubt
from tenants.exchange import names


def doubts(texts: Iterable[str]) -> list[Doubt]:
    """A doubt for each sentence and each name in it."""
    pieces = [piece for text in texts for piece in words.sentences(text)]
    return [Doubt(WordKind.NAME, name, text) for text, name in names.children_in(pieces)]


def unsettled(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(sentence, name) of those that are not answered with "something else" (settings.EXCHANGE_NAMES)."""
    return [(each.doubt.text, each.doubt.found) for each in word_queries.unsettled(doubts(texts))]
