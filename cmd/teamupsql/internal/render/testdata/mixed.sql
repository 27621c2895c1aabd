SELECT 1 AS id, 'a|b' AS "na me", NULL AS n, 1.50::DECIMAL(5,2) AS d, true AS t, [1,NULL,3] AS l, {'a': 'x''y', 'b': NULL} AS s, 1e300 AS f, 'q"u,o' AS q
UNION ALL SELECT 22, E'li\nne\ttab', 'x', -3, false, [], NULL, 'nan'::DOUBLE, 'é🦆' ORDER BY 1
