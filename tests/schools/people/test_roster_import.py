"""Roster import: what schools really keep comes in right, twice is once, and nothing by halves."""

import io
from datetime import UTC, date, datetime

import pytest

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.kernel.ids import uuid7
from afterbell.outbox.models import Mark
from schools.people.models import Guardian, Pupil, Relation, RosterImport, SchoolClass, Tie
from schools.people.roster import actions, intake
from tenants.context import in_school
from tests.city import NOON
from tests.makers import a_term, a_user
from tests.schools.people.books import HEAD, LI, TODAY, WANG, book, load, opened, take

pytestmark = pytest.mark.django_db
NEXT_YEAR = date(2027, 9, 1)


def pupils() -> dict[str, str]:
    return dict(Pupil.objects.values_list("number", "name"))


def adults_of(number: str) -> set[tuple[str, str]]:
    return set(Tie.objects.filter(pupil__number=number).values_list("guardian__name", "guardian__phone"))


def test_the_untidy_sample_comes_in_whole(north, samples):
    with in_school(north):
        done = load((samples / "good.xlsx").read_bytes())
        assert (done.rows, done.created, done.missing) == (7, 6, 0)
        assert pupils() == {
            "00123456": "李小明",
            "00123457": "王芳芳",
            "00123458": "陈晓东",
            "G330102201901011234": "林小雨",
            "00123459": "赵一诺",
            "00123460": "阿依古丽·买买提",
        }
        assert adults_of("00123456") == {("李强", "+8613800138000"), ("王芳", "+8613900139000")}
        assert adults_of("00123457") == {("王建国", "+8613800138001")}
        assert adults_of("00123458") == {("陈大文", "+8613800138002"), ("林静", "+8613900139002")}
        assert adults_of("G330102201901011234") == {("林海", "+8613800138003"), ("赵霞", "+8613900139003")}
        assert adults_of("00123459") == {("赵霞", "+8613900139003"), ("林海", "+8613800138003")}
        assert set(SchoolClass.objects.values_list("name", "grade", "entry_year")) == {
            ("一年级1班", 1, 2026),
            ("一年级2班", 1, 2026),
            ("二年级3班", 2, 2025),
            ("三年级1班", 3, 2024),
        }
        assert Guardian.objects.filter(phone="+8613900139003").count() == 1


def test_every_adult_gets_a_login_without_a_password_and_may_sign_and_collect(north):
    with in_school(north):
        load(book(LI))
        user = User.objects.get(phone="+8613800138000")
        assert (user.name, user.has_usable_password()) == ("李强", False)
        assert user.rights.scopes.keys() == {Role.GUARDIAN}
        assert user.guardian.ties.get().may_sign
        assert user.guardian.ties.get().may_collect


def test_a_teachers_number_is_left_out_and_named(north):
    """S1: a file makes no member of staff a child's adult; the office asks on the pupil's page."""
    with in_school(north):
        teacher = a_user("class_teacher", name="李老师", phone="+8613800138000")
        done = load(book(LI))
        assert set(Assignment.objects.filter(user=teacher).values_list("role", flat=True)) == {
            "class_teacher"
        }
        assert not Guardian.objects.filter(phone=teacher.phone).exists()
        assert [out["why"] for out in done.left_out] == ["staff"]


def test_a_teacher_without_a_number_is_known_by_name_as_on_the_page(north):
    with in_school(north):
        a_user("care_staff", name="周老师")
        done = load(book((*LI[:3], "李强、周 老师", "13800138000、13911112222")))
        assert not Guardian.objects.filter(phone="+8613911112222").exists()
        assert [out["why"] for out in done.left_out] == ["staff"]


def test_a_teacher_who_is_tied_already_keeps_one_user_with_both_roles(north):
    with in_school(north):
        load(book(LI))
        teacher = User.objects.get(phone="+8613800138000")
        Assignment.objects.create(user=teacher, role="class_teacher")
        done = load(book(LI))
        assert done.left_out == []
        assert teacher.guardian.ties.get().may_sign


def test_who_imports_gives_no_role_to_the_own_account(north):
    with in_school(north):
        clerk = a_user("clerk", phone="+8613800138000")
        load(book(LI), by=clerk)
        assert list(Assignment.objects.filter(user=clerk).values_list("role", flat=True)) == ["clerk"]


