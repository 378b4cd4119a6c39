"""Addresses of the city's set-up, on the city's host. They stand before a district's and a school's own pages."""

from django.urls import URLPattern, URLResolver, path, register_converter

from oversight.setup import (
    calendar_views,
    district_views,
    policy_views,
    school_views,
    start_views,
    term_views,
)
from oversight.setup.converters import Day

register_converter(Day, "day")
app_name = "setup"
urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/", start_views.start, name="start"),
    path("districts/", district_views.districts, name="districts"),
    path("districts/new/", district_views.add, name="add_district"),
    path("districts/<str:code>/rename/", district_views.rename, name="rename_district"),
    path("districts/<str:code>/remove/", district_views.remove, name="remove_district"),
    path("schools/new/", school_views.add, name="add_school"),
    path("terms/", term_views.terms, name="terms"),
    path("terms/new/", term_views.add, name="add_term"),
    path("terms/<str:code>/", term_views.change, name="change_term"),
    path("terms/<str:code>/remove/", term_views.remove, name="remove_term"),
    path("calendar/", calendar_views.year, name="calendar"),
    path("calendar/enter/", calendar_views.enter, name="enter_days"),
    path("calendar/<day:day>/", calendar_views.day, name="day"),
    path("calendar/<day:day>/restore/", calendar_views.restore, name="restore_day"),
    path("policies/", policy_views.policies, name="policies"),
    path("policies/ready/<str:code>/", policy_views.ready_profile, name="ready"),
    path("policies/ready/<str:code>/adopt/", policy_views.adopt, name="adopt"),
    path("policies/<uuid:profile_id>/", policy_views.profile, name="policy"),
]
