"""Reads of notices: what was published and how many have read it, what a person has received."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from afterbell.accounts.models import User
from afterbell.kernel import signs
from schools.notices.models import Delivery, Draft, Notice, NoticeKind
from schools.people import queries as people
from schools.people.models import Guardian, SchoolClass


def audience(school_class: SchoolClass | None) -> QuerySet[Guardian]:
    """The adults who may sign for a pupil on the roll: of the school, or of one class. Not ordered."""
    return people.guardians_of_classes(None if school_class is None else [school_class])


def notices() -> QuerySet[Notice]:
    """For the list of the office: with `sent` and `read`. Not ordered."""
    return Notice.objects.select_related("by", "draft__by").annotate(
        sent=Count("deliveries"), read=Count("deliveries", filter=Q(deliveries__read_at__isnull=False))
    )


def notice(notice_id: UUID) -> Notice:
    """One of them. Raises Notice.DoesNotExist."""
    found: Notice = notices().get(pk=notice_id)
    return found


def deliveries_of(notice: Notice) -> QuerySet[Delivery]:
    """To whom a notice went, with the adult. Not ordered."""
    return Delivery.objects.filter(notice=notice).select_related("guardian", "user")


def writer_of(text: str) -> User | None:
    """Who wrote the newest draft that has this sentence, however it is written (settings.WORD_WRITERS)."""
    wanted = signs.plain(text)
    for row in drafts().order_by("-written_at", "-pk"):
        if wanted in signs.plain(row.title) or wanted in signs.plain(row.body):
            return row.by
    return None


def drafts() -> QuerySet[Draft]:
    """What waits to be published, oldest first."""
    found = Draft.objects.filter(notice__isnull=True).select_related("by", "school_class")
    return found.order_by("written_at", "pk")


def draft(draft_id: UUID) -> Draft:
    """Also a published one, so that a second click finds its notice. Raises Draft.DoesNotExist."""
    found: Draft = Draft.objects.select_related("by", "school_class", "notice").get(pk=draft_id)
    return found


def deliveries_to(user: User) -> QuerySet[Delivery]:
    """What a person has received, as a parent or as staff. Not ordered.

    What is about one child is for who has a live tie to it now: an adult who was denied reads nothing of it any more.
    """
    children = people.tied_to(user).values("pk")
    as_parent = Q(guardian__user=user) & (Q(pupil=None) | Q(pupil__in=children))
    return Delivery.objects.filter(as_parent | Q(user=user)).select_related("notice", "pupil")


def urgent_to(user: User) -> QuerySet[Delivery]:
    """Emergencies that the person has not read yet, newest first."""
    found = deliveries_to(user).filter(notice__kind=NoticeKind.INCIDENT, read_at=None)
    return found.order_by("-sent_at", "-pk")


def unread_first(found: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """The order of the list: unread, then the newest."""
    return found.alias(is_read=Q(read_at__isnull=False)).order_by("is_read", "-sent_at", "-pk")


def delivery_to(user: User, delivery_id: UUID) -> Delivery:
    """One of deliveries_to. Raises Delivery.DoesNotExist."""
    found: Delivery = deliveries_to(user).get(pk=delivery_id)
    return found


def unread_by(user: User) -> int:
    """How many wait to be read."""
    return deliveries_to(user).filter(read_at__isnull=True).count()


def open_notices() -> QuerySet[Notice]:
    """What everybody may read. Not ordered."""
    return Notice.objects.filter(is_open=True)


def open_notice(notice_id: UUID) -> Notice:
    """Raises Notice.DoesNotExist."""
    found: Notice = open_notices().get(pk=notice_id)
    return found
