SELECT i AS id, 'row ' || i AS name, i * 1000 AS n FROM range(100000) t(i)
