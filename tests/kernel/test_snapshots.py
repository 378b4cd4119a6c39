"""What is read in a snapshot is of one moment, whatever others write meanwhile; nothing can be written in it."""

from threading import Thread

import pytest
from django.db import InternalError, connection

from afterbell.audit import queries as chains
from afterbell.kernel.snapshots import snapshot
from tenants.context import in_school
from tests.tenants.chains import deeds


def meanwhile(school):
    def other():
        deeds(school)
        connection.close()

    thread = Thread(target=other)
    thread.start()
    thread.join()


def test_a_deed_that_comes_between_two_statements_is_not_seen(committed_school):
    deeds(committed_school, 2)
    with in_school(committed_school), snapshot():
        before = chains.head()
        meanwhile(committed_school)
        assert chains.head() == before
        assert chains.verdict().holds
    with in_school(committed_school):
        assert chains.head().position == before.position + 1


def test_nothing_is_written_in_it(committed_school):
    with in_school(committed_school), pytest.raises(InternalError, match="read-only"), snapshot():
        connection.cursor().execute("DELETE FROM audit_head")
