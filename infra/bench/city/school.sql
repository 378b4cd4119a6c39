-- One school's rows, set by set. %%(name)s are ids' beginnings and numbers (infra.bench.city.fill); an id is its kind's
-- beginning and a number in hexadecimal, so that rows find each other without a join. Every constraint holds.

-- the ground: classes, children, one adult each
INSERT INTO people_schoolclass (id, entry_year, grade, number, name)
SELECT (%(klass)s || lpad(to_hex(n), 12, '0'))::uuid, 2027 - grade, grade, n / %(grades)s + 1, grade || '年级' || n / %(grades)s + 1 || '班'
FROM (SELECT n, %(first_grade)s + n %% %(grades)s AS grade FROM generate_series(0, %(classes)s - 1) AS n) AS numbered;

INSERT INTO people_pupil (id, number, name, school_class_id, joined_date, left_date, is_hardship)
SELECT (%(pupil)s || lpad(to_hex(n), 12, '0'))::uuid, 'G' || %(code)s || lpad(n::text, 6, '0'), '学生' || n,
       (%(klass)s || lpad(to_hex(n %% %(classes)s), 12, '0'))::uuid, '2026-09-01', NULL, n %% 29 = 0
FROM generate_series(0, %(pupils)s - 1) AS n;

INSERT INTO people_guardian (id, name, phone, user_id)
SELECT (%(guardian)s || lpad(to_hex(n), 12, '0'))::uuid, '家长' || n, '+86139' || lpad(n::text, 8, '0'), NULL
FROM generate_series(0, %(pupils)s - 1) AS n;

INSERT INTO people_tie (id, guardian_id, pupil_id, relation, may_sign, may_collect, is_denied, denied_reason, ended_at)
SELECT (%(tie)s || lpad(to_hex(n), 12, '0'))::uuid, (%(guardian)s || lpad(to_hex(n), 12, '0'))::uuid,
       (%(pupil)s || lpad(to_hex(n), 12, '0'))::uuid, 'mother', true, true, false, '', NULL
FROM generate_series(0, %(pupils)s - 1) AS n;

-- asked, planned, published
INSERT INTO planning_consultation (id, term_code, title, text, state, closes_at, opened_at, closed_at, asked, yes, no, undecided)
VALUES (%(consultation)s, %(term)s, '课后服务意愿征询', '请您选择。', 'closed', %(before)s, %(before)s, %(before)s,
        %(pupils)s, %(participants)s, (%(pupils)s - %(participants)s) / 2, 0);

INSERT INTO planning_plan (id, term_code, version, name, consultation_id, state, first_date, last_date, fee_unit, fee_fen, cap_fen,
                           collector, expected_participants, resolution_id, filing_id, fee_notice_id, published_at, created_at,
                           end_reason, return_reason)
VALUES (%(plan)s, %(term)s, 1, '课后服务方案', %(consultation)s, 'published', '2026-09-01', '2027-01-22', 'class_hour', 300, 300,
        'school', %(participants)s, %(plan)s, %(plan)s, %(plan)s, %(before)s, %(before)s, '', '');

INSERT INTO care_room (id, name, places, condition)
SELECT (%(room)s || lpad(to_hex(g), 12, '0'))::uuid, '教学楼' || g + 1 || '室', 50, 'good' FROM generate_series(0, %(groups)s - 1) AS g;

INSERT INTO planning_activity (id, plan_id, title, kind, weekday, starts, ends, room_id, grade_from, grade_to, capacity, taken)
SELECT (%(activity)s || lpad(to_hex(g * 8 + weekday), 12, '0'))::uuid, %(plan)s, '第' || g + 1 || '组',
       (ARRAY['homework', 'reading', 'sport', 'art', 'science', 'club'])[g %% 6 + 1], weekday, '16:00', '17:20',
       (%(room)s || lpad(to_hex(g), 12, '0'))::uuid, 1, 9, 50, 0
FROM generate_series(0, %(groups)s - 1) AS g, generate_series(1, 5) AS weekday;

-- joined
INSERT INTO enrolment_application (id, number, plan_id, pupil_id, guardian_id, state, text, text_sha256, agreement_text,
                                   "placing", goes_home_alone, signature_mode, signature, device, submitted_at, decided_at, waiting_since)
