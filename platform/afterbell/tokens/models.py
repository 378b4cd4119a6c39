"""The tokens of the city's systems: asked for, agreed to by their holder, used; only a hash of each is kept.

In the place of knox's own table (KNOX_TOKEN_MODEL).
"""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from knox.settings import CONSTANTS

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record

MOST_DAYS: Final = 730
OPEN_DAYS: Final = 14
"""So long the holder may agree; after that it has to be asked for anew."""
USUAL_DAYS: Final = 365
NAME_LENGTH: Final = 60
READABLE: Final = (
    Permission.SCHOOLS_READ,
    Permission.PARTICIPATION_READ,
    Permission.SATISFACTION_READ,
    Permission.FEES_READ,
    Permission.COMPLAINTS_OVERSEE,
    Permission.SAFETY_OVERSEE,
    Permission.STAFFING_OVERSEE,
    Permission.ALERTS_READ,
    Permission.FILINGS_READ,
    Permission.REPORTS_READ,
    Permission.PROVIDERS_APPROVE,
    Permission.COSTS_READ,
)
"""What there is to read in the city's API; a test looks that nothing of it is missing.

But for families' letters (complaints.handle): a person answers them and reads them, with the names that stand in them; a
program has the counts (complaints.oversee).
"""


def in_words(permission: Permission) -> str:
    """For who asks and who agrees: a program reads only, also where the permission says more."""
    return str(_("查看合作机构") if permission is Permission.PROVIDERS_APPROVE else permission.label)


DIGEST: Final = r"^[0-9a-f]{128}$"


class Token(Record):
    """A key that reads for its user what is `allowed` and the user may, until it expires or is revoked. Its row stays.

    The administrator asks for it; it is made when its holder agrees, and shown to nobody else. One from before holders
    were asked has a key and no agreement, and opens nothing.

    Users are ended, never deleted; DO_NOTHING because a school, which has users too, has no table to look into.
    """

    name = models.CharField(_("用途"), max_length=NAME_LENGTH)
    """Which system reads with it, and what for."""
    user = models.ForeignKey(User, verbose_name=_("使用身份"), on_delete=models.DO_NOTHING, related_name="+")
    allowed = models.JSONField(_("可以读取"), default=list)
    """Codes of permissions, some of READABLE."""
    days = models.PositiveSmallIntegerField(_("有效天数"), default=USUAL_DAYS)
    token_key = models.CharField(_("开头"), max_length=CONSTANTS.TOKEN_KEY_LENGTH, null=True)  # noqa: DJ001
    """The first signs of the token, by which knox finds the row; null until the holder agrees."""
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("申请时间"))
    created_by = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", null=True)
    """Who asked for it."""
    agreed_at = models.DateTimeField(_("本人同意时间"), null=True)
    expires_at = models.DateTimeField(_("有效期至"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)
    last_used_date = models.DateField(_("最近使用"), null=True)
    """The day is enough: one write a day and token, and no trace of what a program does when."""

    public_only = True
    field_classes: ClassVar = classify(
        internal=(
            "id name user allowed days created_at created_by agreed_at expires_at revoked_at last_used_date"
        ),
        sensitive="token_key digest",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token_key"], name="token_key_once"),
            models.UniqueConstraint(fields=["digest"], name="token_digest_once"),
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="token_digest_is_sha512"),
            models.CheckConstraint(condition=~Q(name=""), name="token_says_what_for"),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True)
                | (
                    Q(digest__isnull=False, token_key__isnull=False)
                    & Q(expires_at__gt=F("agreed_at"))
                    & Q(expires_at__lte=F("agreed_at") + timedelta(days=MOST_DAYS))
                ),
                name="token_of_two_years_at_most",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True) | Q(agreed_at__gte=F("created_at")),
                name="token_agreed_after_it_was_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="token_revoked_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def is_good(self, now: datetime) -> bool:
        """Agreed to, neither expired nor revoked."""
        if self.agreed_at is None or self.expires_at is None:
            return False
        return self.revoked_at is None and now < self.expires_at

    def waits(self, now: datetime) -> bool:
        """For its holder's word."""
        is_open = self.agreed_at is None and self.digest is None and self.revoked_at is None
        return is_open and now < self.created_at + timedelta(days=OPEN_DAYS)

    @property
    def may(self) -> frozenset[Permission]:
        """What it may do of what its holder may. A permission that the house has no more is nobody's."""
        return frozenset(one for one in READABLE if one.value in self.allowed)

    @property
    def sign(self) -> str:
        """As much of it as tells people which one is meant, and nobody how it goes on."""
        return f"{self.token_key[:8]}…" if self.token_key else "–"
