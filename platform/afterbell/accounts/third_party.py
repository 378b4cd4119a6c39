"""Field classes of the tables that Django, allauth and axes bring, as data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from afterbell.kernel.privacy import FieldClass, classify

_ATTEMPT: Final = "user_agent ip_address username http_accept"

THIRD_PARTY: Final[Mapping[str, Mapping[str, FieldClass]]] = MappingProxyType(
    {
        "contenttypes.ContentType": classify(internal="id app_label model"),
        "auth.Permission": classify(internal="id name content_type codename"),
        "auth.Group": classify(internal="id name permissions"),
        "sessions.Session": classify(internal="expire_date", sensitive="session_key session_data"),
        "account.EmailAddress": classify(internal="id user verified primary", personal="email"),
        "account.EmailConfirmation": classify(internal="id email_address created sent", sensitive="key"),
        "mfa.Authenticator": classify(internal="id user type created_at last_used_at", sensitive="data"),
        "usersessions.UserSession": classify(
            internal="id user created_at last_seen_at", personal="ip user_agent data", sensitive="session_key"
        ),
        "axes.AccessAttempt": classify(
            internal="id path_info attempt_time failures_since_start",
            personal=_ATTEMPT,
            sensitive="get_data post_data",
        ),
        "axes.AccessAttemptExpiration": classify(internal="access_attempt expires_at"),
        "axes.AccessFailureLog": classify(internal="id path_info attempt_time locked_out", personal=_ATTEMPT),
        "axes.AccessLog": classify(
            internal="id path_info attempt_time logout_time", personal=_ATTEMPT, sensitive="session_hash"
        ),
    }
)
