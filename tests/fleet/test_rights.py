"""Rights don't drift: what the code wants is what PostgreSQL holds, in old schools too, and never more for a moment."""

import pytest
from django.db import ProgrammingError, connection

from tenants import context, roles
from tenants.commands import status
from tenants.fleet import fingerprint, migrating, rights, template
from tests.fleet import stage
from tests.fleet.stage import NOON, migrations
from tests.fleet.test_migrating import MARK

TEMPLATE = "template_school"


def owner(statement, schema="public"):
    with context.as_owner(schema), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def in_school(school, statement):
    with context.in_school(school), connection.cursor() as cursor:
        cursor.execute(statement)


def may_not(place, statement):
    with place, connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(statement)


def said():
    return [str(gap) for gap in migrating.open_gaps()]


def test_a_fresh_city_and_its_schools_have_just_the_rights_that_the_code_wants(east, west):
    assert said() == []


def test_the_city_of_all_applications_has_just_its_rights(db):
    """With the price officer's columns and the tables that only grow."""
    assert said() == []


WIDER = {
    "table": ("GRANT UPDATE ON {s}.audit_entry TO {role}", "audit_entry, {role}: too much: UPDATE"),
    "column": (
        "GRANT UPDATE (verb) ON {s}.audit_entry TO {role}",
        "audit_entry, {role}: too much: UPDATE (verb)",
    ),
    "everybody": ("GRANT SELECT ON {s}.people_pupil TO PUBLIC", "people_pupil, PUBLIC: too much: SELECT"),
    "onward": (
        "GRANT SELECT ON {s}.people_pupil TO {role} WITH GRANT OPTION",
        "people_pupil, {role}: too much: SELECT WITH GRANT OPTION; lacks SELECT",
    ),
    "the_city": ("GRANT SELECT ON {s}.people_pupil TO {city}", "people_pupil, {city}: too much: SELECT"),
    "schema": (
        "GRANT CREATE, USAGE ON SCHEMA {s} TO {other}",
        "schema {s}, {other}: too much: CREATE, USAGE",
    ),
    "member": ("GRANT {city} TO {role}", "{city}, {role}: too much: MEMBER"),
    "narrower": ("REVOKE INSERT ON {s}.people_pupil FROM {role}", "people_pupil, {role}: lacks INSERT"),
}


@pytest.mark.parametrize("kind", WIDER)
def test_a_right_that_was_changed_by_hand_is_named_and_mended_and_nothing_else(east, west, kind, capsys):
    names = {
        "s": east.schema_name,
        "role": roles.of_school(east.schema_name),
        "other": roles.of_school(west.schema_name),
        "city": roles.of_city(),
    }
    statement, sentence = (text.format(**names) for text in WIDER[kind])
    owner(statement)
    (found,) = said()
    assert found.endswith(sentence)
    assert fingerprint.of(east.schema_name) != fingerprint.of(TEMPLATE)
    assert fingerprint.of(west.schema_name) == fingerprint.of(TEMPLATE)
    looked = status.look()
    assert (looked["rights"], looked["well"]) == ({"count": 1, "first": [found]}, False)
    status._say(looked)
    assert sentence in capsys.readouterr().out
    report = migrating.migrate(now=NOON)
    assert ([str(gap) for gap in report.rights], report.failures) == ([found], [])
    assert said() == []
    assert fingerprint.of(east.schema_name) == fingerprint.of(TEMPLATE)


def test_old_schools_follow_code_that_wants_less(east, west, monkeypatch):
    """A table that becomes append-only is so in the schools that were opened before, and first of all."""
    in_school(east, "DELETE FROM people_tie")
    monkeypatch.setattr(roles, "SCHOOL_APPEND_ONLY", (*roles.SCHOOL_APPEND_ONLY, "people_tie"))
    assert len(said()) == 3  # two schools and the template
    migrating.migrate(now=NOON)
    for school in (east, west):
        may_not(context.in_school(school), "DELETE FROM people_tie")
    monkeypatch.undo()
    migrating.migrate(now=NOON)
    in_school(east, "DELETE FROM people_tie")


def test_a_later_migrations_table_and_column_have_their_rights_in_old_schools(template_again, east, tmp_path):
    nick = "[migrations.AddField('pupil', 'nick', models.CharField(max_length=9, default='~'))]"
    with migrations(tmp_path, mark=MARK, nick=nick):
        migrating.migrate(now=NOON)
        in_school(east, "INSERT INTO people_mark (id, word) VALUES (gen_random_uuid(), 'x')")
        in_school(east, "UPDATE people_pupil SET nick = 'y'")
        assert said() == []
        assert fingerprint.of(east.schema_name) == fingerprint.of(TEMPLATE)


def test_a_table_that_is_renamed_has_the_rights_of_its_new_name_in_the_same_transaction(
    template_again, east, tmp_path, monkeypatch
):
    monkeypatch.setattr(roles, "SCHOOL_APPEND_ONLY", (*roles.SCHOOL_APPEND_ONLY, "people_remark"))
    monkeypatch.setattr(migrating, "_mend_schools", lambda _failures: None)  # what would mend it later
    with migrations(tmp_path, mark=MARK, rename="[migrations.RenameModel('Mark', 'Remark')]"):
        migrating.migrate(now=NOON)
        may_not(context.in_school(east), "DELETE FROM people_remark")
        assert said() == []


