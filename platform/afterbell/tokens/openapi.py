"""How the tokens are written in the API's own description (OpenAPI): at the city, for reading."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object

from afterbell.accounts.roles import Side, side_here
from afterbell.tokens.login import KEYWORD, READING


class TokenLoginScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being made
    """The header of a token."""

    target_class = "afterbell.tokens.login.TokenLogin"
    name = "token"

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """None where a token is refused: in a school, and for whatever changes something."""
        reads = auto_schema.method in READING and side_here() is Side.CITY
        return [{"token": []}] if reads else []

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  (spectacular's signature)
        found: dict[str, Any] = build_bearer_security_scheme_object("Authorization", KEYWORD)
        return found
