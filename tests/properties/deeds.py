"""Every writing action of a school's rooms, each as two steps: read its objects, then do it on what was read."""

from collections.abc import Callable
from datetime import date, time, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from schools.care import actions as care
from schools.care import (
    alarm_actions,
    day_actions,
    duty_actions,
    homeward_actions,
    incident_actions,
    operations,
    restore_actions,
    roll_actions,
    room_actions,
)
from schools.care.models import Condition, DutyRole, Session
from schools.care.roll import Deed, Kind
from schools.committee import actions as committee
from schools.committee.models import Choice, Level, Office, Subject
from schools.enrolment import actions as enrolment
from schools.enrolment import signing, supplement_wording, wording
from schools.enrolment import supplement_actions as supplements
from schools.enrolment.models import Side
from schools.enrolment.supplement_wording import Further
from schools.enrolment.wording import Wanted
from schools.notices import actions as notices
from schools.notices import dispatch_actions
from schools.notices.models import NoticeKind
from schools.people import adult_actions, lifting_actions, pupil_actions, stranger_actions, word_actions
from schools.people import correction_actions as corrections
from schools.people import staff_actions as staff_adults
from schools.people.models import Guardian, Pupil, Relation, Tie
from schools.people.rights import Rights
from schools.people.roster import actions as roster
from schools.people.roster.plans import Plan as RosterPlan
from schools.planning import actions as planning
from schools.planning import amendment_actions as amending
from schools.planning import consultation_actions as consultations
from schools.planning import drafting
from schools.planning.drafting import NewActivity, Terms
from schools.planning.models import ActivityKind, CostKind, FeeUnit, Wish
from schools.staffing import actions as staffing
from schools.staffing import clearance_actions
from schools.staffing.models import Origin
from schools.voice import complaint_actions, survey_actions
from tenants.letterbox import family_actions as letterbox
from tenants.letterbox.models import ComplaintKind
from tests.makers import FIRST, LAST, TERM
from tests.properties.school_of_deeds import NOW, TODAY, WORDS, World

Act = Callable[[], object]
Prepared = Callable[[World], Act]
DEEDS: dict[str, Prepared] = {}
"""By the name of the action, and of what is special about it."""
WEEK = NOW + timedelta(days=7)


def name_of(action: Any) -> str:
    return f"{action.__module__}.{action.__qualname__}"


def deed(action: Any, by: str = "", special: str = "", /, **given: Any) -> None:
    """An action with its arguments; a callable among them is asked with the school, in the thread that will act."""

    def prepare(world: World) -> Act:
        values = {key: value(world) if callable(value) else value for key, value in given.items()}
        if by:
            values["by"] = world.the(by)
        if "now" not in values:
            values["now"] = NOW
        return partial(action, **values)

    DEEDS[f"{name_of(action)} ({special})" if special else name_of(action)] = prepare


def the(name: str) -> Callable[[World], Any]:
    return lambda world: world.the(name)


def school(world: World) -> Any:
    return world.school


def policy(world: World) -> Any:
    return world.policy


# --- people --------------------------------------------------------------------------------------------------------

