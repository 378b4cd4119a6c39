"""Addresses of the pages of consultation and plan, of the desk and of the school's front door."""

from django.urls import URLPattern, URLResolver, path

from schools.planning import amendment_views, consultation_views, plan_steps, plan_views, views

CONSULTATION = "desk/consultations/<uuid:consultation_id>/"
FAMILY = "family/consultation/<uuid:consultation_id>/"
PLAN = "desk/plans/<uuid:plan_id>/"
AMENDMENT = "desk/amendments/<uuid:amendment_id>/"

app_name = "planning"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.root, name="root"),
    path("desk/", views.desk, name="desk"),
    path("desk/consultations/", consultation_views.consultations, name="consultations"),
    path("desk/consultations/new/", consultation_views.new, name="new_consultation"),
    path(CONSULTATION, consultation_views.consultation, name="consultation"),
    path(f"{CONSULTATION}change/", consultation_views.change, name="change_consultation"),
    path(f"{CONSULTATION}closing/", consultation_views.move_closing, name="move_closing"),
    path(f"{CONSULTATION}open/", consultation_views.begin, name="open_consultation"),
    path(f"{CONSULTATION}close/", consultation_views.close, name="close_consultation"),
    path(f"{CONSULTATION}paper/<uuid:class_id>/", consultation_views.paper, name="paper"),
    path(f"{CONSULTATION}plan/", plan_views.new, name="new_plan"),
    path(FAMILY, consultation_views.family, name="family_consultation"),
    path(f"{FAMILY}<uuid:pupil_id>/", consultation_views.family_answer, name="family_answer"),
    path("family/plan/", plan_views.family_plan, name="family_plan"),
    path("desk/plans/", plan_views.plans, name="plans"),
    path(PLAN, plan_views.plan, name="plan"),
    path(f"{PLAN}change/", plan_views.change, name="change_plan"),
    path(f"{PLAN}activities/new/", plan_views.add_activity, name="add_activity"),
    path(f"{PLAN}costs/new/", plan_views.add_cost_line, name="add_cost_line"),
    path(
        f"{PLAN}activities/<uuid:part_id>/remove/",
        plan_views.remove,
        {"kind": "activity"},
        name="remove_activity",
    ),
    path(f"{PLAN}costs/<uuid:part_id>/remove/", plan_views.remove, {"kind": "cost"}, name="remove_cost_line"),
    path(f"{PLAN}vote/", plan_steps.vote, name="vote_on_plan"),
    path("desk/plans/<uuid:plan_id>/words/", plan_steps.ask, name="ask_about_words"),
    path(f"{PLAN}file/", plan_steps.file, name="file_plan"),
    path(f"{PLAN}send-back/", plan_steps.send_back, name="send_back"),
    path(f"{PLAN}take-up/", plan_steps.take_up, name="take_up"),
    path(f"{PLAN}publish/", plan_steps.publish, name="publish_plan"),
    path(f"{PLAN}end/", plan_steps.end, name="end_plan"),
    path(f"{PLAN}amend/", amendment_views.begin, name="begin_amendment"),
    path(AMENDMENT, amendment_views.amendment, name="amendment"),
    path(f"{AMENDMENT}numbers/", amendment_views.numbers, name="amendment_numbers"),
    path(f"{AMENDMENT}activities/new/", amendment_views.add_activity, name="amendment_activity"),
    path(f"{AMENDMENT}costs/new/", amendment_views.add_cost_line, name="amendment_cost"),
    path(f"{AMENDMENT}parts/<uuid:part_id>/remove/", amendment_views.take_out, name="amendment_take_out"),
    path(f"{AMENDMENT}words/", amendment_views.ask, name="amendment_words"),
    path(f"{AMENDMENT}vote/", amendment_views.vote, name="amendment_vote"),
    path(f"{AMENDMENT}send-back/", amendment_views.send_back, name="amendment_send_back"),
    path(f"{AMENDMENT}file/", amendment_views.file, name="amendment_file"),
    path(f"{AMENDMENT}take-up/", amendment_views.take_up, name="amendment_take_up"),
    path(f"{AMENDMENT}drop/", amendment_views.drop, name="amendment_drop"),
    path(f"{AMENDMENT}publish/", amendment_views.publish, name="amendment_publish"),
]
