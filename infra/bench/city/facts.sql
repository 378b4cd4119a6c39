-- The city's facts of three terms, set by set; what a school was really asked (days of the window, its running term) stays.
-- `size` is one row a school: its numbers from shape.py. `dice` are plain arithmetic on the school's number and the seed.

INSERT INTO oversight_termfact (
    id, school_id, term_code, pupils_on_roll, consultation_asked, consultation_yes, consultation_no, applications, waiting,
    participants, five_day_participants, hardship_participants, plan_state, plan_published_at, collector, fee_unit, fee_fen, cap_fen,
    weekly_minutes, survey_invited, survey_answers, survey_score_sum, survey_high, staff_contracted, staff_outside, staff_checks_valid,
    settled_at, surplus_fen, surplus_returned_fen, collector_due, settlement_due_date, surplus_due_date, version, computed_at)
SELECT gen_random_uuid(), school_id, code, pupils, pupils, participants, greatest(1, (pupils - participants) / 2), participants + dice %% 7, dice %% 5,
       participants, participants * (20 + dice %% 15) / 100, participants * (2 + dice %% 4) / 100,
       CASE WHEN is_over THEN 'ended' ELSE 'published' END, first_date - time '06:00', 'school', 'class_hour',
       cap - CASE WHEN dice %% 50 = 0 THEN -50 WHEN dice %% 3 = 0 THEN 50 ELSE 0 END, cap, 400,
       participants, answers, answers * 3 + answers * (110 + dice %% 60) / 100, answers * (82 + dice %% 15) / 100,
       hired, hired / 5, CASE WHEN dice %% 40 = 0 THEN hired - 1 ELSE hired END,
       CASE WHEN is_over AND dice %% 33 > 0 THEN last_date + time '04:00' END, CASE WHEN is_over AND dice %% 33 > 0 THEN participants * 900 END,
       CASE WHEN is_over AND dice %% 33 > 0 THEN participants * 900 END, 'school', last_date, last_date + 15, %(version)s, %(now)s
FROM (SELECT *, participants * (45 + dice %% 40) / 100 AS answers, participants / 40 + 1 AS hired,
             CASE WHEN kind = 'rural' THEN 300 ELSE 350 END AS cap
      FROM (SELECT size.*, school.kind, term.code, term.first_date, term.last_date, term.last_date < %(today)s AS is_over,
                   (size.number * 7919 + extract(year FROM term.first_date)::int * 104729 + %(seed)s * 31) %% 9973 AS dice
            FROM unnest(%(schools)s::uuid[], %(numbers)s::int[], %(pupils)s::int[], %(participants)s::int[])
                     AS size (school_id, number, pupils, participants)
            JOIN tenants_school AS school ON school.id = size.school_id CROSS JOIN tenants_term AS term) AS diced) AS sized
ON CONFLICT DO NOTHING;

INSERT INTO oversight_monthfact (
    id, school_id, month, term_code, charged_fen, waived_fen, received_fen, staff_fen, materials_fen, other_fen, refunded_fen,
    statement_due_date, statement_published_at, statement_sha256, complaints, complaints_forced, complaints_answered_in_time,
    complaints_overdue, complaints_illegal_teaching, complaints_fee, complaints_safety, complaints_staff, complaints_content,
    complaints_late, complaints_repeated, complaints_waiting, complaints_unheard, complaints_unheard_in_time,
    complaints_unheard_repeated, complaints_unheard_waiting, version, computed_at)
SELECT gen_random_uuid(), school_id, to_char(month, 'YYYY-MM'), code, charged, charged * (2 + dice %% 3) / 100, charged * 97 / 100,
       charged * (80 + dice %% 12) / 100, charged * (3 + dice %% 4) / 100, charged / 100,
       CASE WHEN is_last AND is_over THEN participants * 900 ELSE 0 END, due,
       CASE WHEN due >= %(today)s OR dice %% 61 = 0 THEN NULL WHEN dice %% 29 = 0 THEN due + time '04:00' + interval '3 days'
            ELSE due - time '20:00' END,
       CASE WHEN due >= %(today)s OR dice %% 61 = 0 THEN '' ELSE md5(school_id || to_char(month, 'YYYY-MM')) || md5(code) END,
       complaints, complaints / 4, complaints - complaints / 5, 0, complaints / 6, complaints / 6, complaints / 7,
       complaints / 7, complaints / 8, complaints / 5, complaints / 8, 0, 0, 0, 0, 0, %(version)s, %(now)s
