"""Users and the roles that they hold. A person of two schools has two users, one in each schema."""

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class UserManager(BaseUserManager["User"]):
    """Makes users; who may call it is decided by the actions."""

    def create_user(self, *, login: str, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(login=login, name=name, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> Self | Any:
        return self.get(login=login)


class User(Record, AbstractBaseUser):
    """A person who logs in at one host. Guardians log in by phone and code, everybody else by login, password, TOTP."""

    login = models.CharField(_("登录名"), max_length=40)
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机号"), max_length=20, null=True, blank=True)
    """E.164, such as +8613800138000; null for none, so that one phone belongs to one user of a school."""
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects: ClassVar[UserManager] = UserManager()
    field_classes: ClassVar = classify(
        internal="id is_active created_at last_login", personal="login name phone phone_verified_at", sensitive="password"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login"], name="login_once"),
            models.UniqueConstraint(fields=["phone"], name="phone_once"),
            models.CheckConstraint(condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[0-9]{6,15}$"), name="phone_is_e164"),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(Record):
    """One role that a user holds, perhaps for one district or class only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(_("角色"), max_length=40)
    scope = models.CharField(_("范围"), max_length=40, blank=True, default="")
    """District code at the city, class id in a school; empty for all of it."""
    created_at = models.DateTimeField(auto_now_add=True)

    field_classes: ClassVar = classify(internal="id user role scope created_at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "scope"], name="assignment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.scope}"
