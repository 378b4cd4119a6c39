"""Addresses of the API of the gate and the classroom, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.care.alarm_api import Alarms, SeeAlarm
from schools.care.api import LateDeeds, NotHeld, OpenLate, Operations, SeeLate
from schools.care.homeward_api import Home

app_name = "api_care"
urlpatterns: list[URLPattern | URLResolver] = [
    path("care/operations/", Operations.as_view(), name="operations"),
    path("care/alarms/", Alarms.as_view(), name="alarms"),
    path("care/alarms/<uuid:alarm_id>/seen/", SeeAlarm.as_view(), name="see_alarm"),
    path("care/late/", LateDeeds.as_view(), name="late"),
    path("care/sessions/<uuid:session_id>/late/seen/", SeeLate.as_view(), name="see_late"),
    path("care/sessions/<uuid:session_id>/open-late/", OpenLate.as_view(), name="open_late"),
    path("care/sessions/<uuid:session_id>/not-held/", NotHeld.as_view(), name="not_held"),
    path("family/agreements/<uuid:agreement_id>/home/", Home.as_view(), name="home"),
]
