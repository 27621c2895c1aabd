"""Runs the extension in DuckDB's own shell, of the package duckdb-cli: shell.py EXTENSION DIRECTORY"""

import os
import signal
import subprocess
import time

import duckdb_cli

from common import LOAD, check, connections, statements, wait_for_connection

SHELL = [os.path.join(os.path.dirname(duckdb_cli.__file__), "duckdb"), "-unsigned", "-noheader", "-list"]


def start(*commands, **options):
    arguments = [a for c in (LOAD, *commands) for a in ("-c", c)]
    return subprocess.Popen(SHELL + arguments, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def run(*commands, **options):
    process = start(*commands, **options)
    out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors


lines, _ = statements()
good = [line for line in lines if not line[2]]
demo = lines[0][0]
status, out, errors = run(*(statement for statement, _, _ in good))
check(status == 0, errors)
check(out.splitlines() == [result for _, result, _ in good if result], out)
for statement, _, error in lines:
    if error:
        status, out, errors = run(demo, statement)
        check(status != 0 and error in errors, f"{statement}: {out}{errors}")

empty = {k: v for k, v in os.environ.items() if not k.startswith(("TEAMUP_", "XDG_", "DBUS_"))} | {"HOME": "/nonexistent"}
status, _, errors = run("FROM teamup_customers", env=empty)
check(status != 0 and "CALL teamup_demo()" in errors, errors)

# The server of the environment never responds.
for signal_number, status in ((signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM)):
    before = connections()
    process = start("SELECT count(email) FROM teamup_customers")
    wait_for_connection(before)
    begin = time.monotonic()
    process.send_signal(signal_number)
    out, errors = process.communicate(timeout=60)
    check(time.monotonic() - begin < 30 and process.returncode == status, f"{signal_number}: status {process.returncode} {out}{errors}")
