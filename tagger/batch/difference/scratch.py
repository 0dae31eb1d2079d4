"""A database on disk for what must not pile up in memory; it vanishes with the program."""

from __future__ import annotations

import sqlite3

_CACHE_KIB = 32 * 1024


def open_scratch() -> sqlite3.Connection:
    """Open an empty SQLite database in the temporary folder, under no name: what exceeds its cache goes to disk."""
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN")  # nothing is ever committed, or kept
    return connection
