-- What each client runs, one statement a line: STATEMENT, STATEMENT => RESULT as text, or
-- STATEMENT =>! PART OF THE ERROR. {dir} is a directory. A line that begins with ~ is a query
-- that must return the same for {t} = teamup_customers and for the table everyone.
CALL teamup_demo(customers := 3000) => teamup_customers() now reads from the embedded report of 3000 customers
SELECT (count(*) > 2000)::VARCHAR FROM teamup_customers => true
SELECT (count(email) > 500)::VARCHAR FROM teamup_customers() WHERE is_active AND created_at >= '2025-01-01' => true
SELECT (parameters['is_active'] || ' ' || parameters['created_at_gte'])::VARCHAR FROM teamup_requests ORDER BY time DESC LIMIT 1 => true 2024-12-31T23:59:59Z
COPY (SELECT id, 'note ' || id AS note FROM teamup_customers WHERE is_active ORDER BY id LIMIT 5) TO '{dir}/notes.csv'
SELECT count(email || note)::VARCHAR FROM teamup_customers JOIN '{dir}/notes.csv' USING (id) => 5
SELECT column_name FROM (DESCRIBE teamup_customers) LIMIT 1 => id
SELECT (count(*) > 10)::VARCHAR FROM (SUMMARIZE teamup_customers) => true
SET teamup_provider_id = 7
SELECT current_setting('teamup_provider_id')::VARCHAR => 7
RESET teamup_provider_id
FROM teamup_customers(ids := [0]) =>! ids: 0 is not allowed
FROM teamup_customers(no_such := 1) =>! no_such
CALL teamup_demo(customers := -1) =>! -1 is not a number of customers from 1 to 1,000,000
CREATE TABLE everyone AS FROM teamup_customers
CREATE TABLE picks AS SELECT id FROM everyone WHERE id % 53 = 0
SELECT (requests IS NULL OR requests < 31)::VARCHAR || outcome FROM teamup_explain('FROM teamup_customers WHERE is_active') => trueexact
~ SELECT concat_ws(' ', count(*), min(id), max(created_at)) FROM {t} WHERE is_active AND created_at >= '2025-06-01'
~ SELECT count(*)::VARCHAR FROM {t} c JOIN picks p USING (id) WHERE NOT is_active
~ SELECT count(*)::VARCHAR FROM {t} a, {t} b WHERE a.id = b.id AND a.is_active AND b.created_at < '2025-01-01'
~ WITH c AS (SELECT * FROM {t} WHERE age BETWEEN 20 AND 30) SELECT concat_ws(' ', count(*), sum(age), max(venue.name)) FROM c
~ SELECT count(*)::VARCHAR FROM (SELECT id FROM {t} WHERE is_active UNION ALL SELECT id FROM {t} WHERE NOT is_active)
~ SELECT string_agg(id, ' ') FROM (SELECT id FROM {t} WHERE created_at >= '2025-01-01' ORDER BY id LIMIT 5)
~ SELECT count(*)::VARCHAR FROM {t} WHERE id IN (SELECT id FROM picks) AND is_active
