"""Addresses of the pages of the gate and the classroom, of the desk's sessions, and of "where is my child"."""

from django.urls import URLPattern, URLResolver, path

from schools.care import (
    alarm_views,
    day_views,
    desk_views,
    duty_views,
    family_views,
    gate_views,
    homeward_views,
    mend_views,
    room_views,
)

app_name = "care"
urlpatterns: list[URLPattern | URLResolver] = [
    path("alarms/", alarm_views.live, name="live"),
    path("desk/alarms/", alarm_views.listed, name="alarms"),
    path("desk/alarms/<uuid:alarm_id>/", alarm_views.alarm, name="alarm"),
    path("desk/alarms/<uuid:alarm_id>/seen/", alarm_views.see, name="see_alarm"),
    path("care/", gate_views.today, name="today"),
    path("care/sessions/<uuid:session_id>/", gate_views.session, name="session"),
    path("care/sessions/<uuid:session_id>/open/", gate_views.open_session, name="open"),
    path("care/sessions/<uuid:session_id>/tap/", gate_views.tap, name="tap"),
    path("care/sessions/<uuid:session_id>/children/<uuid:pupil_id>/", gate_views.handover, name="handover"),
    path("care/sessions/<uuid:session_id>/close/", gate_views.close, name="close"),
    path("care/sessions/<uuid:session_id>/incident/", gate_views.report, name="report"),
    path(
        "care/sessions/<uuid:session_id>/incident/<uuid:incident_id>/", gate_views.reported, name="reported"
    ),
    path("desk/rooms/", room_views.rooms, name="rooms"),
    path("desk/rooms/new/", room_views.room, name="new_room"),
    path("desk/rooms/<uuid:room_id>/", room_views.room, name="room"),
    path("desk/rooms/<uuid:room_id>/move/", room_views.move_all, name="move_room"),
    path("desk/sessions/", desk_views.sessions, name="sessions"),
    path("desk/sessions/make/", desk_views.make, name="make"),
    path("desk/sessions/days/", day_views.changed, name="days"),
    path("desk/sessions/days/cancel/", day_views.cancel, name="cancel_day"),
    path("desk/sessions/days/restore/", day_views.restore_day, name="restore_day"),
    path("desk/sessions/<uuid:session_id>/", desk_views.session, name="desk_session"),
    path("desk/sessions/<uuid:session_id>/cancel/", desk_views.cancel, name="cancel"),
    path("desk/sessions/<uuid:session_id>/restore/", day_views.restore_one, name="restore"),
    path("desk/sessions/<uuid:session_id>/room/", room_views.move_one, name="move_session"),
    path("desk/sessions/late/", mend_views.late, name="late"),
    path("desk/sessions/<uuid:session_id>/late/", mend_views.see_late, name="see_late"),
    path("desk/sessions/<uuid:session_id>/open-late/", mend_views.open_late, name="open_late"),
    path("desk/sessions/<uuid:session_id>/not-held/", mend_views.not_held, name="not_held"),
    path("desk/sessions/<uuid:session_id>/mend/", mend_views.close_late, name="close_late"),
    path("desk/sessions/<uuid:session_id>/mend/<uuid:pupil_id>/", mend_views.mend, name="mend"),
    path(
        "desk/sessions/<uuid:session_id>/mend/<uuid:pupil_id>/absent/",
        mend_views.mend_absent,
        name="mend_absent",
    ),
    path("desk/sessions/<uuid:session_id>/duty/<str:role>/", duty_views.person, name="duty"),
    path("desk/duties/", duty_views.week, name="duties"),
    path("desk/duties/<uuid:duty_id>/swap/", duty_views.swap, name="swap"),
    path("desk/duties/<uuid:duty_id>/off/", duty_views.take_off, name="take_off"),
    path("desk/duties/activity/<uuid:activity_id>/", duty_views.series, name="series"),
    path("desk/incidents/", desk_views.incidents, name="incidents"),
    path("desk/incidents/<uuid:incident_id>/", desk_views.incident, name="incident"),
    path("family/children/<uuid:pupil_id>/today/", family_views.today, name="child_today"),
    path("family/agreements/<uuid:agreement_id>/home/", homeward_views.home, name="home"),
    path("desk/sessions/home-alone/", homeward_views.homes, name="homes"),
]
