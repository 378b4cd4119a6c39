"""Users and the roles that they hold. A person of two schools has two users, one in each schema."""

from datetime import date
from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import holdings, phones
from afterbell.accounts.holdings import Rights
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ADMINISTRATORS, BY_SEAT, SCOPED, Role, Side, side_here
from afterbell.kernel.dates import local_date
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record, RecordQuerySet
from afterbell.kernel.strings import dotted

LOGIN = r"^[a-z0-9][a-z0-9._-]{1,39}$"
A_LETTER = r"[a-z]"


class UserManager(BaseUserManager.from_queryset(RecordQuerySet)):  # type: ignore[misc]  # a class made by Django
    """Makes users; who may call it is decided by the actions."""

    def create_user(self, *, login: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Raises ValidationError. Without a password nobody logs in by password."""
        user: User = self.model(login=login, name=name, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> Self | Any:
        return self.get(login=login)


class User(Record, AbstractBaseUser):
    """A person who logs in at one host. Guardians log in by phone and code, everybody else by login, password, TOTP."""

    login = models.CharField(
        _("登录名"),
        max_length=40,
        validators=[
            RegexValidator(LOGIN, _("登录名只能用小写字母、数字、点、横线和下划线，2 至 40 个字符。")),
            RegexValidator(A_LETTER, _("登录名至少要有一个字母，以免与手机号混淆。")),
        ],
    )
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机号"), max_length=20, null=True, blank=True)  # noqa: DJ001  (unique where there is one)
    """E.164, such as +8613800138000; null for none, so that one phone belongs to one user of a school."""
    phone_verified_at = models.DateTimeField(_("手机号验证时间"), null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)

    narrowed: frozenset[Permission] | None = None
    """No column: what a program that logged in for the user may do of the user's rights; never more than these."""

    by_code: bool = False
    """No column: whoever asks has shown a code from the phone and no password: no role that asks for more is open."""

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects: ClassVar[UserManager] = UserManager()
    field_classes: ClassVar = classify(
        internal="id is_active created_at last_login",
        personal="login name phone phone_verified_at",
        sensitive="password",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["login"], name="login_once", violation_error_message=_("这个登录名已经有人用了。")
            ),
            models.UniqueConstraint(  # with a condition it is no key: a new number locks out nobody who points here
                fields=["phone"],
                condition=Q(phone__isnull=False),
                name="phone_once",
                violation_error_message=_("这个手机号已经属于另一个账号。"),
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[0-9]{6,15}$"), name="phone_is_e164"
            ),
            models.CheckConstraint(
                condition=Q(login__regex=LOGIN) & Q(login__regex=A_LETTER),
                name="login_is_lower_case_with_a_letter",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has(self, permission: Permission | str) -> bool:
        """Whether one of the user's roles gives the permission."""
        return permission in self.rights.permissions

    @cached_property
    def rights(self) -> Rights:
        """Read once for each user object, that is once for each request, however often it is asked."""
        if not self.is_active:
            return holdings.rights((), side=side_here())
        second_factor = Authenticator.objects.filter(
            user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP
        )
        held = (
            self.assignments.filter(in_force(local_date(timezone.now())))
            .annotate(protected=Exists(second_factor))
            .values_list("role", "scope", "protected")
        )
        return holdings.rights(held, side=side_here(), only=self.narrowed, by_code=self.by_code)

    @property
    def enters_with(self) -> str:
        """What its owner types at login: a name that the house made of the key is nobody's to know, the phone is."""
        made_here = self.login.endswith(self.pk.hex)
        return phones.shown(self.phone) if made_here and self.phone else self.login

    def forget_rights(self) -> None:
        """Read them again at the next question: after an action has changed them."""
        self.__dict__.pop("rights", None)


def in_force(day: date) -> Q:
    """Of assignments: held for good, or by a seat that is held on this day and for which its holder still stands.

    What makes somebody fit for a seat stands above accounts and is plugged in by settings; the city has no seats.
    """
    by_seat = Q(from_date__lte=day, until_date__gte=day)
    if side_here() is Side.SCHOOL:
        by_seat &= dotted(settings.SEAT_HOLDS)(OuterRef("user_id"))
    return Q(until_date__isnull=True) | by_seat


class Assignment(Record):
    """One role that a user holds, perhaps for one district or class only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    """The unique key begins with it."""
    role = models.CharField(_("角色"), max_length=40, choices=Role.choices)
    scope = models.CharField(_("范围"), max_length=40, blank=True, default="")
    """District code at the city, class id in a school; empty for all of it."""
    created_at = models.DateTimeField(_("授予时间"), default=timezone.now)
    from_date = models.DateField(_("自"), null=True, blank=True)
    until_date = models.DateField(_("至"), null=True, blank=True)
    """The days of the seat that a role of BY_SEAT comes from; null for every other role."""

    field_classes: ClassVar = classify(internal="id user role scope created_at from_date until_date")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "scope"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(role__in=ADMINISTRATORS), name="one_administrator_role_a_person"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="assignment_role_known"),
            models.CheckConstraint(
                condition=Q(scope="") | Q(role__in=SCOPED), name="only_some_roles_are_narrowed"
            ),
            models.CheckConstraint(
                condition=Q(role__in=BY_SEAT, from_date__isnull=False, until_date__gte=F("from_date"))
                | (~Q(role__in=BY_SEAT) & Q(from_date__isnull=True, until_date__isnull=True)),
                name="a_seats_role_has_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.scope}"


class NumberClaim(Record):
    """号码登记: one person says that an account has this number, a second one who has seen its owner says yes (S7).

    A number is where the link to a new password goes: whoever could set it alone could take the account over.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="number_claims", db_index=False)
    phone = models.CharField(_("手机号"), max_length=20)
    reason = models.CharField(_("原因"), max_length=200, blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("登记时间"))
    sent_at = models.DateTimeField(_("确认链接发出时间"), null=True, blank=True)
    """The last one: an earlier link is void."""
    is_accepted = models.BooleanField(_("属实"), null=True)
    answered_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id user by at sent_at is_accepted answered_by answered_at", personal="phone reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(phone__regex=r"^\+[0-9]{6,15}$"), name="claimed_phone_is_e164"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, is_accepted__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, is_accepted__isnull=False),
                name="claim_is_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("by")),
                name="claim_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.is_accepted}"
