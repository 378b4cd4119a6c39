"""Writes of notices: drafts, publishing to adults, reading once."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from schools.notices import charging, dispatch_actions, news, queries
from schools.notices.models import Delivery, Draft, Notice, NoticeKind, Seen
from schools.people import named, word_actions
from schools.people.models import Guardian, Pupil, SchoolClass
from tenants.exchange import names

BATCH: Final = 1000


class NobodyToTell(Refused):
    """A notice without recipients that is not open either."""

    code = "notices.nobody"
    message = _("没有可以收到这份通知的人。请先导入名册，或改成公开通知。")


class AboutAChild(Refused):
    """What is said about one child is not shown to everybody."""

    code = "notices.about_a_child"
    message = _("涉及某个孩子的通知、突发事件告知不能公开。")


class AlreadyPublished(Refused):
    """Somebody was faster, or the button was pressed twice."""

    code = "notices.already_published"
    message = _("这份通知已经发布过了，不会重复发送。")


class SamePerson(Refused):
    """S27: what speaks of money goes past a second pair of eyes."""

    code = "notices.same_person"
    message = _("这份通知里有收费字样“%(words)s”，要由起草人以外的另一位有权的人核对后发布。")


class NoReleaseReason(Refused):
    """Words warned: whoever lets it out all the same says why."""

    code = "notices.no_release_reason"
    message = _(
        "这份通知里有收费字样“%(words)s”。收费只能按公示的方案；请核对，确实可以发布的，写明理由（至少 %(least)s 个字）。"
    )
    status = 400


class NotYours(Refused):
    """Only who received a notice reads it."""

    code = "notices.not_yours"
    message = _("这份通知不是发给您的。")
    status = 404


def publish(
    *,
    kind: NoticeKind,
    title: str,
    body: str,
    to: Iterable[Guardian | User],
    about: Pupil | None = None,
    of_children: Iterable[tuple[Guardian, Pupil]] = (),
    is_open: bool = False,
    warned: str = "",
    release_reason: str = "",
    is_urgent: bool = False,
    by: User | None,
    now: datetime,
) -> Notice:
    """Let a notice out to adults, each once; `by` is None for what the house itself tells (statements, incidents).

    `warned` are the words of charging that were looked at, `release_reason` why it goes out all the same.
    `of_children` are adults with the child of theirs that it is about, where the same is said of many: a row each.
    What is urgent goes to their phones too, by MESSAGE_SENDER.
    """
    adults = list({person.pk: person for person in to}.values())
    pairs = {(guardian.pk, child.pk): (guardian, child) for guardian, child in of_children}
    if not adults and not pairs and not is_open:
        raise NobodyToTell
    if is_open and (about is not None or pairs or kind is NoticeKind.INCIDENT):
        raise AboutAChild
    with transaction.atomic():
        digest = sha256(body.encode()).hexdigest()
        notice = Notice(
            kind=kind,
            title=title,
            body=body,
            body_sha256=digest,
            is_open=is_open,
            published_at=now,
            by=by,
            warned=warned,
            release_reason=release_reason,
        )
        notice.save(force_insert=True)
        rows = [_delivery(notice, person, about, now) for person in adults]
        rows += [_delivery(notice, guardian, child, now) for guardian, child in pairs.values()]
        Delivery.objects.bulk_create(rows, batch_size=BATCH)
        if is_urgent:
            dispatch_actions.prepare(rows, now=now)
        audit.record(
            verb="notices.publish",
            target=notice,
            by=by,
            at=now,
            details={
                "kind": kind.value,
                "recipients": len(rows),
                "open": is_open,
                "body_sha256": digest,
                "warned": bool(warned),
            },
        )
    return notice


def acknowledge(*, delivery: Delivery, by: User, now: datetime) -> None:
    """The receiver has read it; the first time counts."""
    if not queries.deliveries_to(by).filter(pk=delivery.pk).exists():
        raise NotYours
    with transaction.atomic():
        fresh = Delivery.objects.filter(pk=delivery.pk, read_at=None).update(read_at=now)
        if fresh:
            delivery.read_at = now
            audit.record(verb="notices.acknowledge", target=delivery, by=by, at=now)


def read_news(*, about: UUID, what: str, by: User, now: datetime) -> None:
    """The reader has opened it; the first time counts. Raises NotYours for what is not told to this person."""
    if news.one_of(by, about, what) is None:
        raise NotYours
    if Seen.objects.filter(about=about, what=what, user=by).exists():
        return
    with transaction.atomic():
        seen = Seen(about=about, what=what, user=by, at=now)
        try:
            with transaction.atomic():
                seen.save(force_insert=True)
        except IntegrityError:
            return  # the same person, on another screen, at the same moment
        audit.record(verb="notices.news.read", target=seen, by=by, at=now, details={"what": what})


def write_draft(
    *,
    title: str,
    body: str,
    is_open: bool,
    school_class: SchoolClass | None,
    by: User,
    now: datetime,
) -> Draft:
    """A letter; nobody receives it yet. Other kinds come out of their own deeds: fees out of an accepted plan (S27)."""
    with transaction.atomic():
        draft = Draft(
            title=title,
            body=body,
            is_open=is_open,
            school_class=None if is_open else school_class,
            by=by,
            written_at=now,
        )
        draft.save(force_insert=True)
        word_actions.ask(doubts=named.doubts([title, body]), by=by, now=now)
        audit.record(verb="notices.draft.write", target=draft, by=by, at=now)
    return draft


def discard_draft(*, draft: Draft, by: User, now: datetime) -> None:
    """It will not be published."""
    with transaction.atomic():
        locked = _unpublished(draft)
        audit.record(verb="notices.draft.discard", target=draft, by=by, at=now)
        locked.delete()


def publish_draft(*, draft: Draft, by: User, now: datetime, reason: str = "") -> Notice:
    """To every adult who may sign for a pupil of the school or of the class; once, however often it is pressed.

    Where words speak of charging: by another person than the writer, with a reason that stays on record (S27).
    A pupil's name goes out to nobody: asked when it was written, answered by somebody else than who wrote it.
    Raises AlreadyPublished, NamesAChild, SamePerson, NoReleaseReason.
    """
    with transaction.atomic():
        locked = _unpublished(draft)
        names.refuse_children([locked.title, locked.body])
        warned = charging.warning(locked.title, locked.body)
        said = " ".join(reason.split())[:200] if warned else ""
        if warned and locked.by_id == by.pk:
            raise SamePerson(words=warned)
        if warned and len(said) < charging.LEAST_REASON:
            raise NoReleaseReason(words=warned, least=charging.LEAST_REASON)
        notice = publish(
            kind=NoticeKind(locked.kind),
            title=locked.title,
            body=locked.body,
            to=queries.audience(locked.school_class),
            is_open=locked.is_open,
            warned=warned,
            release_reason=said,
            by=by,
            now=now,
        )
        Draft.objects.filter(pk=locked.pk).update(notice=notice)
        draft.notice = notice
    return notice


def _unpublished(draft: Draft) -> Draft:
    draft.ensure_home()
    row = locks.locked_rows(Draft, [draft.pk], also=("school_class",)).first()
    if row is None or row.notice_id is not None:
        raise AlreadyPublished
    return row


def _delivery(notice: Notice, person: Guardian | User, about: Pupil | None, now: datetime) -> Delivery:
    if isinstance(person, Guardian):
        return Delivery(notice=notice, guardian=person, pupil=about, sent_at=now)
    return Delivery(notice=notice, user=person, pupil=about, sent_at=now)