SELECT (%(application)s || lpad(to_hex(n), 12, '0'))::uuid, 'A' || n, %(plan)s, (%(pupil)s || lpad(to_hex(n), 12, '0'))::uuid,
       (%(guardian)s || lpad(to_hex(n), 12, '0'))::uuid, 'approved', '申请表', repeat('0', 64), '协议', 'all', false, 'drawn', 'M 1 1 L 9 9',
       md5(n::text) || md5(n::text), %(before)s::timestamptz - n * interval '97 seconds', %(before)s, NULL
FROM generate_series(0, %(participants)s - 1) AS n;

INSERT INTO enrolment_chosenactivity (id, application_id, activity_id, holds_place, placed_from, placed_at)
SELECT (%(choice)s || lpad(to_hex(n * 8 + weekday), 12, '0'))::uuid, (%(application)s || lpad(to_hex(n), 12, '0'))::uuid,
       (%(activity)s || lpad(to_hex(n / %(group)s * 8 + weekday), 12, '0'))::uuid, true, '2026-09-01', %(before)s
FROM generate_series(0, %(participants)s - 1) AS n, generate_series(1, 5) AS weekday
WHERE n * 37 %% 100 < %(whole_week)s OR weekday = n %% 5 + 1 OR weekday = (n + 2) %% 5 + 1;

UPDATE planning_activity SET taken = chosen.children
FROM (SELECT activity_id, count(*) AS children FROM enrolment_chosenactivity GROUP BY activity_id) AS chosen
WHERE chosen.activity_id = planning_activity.id;

INSERT INTO enrolment_agreement (id, number, application_id, pupil_id, plan_id, state, text, text_sha256, guardian_signed_at,
                                 school_signed_at, school_signed_by_id, from_date, until_date, ended_at, end_reason, goes_home_alone)
SELECT (%(agreement)s || lpad(to_hex(n), 12, '0'))::uuid, 'X' || n, (%(application)s || lpad(to_hex(n), 12, '0'))::uuid,
       (%(pupil)s || lpad(to_hex(n), 12, '0'))::uuid, %(plan)s, 'active', '协议', repeat('0', 64), %(before)s, %(before)s, %(user)s,
       '2026-09-01', '2027-01-22', NULL, '', false
FROM generate_series(0, %(participants)s - 1) AS n;

-- hired: one person a group, with the four checks
INSERT INTO staffing_candidate (id, name, phone, origin, skills, state, resolution_id, user_id, proposed_at)
SELECT (%(candidate)s || lpad(to_hex(g), 12, '0'))::uuid, '教师' || g, '+86137' || lpad(g::text, 8, '0'),
       CASE WHEN g %% 5 = 0 THEN 'professional' ELSE 'school' END, '', 'approved', %(plan)s, NULL, %(before)s
FROM generate_series(0, %(groups)s - 1) AS g;

INSERT INTO staffing_check (id, candidate_id, kind, passed, checked_date, expires_date, document_number, consent_at, by_id, recorded_at)
SELECT (%(check)s || lpad(to_hex(g * 8 + k), 12, '0'))::uuid, (%(candidate)s || lpad(to_hex(g), 12, '0'))::uuid,
       (ARRAY['identity', 'qualification', 'health', 'criminal_record'])[k], g %% 97 <> 96 OR k <> 3, '2026-08-20', '2027-08-19',
       'D' || g * 8 + k, %(before)s, %(user)s, %(before)s
FROM generate_series(0, %(groups)s - 1) AS g, generate_series(1, 4) AS k;

INSERT INTO staffing_contract (id, number, candidate_id, state, from_date, until_date, pay_fen, text, text_sha256, signed_at,
                               ended_date, end_reason)
SELECT (%(contract)s || lpad(to_hex(g), 12, '0'))::uuid, 'P' || g, (%(candidate)s || lpad(to_hex(g), 12, '0'))::uuid, 'active',
       '2026-09-01', '2027-01-22', 5500, '聘用协议', repeat('0', 64), %(before)s, NULL, ''
FROM generate_series(0, %(groups)s - 1) AS g;