deed(
    pupil_actions.admit_pupil,
    "clerk",
    number="G99999999",
    name="新同学",
    school_class=the("class"),
    joined_date=TODAY,
)
deed(pupil_actions.move_class, "clerk", pupil=the("leaving_child"), school_class=the("other_class"))
deed(pupil_actions.leave, "clerk", pupil=the("leaving_child"), on=TODAY)
deed(
    pupil_actions.mark_left,
    "clerk",
    pupils=lambda w: [w.the("waiting_child"), w.the("leaving_child")],
    on=TODAY,
)
deed(pupil_actions.readmit, "clerk", pupil=the("leaver_child"), school_class=the("class"))
ADULT = {"name": "李奶奶", "phone": "+8613900009999", "relation": Relation.GRANDPARENT}
deed(adult_actions.add_adult, "clerk", pupil=the("child"), may_sign=True, may_collect=True, **ADULT)
deed(
    adult_actions.add_adult,
    "clerk",
    "another child",
    pupil=the("second_child"),
    may_sign=True,
    may_collect=True,
    **ADULT,
)
deed(staff_adults.ask_guardians, "clerk", pupil=the("child"), may_sign=True, may_collect=True, **ADULT)
deed(staff_adults.answer, "child_parent", question=the("adult_question"), is_yes=True)
deed(staff_adults.answer, "child_parent", "no", question=the("adult_question"), is_yes=False)
deed(adult_actions.add_collector, "child_parent", pupil=the("child"), **ADULT)
deed(adult_actions.remove_collector, "child_parent", tie=the("collector"))
deed(
    adult_actions.change_rights,
    "clerk",
    tie=the("other_tie"),
    relation=Relation.OTHER,
    before=lambda w: Rights.of(w.the("other_tie")),
    may_sign=True,
    may_collect=False,
    reason="监护人书面要求",
)
deed(adult_actions.deny, "clerk", tie=the("other_tie"), reason="法院裁定")
deed(
    stranger_actions.deny_stranger,
    "clerk",
    pupil=the("child"),
    name="钱七",
    phone="+8613700137777",
    relation=Relation.OTHER,
    reason="法院裁定",
)
deed(lifting_actions.ask_to_lift, "clerk", tie=the("denied"), reason="法院撤销")
deed(staff_adults.answer, "child_parent", "lift", question=the("lifting"), is_yes=True)
deed(adult_actions.end_tie, "clerk", tie=the("other_tie"), reason="不再接送")
deed(
    corrections.correct_pupil_name,
    "clerk",
    pupil=the("child"),
    before=lambda w: w.the("child").name,
    name="李晓明",
    reason="写错一个字",
)
deed(
    corrections.correct_name,
    "clerk",
    guardian=the("child_guardian"),
    before=lambda w: w.the("child_guardian").name,
    name="李奶奶",
    reason="写错一个字",
)
deed(
    corrections.correct_phone,
    "clerk",
    guardian=the("child_guardian"),
    before=lambda w: w.the("child_guardian").phone,
    phone=ADULT["phone"],
    reason="换了号码",
)


def _roster(world: World) -> RosterPlan:
    child = Pupil(number="G99999999", name="新同学", school_class=world.the("class"), joined_date=TODAY)
    adult = Guardian(name=ADULT["name"], phone=ADULT["phone"])
    tie = Tie(guardian=adult, pupil=child, relation=Relation.GRANDPARENT)
    return RosterPlan(
        roster=SimpleNamespace(rows=1),  # type: ignore[arg-type]  # what an import reads of it
        created=[child], new_guardians=[adult], new_ties=[tie], missing=[world.the("leaving_child"), world.the("child")],
    )  # fmt: skip


deed(
    roster.apply, "clerk", plan=_roster, source=lambda _w: roster.Source(UUID(int=7), "名册.xlsx", "0" * 64),
    leaving=lambda w: {w.key("leaving_child"), w.key("child")}, tick=lambda _w: lambda _done, _all: None,
)  # fmt: skip

# --- notices and committee -----------------------------------------------------------------------------------------

