"""Who may do what: each view and API action declares a permission, and nothing is open by forgetting."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class DeclaredPermission(BasePermission):
    """API default: without a declared permission nobody gets in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False
