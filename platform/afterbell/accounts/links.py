"""One-time links to a person's own phone, for a new password or a yes to the number: good for a day, one school, once."""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import connections

from afterbell.accounts.models import NumberClaim, User
from afterbell.kernel.records import schema_of


class _Tokens(PasswordResetTokenGenerator):
    """Django's own tokens: void after the password or the last login has changed, and after PASSWORD_RESET_TIMEOUT."""

    key_salt = "afterbell.accounts.links"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{schema_of(connections['default'])}:{super()._make_hash_value(user, timestamp)}"


class _Proofs(PasswordResetTokenGenerator):
    """Of one claim of one number: void once it is answered, sent again, its account got in, or the time is over."""

    key_salt = "afterbell.accounts.links.proof"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        claim, owner = user, user.user
        sent = claim.sent_at and claim.sent_at.isoformat()
        told = (claim.pk, claim.phone, sent, claim.answered_at, owner.password, owner.last_login, timestamp)
        return f"{schema_of(connections['default'])}:{told}"


HOURS: Final = 24
"""PASSWORD_RESET_TIMEOUT, for people."""
_TOKENS: Final = _Tokens()
_PROOFS: Final = _Proofs()


def token_for(user: User) -> str:
    """The secret half of the link; the other half is the user's id."""
    return _TOKENS.make_token(user)


def user_for(user_id: UUID, token: str) -> User | None:
    """The active user whose link it is; None for a foreign, changed, used or old one."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user is not None and _TOKENS.check_token(user, token) else None


def proof_for(claim: NumberClaim) -> str:
    """The secret half of the link by which the owner of a number answers; the other half is the claim's id."""
    return _PROOFS.make_token(claim)  # type: ignore[arg-type]  # it only hashes what it is given


def claim_for(claim_id: UUID, token: str) -> NumberClaim | None:
    """The open claim whose link it is, with its user and who made it; None as above."""
    found = NumberClaim.objects.select_related("user", "by").filter(pk=claim_id, user__is_active=True).first()
    return found if found is not None and _PROOFS.check_token(found, token) else None  # type: ignore[arg-type]