WRITTEN = {"title": "告家长书", "body": "请查收。", "is_open": False}
LETTER = {"kind": NoticeKind.LETTER, **WRITTEN}
deed(
    notices.publish,
    "principal",
    to=lambda w: [w.the("child_guardian"), w.the("leaving_child_guardian")],
    **LETTER,
)
ANSWER = {"question": the("word_question"), "is_fine": True, "reason": "是校区所在的路名"}
deed(word_actions.ask, "clerk", doubts=[WORDS])
deed(word_actions.answer, "principal", **ANSWER)
deed(word_actions.answer, "principal", "the other way", **ANSWER | {"is_fine": False})
deed(notices.acknowledge, "child_parent", delivery=the("delivery"))
deed(
    notices.read_news,
    "leaving_child_parent",
    about=lambda w: w.the("leaving_agreement").pk,
    what="agreement_active",
)
deed(notices.write_draft, "clerk", school_class=the("class"), **WRITTEN)
deed(notices.discard_draft, "clerk", draft=the("draft"))
deed(notices.publish_draft, "principal", draft=the("draft"))
deed(committee.found_committee, "clerk", level=Level.GRADE, grade=1)
SEAT = {"committee": the("committee"), "from_date": FIRST, "until_date": date(2027, 8, 31)}
deed(committee.appoint_seat, "clerk", guardian=the("leaving_child_guardian"), office=Office.MEMBER, **SEAT)
deed(committee.end_seat, "clerk", seat=the("seat"))
deed(committee.end_expired)
deed(
    committee.open_resolution, "clerk", committee=the("committee"), subject=Subject.HIRE, title="聘用", text="同意。",
    object_id=lambda w: w.key("approved_person"),
)  # fmt: skip
deed(committee.vote, "seat_child_parent", resolution=the("vote_on_rules"), choice=Choice.YES)
for about in ("plan", "person"):
    deed(committee.close_resolution, "clerk", about, resolution=the(f"vote_on_{about}"))

# --- planning ------------------------------------------------------------------------------------------------------

ASKED = {"title": "征询", "text": "请您选择。", "closes_at": WEEK}
deed(consultations.draft_consultation, "clerk", term_code="2034-2035-1", **ASKED)
deed(consultations.change_consultation, "clerk", consultation=the("draft_consultation"), **ASKED)
deed(
    consultations.move_closing,
    "clerk",
    consultation=the("open_consultation"),
    closes_at=NOW + timedelta(days=12),
)
deed(consultations.open_consultation, "clerk", consultation=the("draft_consultation"))
deed(
    consultations.answer,
    "child_parent",
    consultation=the("open_consultation"),
    pupil=the("child"),
    wish=Wish.YES,
)
deed(
    consultations.key_paper_answers, "clerk", consultation=the("open_consultation"),
    wishes=lambda w: {w.key("second_child"): Wish.YES, w.key("child"): Wish.NO},
)  # fmt: skip
deed(consultations.close_consultation, "clerk", consultation=the("over_consultation"))
FAR = {"first_date": date(2030, 9, 1), "last_date": date(2031, 1, 20)}
TERMS = Terms("方案", FAR["first_date"], FAR["last_date"], FeeUnit.MONTH, 13000, 9)  # type: ignore[arg-type]
LATER = Terms("方案", date(2033, 9, 1), date(2034, 1, 20), FeeUnit.MONTH, 13000, 9)  # type: ignore[arg-type]
deed(drafting.draft_plan, "clerk", consultation=the("closed_consultation"), terms=LATER, school=school)
deed(drafting.change_plan, "clerk", plan=the("draft_plan"), terms=TERMS, school=school)


def an_activity(world: World) -> NewActivity:
    return NewActivity("体育", ActivityKind.SPORT, 2, time(18), time(18, 30), world.key("room"), 1, 1, 20)


deed(drafting.add_activity, "clerk", plan=the("draft_plan"), school=school, new=an_activity)
deed(drafting.remove_activity, "clerk", plan=the("draft_plan"), activity=the("draft_plan_activity"))
deed(
    drafting.add_cost_line,
    "clerk",
    plan=the("draft_plan"),
    kind=CostKind.STAFF,
    title="报酬",
    amount=5,
    school=school,
)
deed(drafting.remove_cost_line, "clerk", plan=the("draft_plan"), line=the("draft_plan_cost"))
deed(planning.ask_about_words, "clerk", plan=the("draft_plan"), school=school)
deed(planning.put_to_vote, "clerk", plan=the("draft_plan"), school=school)
deed(planning.send_back, "principal", plan=the("resolved_plan"), reason="时段超出")
deed(planning.take_up_again, "clerk", plan=the("returned_plan"))
deed(planning.file_plan, "principal", plan=the("resolved_plan"), school=school)
deed(planning.filing_answered, envelope=the("filed_plan_filing"))
deed(planning.publish_plan, "principal", plan=the("accepted_plan"), school=school)
deed(planning.end_plan, "principal", plan=the("over_plan"))

