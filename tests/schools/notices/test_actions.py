"""Notices go out once to each, are never edited, and are read once by whom they went to."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import ProgrammingError, transaction

from afterbell.audit.models import Entry
from schools.notices import actions, queries
from schools.notices.models import Delivery, Draft, Notice, NoticeKind
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import parent

pytestmark = pytest.mark.django_db


def publish(*to, **more):
    given = {
        "kind": NoticeKind.LETTER,
        "title": "放学安排",
        "body": "请准时接孩子。",
        "by": None,
        "now": NOON,
        **more,
    }
    return actions.publish(to=to, **given)


def draft(by, **more):
    given = {"title": "放学安排", "body": "请准时接孩子。", "is_open": False, "school_class": None, **more}
    return actions.write_draft(**given, by=by, now=NOON)


def test_a_notice_goes_once_to_each_parent_and_member_of_staff(north):
    """S5: a letter home, with its receipt."""
    with in_school(north):
        alice, teacher = parent(makers.a_pupil()), makers.a_user("care_staff")
        notice = publish(alice, alice, teacher)
        assert notice.body_sha256 == sha256("请准时接孩子。".encode()).hexdigest()
        assert set(Delivery.objects.values_list("guardian", "user")) == {(alice.pk, None), (None, teacher.pk)}
        assert Entry.objects.get().details["recipients"] == 2


def test_a_published_notice_can_not_be_edited_by_anybody(north):
    with in_school(north):
        publish(parent(makers.a_pupil()))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Notice.objects.update(body="改过的")


def test_a_notice_to_nobody_is_refused_unless_it_is_open(north):
    with in_school(north):
        with pytest.raises(actions.NobodyToTell):
            publish()
        assert publish(is_open=True).is_open


def test_what_is_about_a_child_or_an_incident_is_never_open(north):
    with in_school(north):
        pupil = makers.a_pupil()
        with pytest.raises(actions.AboutAChild):
            publish(parent(pupil), about=pupil, is_open=True)
        with pytest.raises(actions.AboutAChild):
            publish(kind=NoticeKind.INCIDENT, is_open=True)


def test_reading_counts_once_and_only_for_the_receiver(north):
    with in_school(north):
        alice, bob = parent(makers.a_pupil()), parent(makers.a_pupil())
        publish(alice)
        delivery = Delivery.objects.get()
        with pytest.raises(actions.NotYours):
            actions.acknowledge(delivery=delivery, by=bob.user, now=NOON)
        actions.acknowledge(delivery=delivery, by=alice.user, now=NOON)
        actions.acknowledge(delivery=delivery, by=alice.user, now=NOON + timedelta(hours=1))
        assert Delivery.objects.get().read_at == NOON


def test_a_draft_reaches_every_signer_of_the_school_or_of_one_class_once(north):
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        one, other = makers.a_pupil(), makers.a_pupil()
        alice, dora = parent(one, other), parent(other)
        parent(one, may_sign=False)
        parent(makers.a_pupil(left_date=makers.FIRST))
        whole = actions.publish_draft(draft=draft(clerk), by=principal, now=NOON)
        assert set(whole.deliveries.values_list("guardian", flat=True)) == {alice.pk, dora.pk}
        small = actions.publish_draft(
            draft=draft(clerk, school_class=one.school_class), by=principal, now=NOON
        )
        assert set(small.deliveries.values_list("guardian", flat=True)) == {alice.pk}


def test_a_draft_is_published_once(north):
    with in_school(north):
        clerk = makers.a_user("clerk")
        parent(makers.a_pupil())
        written = draft(clerk)
        actions.publish_draft(draft=written, by=clerk, now=NOON)
        with pytest.raises(actions.AlreadyPublished):
            actions.publish_draft(draft=Draft.objects.get(), by=clerk, now=NOON)
        with pytest.raises(actions.AlreadyPublished):
            actions.discard_draft(draft=written, by=clerk, now=NOON)
        assert Notice.objects.count() == 1


def test_unread_stands_before_read_then_the_newest_first(north):
    with in_school(north):
        alice = parent(makers.a_pupil())
        titles = ("一", "二", "三")
        for hours, title in enumerate(titles):
            publish(alice, title=title, now=NOON + timedelta(hours=hours))
        actions.acknowledge(delivery=Delivery.objects.get(notice__title="三"), by=alice.user, now=NOON)
        found = queries.unread_first(queries.deliveries_to(alice.user))
        assert [row.notice.title for row in found] == ["二", "一", "三"]
        assert queries.unread_by(alice.user) == 2