INSERT INTO staffing_clearance (id, contract_id, from_date, until_date)
SELECT (%(clearance)s || lpad(to_hex(g), 12, '0'))::uuid, (%(contract)s || lpad(to_hex(g), 12, '0'))::uuid, '2026-09-01', '2027-01-22'
FROM generate_series(0, %(groups)s - 1) AS g;

-- the days: a session a group and day (one in 61 cancelled), its teacher, the roll, the handovers
INSERT INTO care_session (id, activity_id, room_id, date, starts_at, ends_at, planned_units, state, unaccounted, note, opened_at,
                          closed_at, closed_by_id, cancel_reason, late_reason)
SELECT (%(session)s || lpad(to_hex(g * 1024 + place), 12, '0'))::uuid,
       (%(activity)s || lpad(to_hex(g * 8 + extract(isodow FROM day)::int), 12, '0'))::uuid,
       (%(room)s || lpad(to_hex(g), 12, '0'))::uuid, day, day + time '08:00' AT TIME ZONE 'UTC', day + time '09:20' AT TIME ZONE 'UTC', 2,
       CASE WHEN off THEN 'cancelled' ELSE 'closed' END, 0, CASE WHEN off THEN '' ELSE '作业辅导，全部完成。' END,
       CASE WHEN off THEN NULL ELSE day + time '08:00' AT TIME ZONE 'UTC' END,
       CASE WHEN off THEN NULL ELSE day + time '09:30' AT TIME ZONE 'UTC' END,
       CASE WHEN off THEN NULL ELSE %(user)s::uuid END, CASE WHEN off THEN '台风停课' ELSE '' END, ''
FROM (SELECT g, place, day, %(may_cancel)s AND (g * 20 + place + %(number)s) %% 61 = 60 AS off
      FROM generate_series(0, %(groups)s - 1) AS g, unnest(%(days)s::date[]) WITH ORDINALITY AS days (day, place)) AS planned;

INSERT INTO care_duty (id, session_id, date, clearance_id, clear_from_date, clear_until_date, role)
SELECT (%(duty)s || right(id::text, 12))::uuid, id, date,
       (%(clearance)s || lpad(to_hex(('x' || right(id::text, 12))::bit(48)::bigint / 1024), 12, '0'))::uuid,
       '2026-09-01', '2027-01-22', 'responsible'
FROM care_session WHERE state = 'closed';

INSERT INTO care_rollentry (id, session_id, agreement_id, pupil_id, state, arrived_at, left_at)
SELECT (%(entry)s || lpad(to_hex(n * 1024 + place), 12, '0'))::uuid, session_id, (%(agreement)s || lpad(to_hex(n), 12, '0'))::uuid,
       (%(pupil)s || lpad(to_hex(n), 12, '0'))::uuid, state,
       CASE state WHEN 'left' THEN starts_at + dice %% 7 * interval '1 minute' END,
       CASE state WHEN 'left' THEN ends_at + (dice %% 41 - 30) * interval '1 minute' END
FROM (SELECT session.id AS session_id, starts_at, ends_at, n, place, dice,
             CASE WHEN dice %% 100 < 2 THEN 'excused' WHEN dice %% 100 < 5 THEN 'absent' ELSE 'left' END AS state
      FROM unnest(%(days)s::date[]) WITH ORDINALITY AS days (day, place)
      CROSS JOIN LATERAL (
          SELECT n, (n * 7919 + place * 104729 + %(number)s * 31 + %(seed)s * 17) %% 10007 AS dice
          FROM generate_series(0, %(participants)s - 1) AS n
          WHERE n * 37 %% 100 < %(whole_week)s OR extract(isodow FROM day) IN (n %% 5 + 1, (n + 2) %% 5 + 1)
      ) AS children
      JOIN care_session AS session
        ON session.id = (%(session)s || lpad(to_hex(n / %(group)s * 1024 + place), 12, '0'))::uuid AND session.state = 'closed') AS rolled;

INSERT INTO care_handover (id, entry_id, way, collector_id, at, by_id, undone_at)
SELECT (%(handover)s || right(id::text, 12))::uuid, id, 'adult', (%(guardian)s || right(pupil_id::text, 12))::uuid, left_at, %(user)s, NULL
FROM care_rollentry WHERE state = 'left';