AMENDED: dict[str, Any] = {"amendment": the("draft_amendment")}
deed(amending.begin_amendment, "clerk", plan=the("plan"), reason="增加名额")
deed(amending.change_numbers, "clerk", **AMENDED, participants=99,
     places=lambda w: {w.key("draft_amended"): 31})  # fmt: skip
deed(amending.add_group, "clerk", **AMENDED, new=an_activity, school=school)
deed(amending.add_cost, "clerk", **AMENDED, kind=CostKind.STAFF, title="报酬", amount=5, school=school)
deed(amending.take_out, "clerk", **AMENDED, key=lambda w: w.key("draft_amendment_cost"))
deed(amending.ask_about_words, "clerk", **AMENDED, school=school)
deed(amending.put_to_vote, "clerk", **AMENDED, school=school)
deed(amending.send_back, "principal", amendment=the("resolved_amendment"), reason="人数过多")
deed(amending.file_amendment, "principal", amendment=the("resolved_amendment"), school=school)
deed(amending.filing_answered, envelope=the("filed_amendment_filing"))
deed(amending.take_up_again, "clerk", amendment=the("returned_amendment"))
deed(amending.drop_amendment, "clerk", **AMENDED)
deed(amending.bring_into_force, "clerk", amendment=the("accepted_amendment"), school=school)

# --- enrolment -----------------------------------------------------------------------------------------------------


def _apply(world: World) -> Act:
    plan, child, guardian = world.the("plan"), world.the("new_child"), world.the("new_child_guardian")
    chosen = (world.the("second_activity"),)
    read = wording.texts(Wanted(world.school, plan, child, guardian, chosen, False)).sha256
    return partial(
        enrolment.submit_application, school=world.school, plan=plan, pupil=child, activities=chosen, read_sha256=read,
        goes_home_alone=False, signature=signing.drawn("M 40 120 L 200 60 L 380 160 M 420 40 L 430 200"),
        device="d" * 64, by=world.the("new_child_parent"), now=NOW,
    )  # fmt: skip


DEEDS[name_of(enrolment.submit_application)] = _apply
YES = {"is_approval": True}
deed(enrolment.review, "principal", application=the("submitted"), side=Side.SCHOOL, **YES)
deed(
    enrolment.review,
    "committee_chair",
    "the second side",
    application=the("half"),
    side=Side.COMMITTEE,
    **YES,
)
deed(
    enrolment.approve_many, "committee_chair", applications=lambda w: [w.the("submitted"), w.the("half")],
    side=Side.COMMITTEE,
)  # fmt: skip
deed(
    enrolment.approve_many, "committee_chair", "ticked the other way round",
    applications=lambda w: [w.the("half"), w.the("submitted")], side=Side.COMMITTEE,
)  # fmt: skip
deed(enrolment.withdraw, "waiting_child_parent", application=the("waiting"))
deed(enrolment.stop_waiting, "partly_child_parent", application=the("partly"))
deed(
    enrolment.exit_agreement,
    "partly_child_parent",
    "that waits in part",
    agreement=the("partly_agreement"),
    reason="搬家",
)
deed(enrolment.exit_agreement, "leaving_child_parent", agreement=the("leaving_agreement"), reason="搬家")
deed(enrolment.end_leavers)


def _ask_for_more(world: World) -> Act:
    agreement, activity = world.the("leaving_agreement"), world.the("third_activity")
    guardian = world.the("leaving_child_guardian")
    read = supplement_wording.text(Further(world.school, agreement, guardian, activity)).sha256
    return partial(
        supplements.submit_supplement, school=world.school, agreement=agreement, activity=activity, read_sha256=read,
        signature=signing.drawn("M 40 120 L 200 60 L 380 160 M 420 40 L 430 200"), device="d" * 64,
        by=world.the("leaving_child_parent"), now=NOW,
    )  # fmt: skip


