SELECT * FROM test_all_types()
