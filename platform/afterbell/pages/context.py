"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """Context processor: the school (or None at the city), the city's name, whether this is the demo."""
    return {"school": getattr(request, "school", None), "city_name": settings.CITY_NAME, "is_demo": settings.DEMO}