def test_a_second_import_changes_nothing(north, samples):
    with in_school(north):
        data = (samples / "good.xlsx").read_bytes()
        load(data)
        before = [model.objects.count() for model in (Pupil, Guardian, Tie, User, Assignment, SchoolClass)]
        again = load(data)
        assert [
            model.objects.count() for model in (Pupil, Guardian, Tie, User, Assignment, SchoolClass)
        ] == before
        assert (again.created, again.updated, again.moved, again.missing) == (0, 0, 0, 0)


def test_a_second_import_moves_renames_and_adds(north):
    with in_school(north):
        load(book(LI, WANG))
        changed = ("00123", "李晓明", "一年级2班", "李强、赵敏", "13800138000、13900139001", "同一人")
        done = load(book(changed, WANG, head=(*HEAD, "核对")))
        pupil = Pupil.objects.select_related("school_class").get(number="00123")
        assert (pupil.name, pupil.school_class.name) == ("李晓明", "一年级2班")
        assert (done.created, done.updated, done.moved) == (0, 1, 1)
        assert adults_of("00123") == {("李强", "+8613800138000"), ("赵敏", "+8613900139001")}


def test_pupils_who_are_not_in_the_file_are_listed_and_stay(north):
    with in_school(north):
        load(book(LI, WANG))
        found = take(book(LI))
        assert [pupil.number for pupil in found.plan.missing] == ["00124"]
        assert load(book(LI)).missing == 1
        assert Pupil.objects.get(number="00124").left_date is None


def test_missing_pupils_leave_only_when_they_are_named(north):
    with in_school(north):
        load(book(LI, WANG))
        gone = Pupil.objects.get(number="00124")
        load(book(LI), leaving=[gone.pk])
        assert Pupil.objects.get(number="00124").left_date == TODAY
        with pytest.raises(actions.NotMissing):
            load(book(LI), leaving=[Pupil.objects.get(number="00123").pk])


def test_a_pupil_who_had_left_and_is_in_the_file_again_comes_back(north):
    with in_school(north):
        load(book(LI, WANG))
        load(book(LI), leaving=[Pupil.objects.get(number="00124").pk])
        done = load(book(LI, WANG))
        assert (done.created, done.updated) == (0, 1)
        assert Pupil.objects.get(number="00124").left_date is None


def test_a_class_stays_one_class_when_it_moves_up(north):
    with in_school(north):
        load(book(LI))
        before = SchoolClass.objects.get()
        done = load(
            book(("00123", "李小明", "二年级1班", "李强", "13800138000")),
            today=NEXT_YEAR,
            now=datetime(2027, 9, 1, tzinfo=UTC),
        )
        after = SchoolClass.objects.get()
        assert (after.pk, after.grade, after.name) == (before.pk, 2, "二年级1班")
        assert done.moved == 0


def test_an_import_never_opens_a_denied_or_ended_tie(north):
    """S24: a file lifts no denial."""
    with in_school(north):
        load(book(LI, WANG))
        Tie.objects.filter(pupil__number="00123").update(
            is_denied=True, denied_reason="法院文书", may_sign=False, may_collect=False
        )
        Tie.objects.filter(pupil__number="00124").update(ended_at=NOON, may_sign=False, may_collect=False)
        plan = take(book(LI, WANG)).plan
        assert [out.why for out in plan.left_out] == ["denied", "ended"]
        load(book(LI, WANG))
        assert Tie.objects.get(pupil__number="00123").is_denied
        assert Tie.objects.get(pupil__number="00124").ended_at is not None
        assert not Tie.objects.filter(may_sign=True).exists()


def test_rights_given_by_people_are_not_touched_by_a_file(north):
    with in_school(north):
        load(book(LI))
        Tie.objects.update(may_sign=False)
        load(book(LI))
        assert not Tie.objects.get().may_sign


def test_headings_of_father_and_mother_say_the_relation(north):
    head = ("全国学籍号", "学生 姓名*", "所在班级（必填）", "父亲姓名", "联系电话", "母亲姓名", "联系电话")
    row = ("00123", "李小明", "一年级1班", "李强", "13800138000", "王芳", "13900139000")
    with in_school(north):
        load(book(row, head=head))
        assert set(Tie.objects.values_list("guardian__name", "relation")) == {
            ("李强", Relation.FATHER),
            ("王芳", Relation.MOTHER),
        }