DEEDS[name_of(supplements.submit_supplement)] = _ask_for_more
deed(
    supplements.review_supplement, "committee_chair", supplement=the("supplement"), side=Side.COMMITTEE, **YES
)
deed(
    supplements.review_supplement, "committee_chair", "and refuses", supplement=the("supplement"), side=Side.COMMITTEE,
    is_approval=False, reason="名额不够",
)  # fmt: skip
deed(
    enrolment.exit_agreement, "further_child_parent", "with a supplement", agreement=the("further_agreement"), reason="",
)  # fmt: skip
deed(supplements.withdraw_supplement, "further_child_parent", supplement=the("supplement"))

# --- staffing ------------------------------------------------------------------------------------------------------

deed(
    staffing.propose_candidate,
    "clerk",
    name="周老师",
    phone="+8613700009999",
    origin=Origin.PARENT,
    skills="",
)
CHECK = {
    "kind": "health", "checked_date": date(2026, 9, 20), "expires_date": None, "document_number": "2",
    "consent_at": NOW, "policy": policy,
}  # fmt: skip
PERSON = {"candidate": lambda w: w.the("teacher_contract").candidate}
deed(staffing.record_check, "principal", passed=True, **CHECK, **PERSON)
deed(staffing.record_check, "principal", "failed", passed=False, **CHECK, **PERSON)
deed(staffing.approve_candidate, "committee_chair", candidate=the("proposed_person"))
deed(staffing.refuse_candidate, "committee_chair", candidate=the("proposed_person"))
deed(
    staffing.sign_contract, "principal", candidate=the("approved_person"), from_date=TODAY, until_date=LAST,
    pay_fen=9000, school_name="湖滨区第一小学", policy=policy,
)  # fmt: skip
deed(clearance_actions.clear, "principal", contract=the("second_teacher_contract"), policy=policy)
for who in ("teacher", "second_teacher"):
    deed(clearance_actions.dismiss, "principal", who, contract=the(f"{who}_contract"), reason="不能胜任")
deed(clearance_actions.end_contract, "principal", contract=the("over_contract"))

# --- care ----------------------------------------------------------------------------------------------------------

ROOM = {"name": "新教室", "places": 30, "condition": Condition.GOOD}
deed(room_actions.keep_room, "clerk", room=None, **ROOM)
deed(room_actions.keep_room, "clerk", "changed", room=the("room"), **ROOM)
deed(
    room_actions.move_sessions, "clerk", sessions=lambda w: [w.the("planned_session"), w.the("later_session")],
    to=the("free_room"), reason="漏水",
)  # fmt: skip
deed(care.make_sessions, "clerk", plan=the("plan"), school=school)
for which in ("planned", "later"):
    deed(care.cancel_session, "principal", which, session=the(f"{which}_session"), reason="台风")
THIRD = {"contract": the("third_teacher_contract"), "role": DutyRole.RESPONSIBLE}
SECOND = {"contract": the("second_teacher_contract"), "role": DutyRole.RESPONSIBLE}
deed(duty_actions.assign, "clerk", session=the("empty_session"), **SECOND)
deed(duty_actions.assign_series, "clerk", activity=the("third_activity"), first_date=TODAY, **SECOND)
deed(duty_actions.substitute, "clerk", session=the("later_session"), **THIRD)
deed(duty_actions.swap, "clerk", first=the("duty"), second=the("later_duty"))
deed(duty_actions.swap, "clerk", "the other way round", first=the("later_duty"), second=the("duty"))
deed(duty_actions.take_off, "clerk", duty=the("later_duty"))
INCIDENT = {"summary": "擦伤", "happened_at": NOW}
deed(
    incident_actions.report_incident,
    "teacher",
    session=the("open_session"),
    pupil=the("present_child"),
    **INCIDENT,
)
deed(alarm_actions.see, "principal", alarm=the("alarm"))
deed(alarm_actions.escalate)
deed(alarm_actions.notice_missing)
DENIED = {"adult_id": lambda world: world.key("child_guardian"), "at": NOW}
deed(
    alarm_actions.denied,
    "teacher",
    session_id=lambda world: world.key("open_session"),
    pupil_id=lambda world: world.key("present_child"),
    **DENIED,
)
deed(alarm_actions.missing, "teacher", session=the("open_session"), pupil=the("present_child"), at=NOW)
deed(dispatch_actions.send_due)
deed(incident_actions.close_incident, "teacher", incident=the("incident"), outcome="已处理")
OPEN = {"session": the("open_session")}
deed(roll_actions.open_session, "teacher", session=the("planned_session"))
for action in (roll_actions.mark_present, roll_actions.mark_absent, roll_actions.mark_excused):
    deed(action, "teacher", pupil=the("expected_child"), **OPEN)