def test_an_archived_school_is_mended_too(east):
    from tenants import provisioning

    provisioning.archive_school(school=east, now=NOON)
    owner(f"GRANT UPDATE ON {east.schema_name}.audit_entry TO {roles.of_school(east.schema_name)}")
    assert len(migrating.migrate(now=NOON).rights) == 1
    assert said() == []


def test_the_bureaus_readers_follow_the_code(fleet):
    owner("GRANT SELECT ON public.audit_entry TO " + roles.of_bureau())
    owner("GRANT SELECT ON public.tenants_host TO " + roles.of_price())
    owner("REVOKE SELECT ON public.tenants_school FROM " + roles.of_bureau())
    assert len(said()) == 3
    migrating.migrate(now=NOON)
    assert said() == []
    may_not(context.as_bureau(), "SELECT 1 FROM audit_entry")
    may_not(context.as_price_bureau(), "SELECT 1 FROM tenants_host")
    with context.as_bureau():
        assert owner("SELECT count(*) >= 0 FROM tenants_school") == [(True,)]


def test_the_price_reader_gets_new_columns_and_loses_a_whole_table(db):
    """It sees columns, not tables (decision 10): a column that is added, one about children, a table given whole."""
    owner("ALTER TABLE oversight_schoolterm ADD COLUMN extra_fen bigint")
    assert [gap.wanted - gap.given for gap in migrating.open_gaps()] == [
        {rights.Right("SELECT", "extra_fen")}
    ]
    rights.mend(["public"])
    owner(f"GRANT SELECT ON oversight_schoolterm TO {roles.of_price()}")
    (gap,) = migrating.open_gaps()
    assert str(gap).endswith(f"{roles.of_price()}: too much: SELECT")
    rights.mend(["public"])
    assert said() == []
    with context.as_price_bureau(), connection.cursor() as cursor:
        cursor.execute("SELECT extra_fen, participants FROM oversight_schoolterm")
    may_not(context.as_price_bureau(), "SELECT complaints_forced FROM oversight_schoolterm")


def test_the_audit_log_is_never_writable_while_the_city_is_migrated(fleet, monkeypatch):
    """After every single statement of a migrate that mends, another connection asks; before, it was for a while."""
    owner(f"GRANT UPDATE ON public.audit_entry TO {roles.of_city()}")
    owner(f"GRANT DELETE ON public.tenants_term TO {roles.of_price()}")
    rights.mend(["public"])
    owner(f"REVOKE SELECT ON public.audit_entry FROM {roles.of_city()}")
    seen = []
    with stage.somebody_else() as other:
        other.autocommit = True

        def look(execute, sql, params, many, told):
            done = execute(sql, params, many, told)
            seen.extend(
                other.execute(
                    "SELECT has_table_privilege(%s, 'public.audit_entry', 'UPDATE, DELETE, TRUNCATE')",
                    [roles.of_city()],
                ).fetchone()
            )
            return done

        with connection.execute_wrapper(look):
            template.migrate_city(now=NOON)
    assert len(seen) > 3
    assert not any(seen)
    assert said() == []


def test_a_gap_is_closed_whole_or_not_at_all(east, monkeypatch):
    role = roles.of_school(east.schema_name)
    owner(f"GRANT UPDATE ON {east.schema_name}.audit_entry TO {role}")
    before = said()
    monkeypatch.setattr(rights.Gap, "statements", lambda self: iter(["REVOKE ALL ON nowhere FROM nobody"]))
    report = migrating.migrate(now=NOON)
    assert [(failure.school, failure.step) for failure in report.failures] == [(east, "rights")]
    monkeypatch.undo()
    assert said() == before
    migrating.migrate(now=NOON)
    assert said() == []


def test_roles_that_a_restored_backup_lacks_are_made_again(east):
    """A dump of one database brings no roles: they belong to the server."""
    role = roles.of_school(east.schema_name)
    owner(f"DROP OWNED BY {role}")
    owner(f"DROP ROLE {role}")
    assert len(said()) > 5
    migrating.migrate(now=NOON)
    assert said() == []
    in_school(east, "SELECT 1 FROM people_pupil")
    in_school(east, "SELECT 1 FROM tenants_term")


def test_a_view_made_by_hand_is_given_to_nobody(east):
    """It could show another school's rows with its owner's rights."""
    owner(f"CREATE VIEW {east.schema_name}.peep AS SELECT 1 AS one")
    owner(f"GRANT SELECT ON {east.schema_name}.peep TO {roles.of_school(east.schema_name)}")
    assert [gap.holder for gap in migrating.open_gaps()] == [("VIEW", "peep")]
    migrating.migrate(now=NOON)
    may_not(context.in_school(east), "SELECT * FROM peep")


def test_the_statements_keep_to_the_portable_subset(east):
    owner(f"GRANT UPDATE ON {east.schema_name}.audit_entry TO PUBLIC")
    for gap in migrating.open_gaps():
        for statement in gap.statements():
            assert statement.split()[0] in {"GRANT", "REVOKE"}
    migrating.migrate(now=NOON)