def test_hidden_zeros_of_a_number_format_are_kept(north):
    with in_school(north):
        load(book((123, *LI[1:]), formats={"学籍号": "00000"}))
        assert pupils() == {"00123": "李小明"}


def test_without_its_zeros_a_known_pupil_is_a_flaw_and_never_a_second_pupil(north):
    with in_school(north):
        load(book(LI))
        plan = take(book((123, *LI[1:]))).plan
        assert "00123" in plan.flaws[0].reason
        assert plan.flaws[0].spot.cell == "A3"


def test_nothing_is_written_while_one_row_is_wrong(north):
    with in_school(north):
        with pytest.raises(actions.NotRight):
            load(book(LI, ("", *WANG[1:])))
        counts = [
            model.objects.count() for model in (Pupil, Guardian, Tie, User, RosterImport, SchoolClass, Entry)
        ]
        assert counts == [0] * 7


def test_nothing_is_written_when_writing_fails_half_way(north, monkeypatch):
    """The last row of all: whatever was written before it goes with it."""
    with in_school(north):
        found = take(book(LI, WANG))
        found.plan.new_ties[-1].relation = "nobody"
        with pytest.raises(actions.Changed):
            actions.apply(
                plan=found.plan,
                source=actions.Source(uuid7(), "x", "0" * 64),
                by=None,
                now=NOON,
                tick=intake.silent,
            )
        assert [model.objects.count() for model in (Pupil, Guardian, Tie, User, RosterImport)] == [0] * 5


def test_the_same_upload_is_applied_once(north):
    with in_school(north):
        source = actions.Source(uuid7(), "名册.xlsx", "0" * 64)
        actions.apply(plan=take(book(LI)).plan, source=source, by=None, now=NOON, tick=intake.silent)
        with pytest.raises(actions.AlreadyApplied):
            actions.apply(plan=take(book(LI)).plan, source=source, by=None, now=NOON, tick=intake.silent)


def test_one_audit_entry_with_counts_and_nobodys_name(north):
    with in_school(north):
        clerk = a_user("clerk")
        load(book(LI, WANG), by=clerk)
        entry = Entry.objects.get(verb="people.roster.apply")
        assert (entry.by_id, entry.details["created"], entry.details["new_guardians"]) == (clerk.pk, 2, 2)
        assert "李" not in str(entry.details)


def test_the_roll_is_marked_for_the_roll_up(north):
    a_term()
    with in_school(north):
        load(book(LI))
        assert set(Mark.objects.values_list("grain", "bucket")) == {
            ("day", "2026-09-01"),
            ("month", "2026-09"),
            ("term", "2026-2027-1"),
        }


def test_progress_counts_up_to_the_end(north, samples):
    seen: list[tuple[int, int]] = []
    with in_school(north):
        found = intake.take(
            (samples / "big.xlsx").read_bytes(), today=TODAY, tick=lambda done, of: seen.append((done, of))
        )
    assert found.plan.is_right
    assert seen[0] == (200, 3000)
    assert seen[-1] == (3000, 3000)
    assert seen == sorted(seen)


def test_a_school_of_three_thousand_takes_few_statements(north, samples, django_assert_max_num_queries):
    """Set-based: the statements grow by batches of 500 rows, not by pupils."""
    with in_school(north), django_assert_max_num_queries(110):
        done = load((samples / "big.xlsx").read_bytes())
    assert done.created == 3000
    with in_school(north):
        assert Guardian.objects.filter(user__isnull=False).count() == 5000


def test_several_sheets_are_one_roster_and_others_are_left_alone(north):
    made = opened(book(LI))
    second = made.create_sheet("二班")
    for row in (HEAD, WANG):
        second.append(row)
    made.create_sheet("说明").append(["填表说明"])
    hidden = made.create_sheet("旧")
    for row in (HEAD, ("009", "旧生", "一年级1班", "旧", "13800138009")):
        hidden.append(row)
    hidden.sheet_state = "hidden"
    with in_school(north):
        load(saved(made))
        assert pupils() == {"00123": "李小明", "00124": "王芳芳"}


def test_a_class_cell_merged_over_its_pupils_counts_for_all_of_them(north):
    made = opened(book(LI, ("00124", "王芳芳", "", "王建国", "13800138001")))
    made["Sheet1"].merge_cells("C3:C4")
    with in_school(north):
        load(saved(made))
        assert set(Pupil.objects.values_list("school_class__name", flat=True)) == {"一年级1班"}


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
