"""Runs the extension in the package duckdb: python.py EXTENSION DIRECTORY"""

import os
import signal
import subprocess
import sys
import threading
import time

import duckdb

from common import LOAD, check, connections, statements, wait_for_connection

TOKEN = os.environ.pop("TEAMUP_TOKEN")
os.environ["HOME"] = "/nonexistent"
if sys.argv[3:] == ["scan"]:  # the server of the environment never responds
    os.environ["TEAMUP_TOKEN"] = TOKEN


def connect(path=":memory:"):
    connection = duckdb.connect(path, config={"allow_unsigned_extensions": "true"})
    connection.execute(LOAD)
    return connection


def value(connection, query, *arguments):
    return connection.execute(query, *arguments).fetchone()[0]


def error(connection, statement):
    try:
        connection.execute(statement).fetchall()
    except duckdb.Error as e:
        return str(e)
    return ""


def scan_and_exit():
    """Exits while a scan runs."""
    connection = connect()
    before = connections()
    threading.Thread(target=error, args=(connection, "SELECT count(email) FROM teamup_customers"), daemon=True).start()
    wait_for_connection(before)
    print("scanning", flush=True)
    sys.stdin.readline()
    sys.stdout.flush()
    os._exit(7)


def run_statements(connection):
    lines, queries = statements()
    for statement, result, failure in lines:
        if failure:
            check(failure in error(connection, statement), statement)
        elif result:
            check(value(connection, statement) == result, statement)
        else:
            connection.execute(statement)
    return queries


def run_threads(connection, queries):
    """Runs 200 statements on 8 connections."""
    expected = [value(connection, q.replace("{t}", "everyone")) for q in queries]
    differences = []

    def work(n):
        cursor = connection.cursor()
        for i in range(25):
            at = (n + i) % len(queries)
            if (got := value(cursor, queries[at].replace("{t}", "teamup_customers"))) != expected[at]:
                differences.append((queries[at], got, expected[at]))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check(not differences, differences)


def run_prepared(connection):
    for active in (True, False, True):
        got, want = (value(connection, f"SELECT count(*) FROM {t} WHERE is_active = $1", [active]) for t in ("teamup_customers", "everyone"))
        check(got == want, f"is_active = {active}: {got}, not {want}")


def run_relations(connection):
    """Runs the API that writes no SQL, and results as pandas."""
    got = connection.sql("FROM teamup_customers").filter("is_active").order("id").limit(5).project("id").fetchall()
    want = connection.sql("FROM everyone").filter("is_active").order("id").limit(5).project("id").fetchall()
    check(got == want, f"relations: {got}, not {want}")
    frame = connection.sql("SELECT id, email, created_at, venue FROM teamup_customers WHERE is_active").df()
    check(len(frame) == value(connection, "SELECT count(*) FROM everyone WHERE is_active"), "pandas")
    check(connection.sql("SELECT count(*) FROM teamup_customers JOIN frame USING (id)").fetchone()[0] == len(frame), "join with pandas")


def run_interrupt():
    connection = connect()
    check("set TEAMUP_TOKEN" in error(connection, "FROM teamup_customers"), "an error for the missing token")
    os.environ["TEAMUP_TOKEN"] = TOKEN
    before = connections()

    def interrupt():
        wait_for_connection(before)
        connection.interrupt()

    threading.Thread(target=interrupt).start()
    begin = time.monotonic()
    text = error(connection, "SELECT count(email) FROM teamup_customers")
    check("nterrupt" in text and time.monotonic() - begin < 30, f"interrupt: {text}")
    check(value(connection, "SELECT 42") == 42, "the connection works after an interrupt")


def run_fork(connection):
    """A child that forked cannot run Go. It must get an error instead of waiting."""
    pid = os.fork()
    if pid == 0:
        for query in ("FROM teamup_customers", "FROM teamup_customers()", "FROM teamup_requests()"):
            if "fork" not in error(connection, query):
                os._exit(1)
        failed = value(connection, "SELECT 42") != 42
        connection.close()
        os._exit(2 if failed else 0)
    for _ in range(300):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            check(status == 0, f"the child of a fork ended with status {status}")
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    check(False, "the child of a fork waits forever")


def run_exits():
    for end, status in ((lambda p: p.stdin.close(), 7), (lambda p: p.send_signal(signal.SIGTERM), -signal.SIGTERM)):
        environment = os.environ | {"TEAMUP_TOKEN": TOKEN}
        process = subprocess.Popen([sys.executable, *sys.argv[:3], "scan"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        process.stdout.readline()
        end(process)
        check(process.wait(10) == status, f"status {process.returncode} instead of {status}")


def main():
    if sys.argv[3:] == ["scan"]:
        return scan_and_exit()
    run_interrupt()
    connection = connect()
    queries = run_statements(connection)
    run_threads(connection, queries)
    run_prepared(connection)
    run_relations(connection)
    run_fork(connection)
    run_exits()
    run_databases()


def run_databases():
    """Opens one database after another, and installs the extension in the first."""
    path = os.path.join(sys.argv[2], "python.duckdb")
    for i in range(3):
        database = duckdb.connect(path, config={"allow_unsigned_extensions": "true", "extension_directory": sys.argv[2]})
        if i == 0:
            database.execute(f"INSTALL '{sys.argv[1]}'")
        database.execute("LOAD teamup")
        database.execute("LOAD teamup")
        check(value(database, "CALL teamup_demo(customers := 200)").endswith("200 customers"), "demo")
        check(value(database, "SELECT count(*) FROM teamup_customers") > 100, "demo")
        database.close()


main()
