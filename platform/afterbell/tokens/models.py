"""The tokens of the city's systems; only a hash of each is kept. In the place of knox's own table (KNOX_TOKEN_MODEL)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from knox.settings import CONSTANTS

from afterbell.accounts.models import User
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record

MOST_DAYS: Final = 730
USUAL_DAYS: Final = 365
NAME_LENGTH: Final = 60
DIGEST: Final = r"^[0-9a-f]{128}$"


class Token(Record):
    """A key that acts as its user, for reading only, until it expires or is revoked. Its row stays.

    Users are ended, never deleted; DO_NOTHING because a school, which has users too, has no table to look into.
    """

    name = models.CharField(_("用途"), max_length=NAME_LENGTH)
    """Which system reads with it, and what for."""
    user = models.ForeignKey(User, verbose_name=_("使用身份"), on_delete=models.DO_NOTHING, related_name="+")
    token_key = models.CharField(_("开头"), max_length=CONSTANTS.TOKEN_KEY_LENGTH)
    """The first signs of the token, by which knox finds the row."""
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH)
    created_at = models.DateTimeField(_("建立时间"))
    created_by = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", null=True)
    """Null when a command made it."""
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)
    last_used_date = models.DateField(_("最近使用"), null=True)
    """The day is enough: one write a day and token, and no trace of what a program does when."""

    public_only = True
    field_classes: ClassVar = classify(
        internal="id name user created_at created_by expires_at revoked_at last_used_date",
        sensitive="token_key digest",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token_key"], name="token_key_once"),
            models.UniqueConstraint(fields=["digest"], name="token_digest_once"),
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="token_digest_is_sha512"),
            models.CheckConstraint(condition=~Q(name=""), name="token_says_what_for"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + timedelta(days=MOST_DAYS)),
                name="token_lives_two_years_at_most",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="token_revoked_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def is_good(self, now: datetime) -> bool:
        """Neither expired nor revoked."""
        return self.revoked_at is None and now < self.expires_at

    @property
    def sign(self) -> str:
        """As much of it as tells people which one is meant, and nobody how it goes on."""
        return f"{self.token_key[:8]}…"
