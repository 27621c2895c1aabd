SELECT * FROM (VALUES ('日本語', 'ascii', 1), ('é🦆', '👨‍👩‍👧 family', 22), ('combining é', 'שלום', 333), (E'\x1b[31mred', E'\x01', NULL)) t("ключ 🔑", b, c)
