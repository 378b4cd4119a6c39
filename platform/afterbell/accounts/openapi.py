"""How our login is written in the API's own description (OpenAPI)."""

from drf_spectacular.authentication import SessionScheme


class SessionLoginScheme(SessionScheme):  # type: ignore[no-untyped-call]  # registers itself by being made
    """The browser's session cookie."""

    target_class = "afterbell.accounts.rights.SessionLogin"
    name = "session"
