"""What the service remembers: one database, SQLite by default, PostgreSQL by address."""