deed(
    roll_actions.hand_over,
    "teacher",
    pupil=the("present_child"),
    collector=the("present_child_guardian"),
    **OPEN,
)
deed(roll_actions.let_go_alone, "teacher", pupil=the("alone_child"), **OPEN)
deed(homeward_actions.say, "alone_parent", agreement=the("alone_agreement"), is_yes=False, seen=None)
deed(roll_actions.move_on, "teacher", pupil=the("present_child"), **OPEN)
deed(roll_actions.undo, "teacher", pupil=the("present_child"), **OPEN)
deed(roll_actions.open_late, "principal", session=the("unopened_session"), reason="手机没电")
deed(
    day_actions.cancel_day, "clerk", day=lambda w: w.the("later_session").date,
    sessions=lambda w: list(Session.objects.filter(date=w.the("later_session").date, state="planned")), reason="台风",
)  # fmt: skip
deed(
    restore_actions.restore, "clerk", sessions=lambda w: [w.the("called_off_session")], reason="台风没有登陆",
    now=NOW + timedelta(minutes=1),
)  # fmt: skip
deed(care.say_not_held, "principal", session=the("unopened_session"), reason="停电")
deed(roll_actions.see_late, "principal", session=the("old_session"))
deed(roll_actions.close_session, "teacher", session=the("done_session"), note="正常")


def _mend(world: World) -> Act:
    said = Deed(
        Kind.ABSENT, world.key("old_session"), NOW - timedelta(days=7), pupil_id=world.key("expected_child")
    )
    return partial(roll_actions.mend, deeds=[said], by=world.the("principal"), now=NOW)


def _gate(world: World, *, turned: bool) -> Act:
    """A phone's request over two sessions, and the same ids from another phone in the other order."""
    wanted = [("open_session", "expected_child", 1), ("planned_session", None, 2)]
    items = [
        {
            "kind": "present" if child else "open", "session": str(world.key(session)), "at": NOW.isoformat(),
            **({"pupil": str(world.key(child))} if child else {}), **({"note": "另一部手机"} if turned else {}),
        }
        for session, child, _number in wanted
    ]  # fmt: skip
    ids = [UUID(int=number) for _session, _child, number in wanted]
    sent = [operations.read(item, operation_id=one, now=NOW) for item, one in zip(items, ids, strict=True)]
    return partial(operations.apply, sent=sent[::-1] if turned else sent, by=world.the("teacher"), now=NOW)


DEEDS[name_of(roll_actions.mend)] = _mend
DEEDS[name_of(operations.apply)] = partial(_gate, turned=False)
DEEDS[f"{name_of(operations.apply)} (another phone)"] = partial(_gate, turned=True)

# --- voice ---------------------------------------------------------------------------------------------------------

deed(survey_actions.open_survey, "clerk", contract=the("teacher_contract"), term_code=TERM, closes_at=WEEK)
deed(survey_actions.answer_survey, "child_parent", invitation=the("survey_invitation"), score=5, comment="")
deed(survey_actions.close_survey, "clerk", survey=the("over_survey"))
deed(survey_actions.close_due)
deed(
    complaint_actions.complain, "child_parent", school=school, key=UUID(int=9),
    wanted=letterbox.Wanted(ComplaintKind.FEE, "请说明"),
)  # fmt: skip
deed(complaint_actions.answer, "principal", complaint=the("complaint"), text="已处理")
deed(complaint_actions.close, "child_parent", complaint=the("answered_complaint"))
deed(complaint_actions.escalate, "child_parent", complaint=the("answered_complaint"), school=school)
deed(complaint_actions.escalate_overdue, school=school)
