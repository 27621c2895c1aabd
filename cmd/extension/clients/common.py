"""Reads statements.sql."""

import os
import sys
import time

EXTENSION, DIRECTORY = sys.argv[1:3]
LOAD = f"LOAD '{EXTENSION}'"


def check(passed, what):
    if not passed:
        sys.exit(f"FAILED: {what}")


def connections():
    """Returns the number of connections to the server that never responds."""
    with open(os.environ["SERVER_LOG"]) as log:
        return log.read().count("connection")


def wait_for_connection(before):
    while connections() == before:
        time.sleep(0.05)


def statements():
    """Returns (statement, result, error) of the lines, and the queries over {t}."""
    lines, queries = [], []
    with open(os.path.join(os.path.dirname(__file__), "statements.sql")) as file:
        for line in map(str.strip, file):
            if line.startswith("~"):
                queries.append(line[1:].strip())
            elif line and not line.startswith("--"):
                statement, _, error = line.replace("{dir}", DIRECTORY).partition(" =>! ")
                statement, _, result = statement.partition(" => ")
                lines.append((statement, result, error))
    return lines, queries
