"""What tests of anchors and verifications do to chains: write entries, and write the past anew as its owner can."""

from django.db import transaction

from afterbell.audit import actions as audit
from afterbell.audit import chain
from afterbell.audit.models import Entry, Head
from tenants.context import as_owner, in_school
from tests.city import NOON


def deeds(school, count=1):
    with in_school(school), transaction.atomic():
        for number in range(count):
            audit.record(verb="test.thing.do", target=f"test.thing:{number}", by=None, at=NOON)


def past_written_anew(school, position=2):
    """By the owner of the tables, with the head and every hash after it: the chain by itself holds."""
    with as_owner(school.schema_name), transaction.atomic():
        before = Entry.objects.get(position=position - 1).hash if position > 1 else chain.ZEROS
        for entry in Entry.objects.filter(position__gte=position).order_by("position"):
            entry.verb, entry.before_hash = f"{entry.verb}d", before
            entry.hash = before = chain.digest(school.schema_name, entry.as_line())
            Entry.objects.filter(pk=entry.pk).update(
                verb=entry.verb, hash=entry.hash, before_hash=entry.before_hash
            )
        Head.objects.update(hash=before)


def one_entry_changed(school, position=2):
    """Not its hash: the chain itself tells."""
    with as_owner(school.schema_name):
        Entry.objects.filter(position=position).update(verb="test.thing.forged")


def end_cut_off(school, left):
    with as_owner(school.schema_name), transaction.atomic():
        Entry.objects.filter(position__gt=left).delete()
        Head.objects.update(position=left, hash=Entry.objects.get(position=left).hash)
