"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afterbell.pages import navigation, theme


def page(request: HttpRequest) -> dict[str, object]:
    """Context processor. `school` is None at the city; the navigation is worked out only by layouts that show it."""
    return {
        "school": getattr(request, "school", None),
        "city_name": settings.CITY_NAME,
        "is_demo": settings.DEMO,
        "live_alarms": settings.LIVE_ALARMS if getattr(request, "school", None) else "",
        "theme": theme.chosen(request),
        "navigation": SimpleLazyObject(lambda: navigation.for_request(request)),
    }
