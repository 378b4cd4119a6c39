"""What the views of this room share: the request, and 404 for what is not there or not yours."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from afterbell.accounts.models import User
from tenants.middleware import SchoolRequest

Found = TypeVar("Found")


class PeopleRequest(SchoolRequest):
    """In a school, behind `requires`: somebody has logged in."""

    user: User


def user_of(request: Request) -> User:
    """Who calls the API; DeclaredPermission has let nobody in who has not logged in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def or_404(find: Callable[..., Found], *given: object) -> Found:
    """`find(*given)`, or a page that does not say whether the thing exists."""
    try:
        return find(*given)
    except ObjectDoesNotExist:
        raise Http404 from None