FROM (SELECT size.*, term.code, term.last_date < %(today)s AS is_over, month, month = date_trunc('month', term.last_date) AS is_last,
             (month + interval '1 month')::date + 9 AS due, size.participants * 6600::bigint AS charged, dice,
             CASE WHEN dice %% 11 = 0 THEN 1 + size.participants / 800 WHEN dice %% 401 = 0 THEN 9 ELSE 0 END AS complaints
      FROM unnest(%(schools)s::uuid[], %(numbers)s::int[], %(participants)s::int[]) AS size (school_id, number, participants)
      CROSS JOIN tenants_term AS term
      CROSS JOIN LATERAL generate_series(date_trunc('month', term.first_date), least(term.last_date, %(today)s), '1 month') AS month
      CROSS JOIN LATERAL (SELECT (size.number * 6287 + extract(epoch FROM month)::bigint / 86400 * 97 + %(seed)s * 31) %% 9973 AS dice) AS diced
     ) AS sized
ON CONFLICT DO NOTHING;

INSERT INTO oversight_dayfact (
    id, school_id, date, sessions_planned, sessions_held, sessions_cancelled, class_hours, expected, present, excused, handed_over,
    pupil_minutes, staff, duties_without_clearance, incidents, version, computed_at)
SELECT gen_random_uuid(), school_id, day, hired, hired, 0, hired * 2, expected, present, expected * 2 / 100, present,
       present::bigint * (60 + dice %% 15), hired, CASE WHEN dice %% 997 = 0 THEN 1 ELSE 0 END, CASE WHEN dice %% 499 = 0 THEN 1 ELSE 0 END,
       %(version)s, %(now)s
FROM (SELECT size.school_id, day::date AS day, size.participants / 40 + 1 AS hired, size.participants * 55 / 100 AS expected,
             size.participants * (500 + dice %% 40) / 1000 AS present, dice
      FROM unnest(%(schools)s::uuid[], %(numbers)s::int[], %(participants)s::int[]) AS size (school_id, number, participants)
      CROSS JOIN tenants_term AS term
      CROSS JOIN LATERAL generate_series(term.first_date, least(term.last_date, %(today)s), '1 day') AS day
      CROSS JOIN LATERAL (SELECT (size.number * 5113 + extract(epoch FROM day)::bigint / 86400 * 89 + %(seed)s * 31) %% 9973 AS dice) AS diced
      WHERE extract(isodow FROM day) < 6) AS sized
ON CONFLICT DO NOTHING;

INSERT INTO oversight_classfact (
    id, school_id, term_code, class_id, class_name, grade, pupils, participants, asked_answers, asked_no, consents, consents_in_burst,
    consents_one_device, consents_before_close, version, computed_at)
SELECT gen_random_uuid(), school_id, term_code, md5(school_id || '/' || place)::uuid, (place %% 6 + 1) || '年级' || place / 6 + 1 || '班',
       place %% 6 + 1, 45, joined, 44, 45 - joined, joined, 3 + dice %% 4, 1, 0, %(version)s, %(now)s
FROM (SELECT size.school_id, term.code AS term_code, place, dice, CASE WHEN dice %% 701 = 0 THEN 45 ELSE 25 + dice %% 17 END AS joined
      FROM unnest(%(schools)s::uuid[], %(numbers)s::int[], %(pupils)s::int[]) AS size (school_id, number, pupils)
      CROSS JOIN tenants_term AS term CROSS JOIN LATERAL generate_series(0, size.pupils / 45) AS place
      CROSS JOIN LATERAL (SELECT (size.number * 4871 + place * 89 + %(seed)s * 31) %% 9973 AS dice) AS diced
      WHERE NOT EXISTS (SELECT FROM oversight_classfact AS asked WHERE asked.school_id = size.school_id AND asked.term_code = term.code)) AS sized
ON CONFLICT DO NOTHING;
