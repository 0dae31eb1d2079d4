"""`tagger keys` as an operator runs it, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tagger.cli import app
from tagger.store.database import Database
from tagger.store.keys import digest_of

runner = CliRunner()
Keys = Callable[..., str]


@pytest.fixture
def keys(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Keys:
    monkeypatch.setenv("TAGGER_DATABASE_URL", database_url)

    def run(*arguments: str, code: int = 0) -> str:
        done = runner.invoke(app, ["keys", *arguments])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else " ".join(done.output.split())

    return run


def test_a_key_lives_and_only_its_hash_is_kept(keys: Keys, database: Database) -> None:
    key = keys("create", "desk", "--scope", "feedback", "--scope", "annotate", "--days", "9", "--rate", "60").strip()
    prefix = key[:12]
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM api_keys")).all()
    assert key not in str(rows)
    assert key.removeprefix(prefix) not in str(rows)
    assert digest_of(key) in str(rows)
    shown = json.loads(keys("list", "--jsonl"))
    assert shown["prefix"] == prefix
    assert (shown["name"], shown["scopes"], shown["requests_per_minute"]) == ("desk", ["annotate", "feedback"], 60)
    assert shown["expires"] > shown["created"]
    assert shown["last_used"] is None
    assert prefix in keys("list")
    assert prefix in keys("revoke", "desk")
    assert prefix not in keys("list")
    assert "revoked" in keys("list", "--all")
    assert "No key in use" in keys("revoke", prefix, code=3)


def test_keys_of_one_name_are_told_apart_by_their_prefixes(keys: Keys) -> None:
    first, second = (keys("create", "pipeline").strip() for _ in range(2))
    assert first != second
    refused = keys("revoke", "pipeline", code=3)
    assert first[:12] in refused
    assert second[:12] in refused
    keys("revoke", first[:12])
    keys("revoke", "pipeline")
    assert keys("list", "--jsonl") == ""


def test_what_cannot_be_a_key(keys: Keys) -> None:
    assert "1 to 100 printable" in keys("create", " ", code=3)
    assert "1 to 100 printable" in keys("create", "a\nb", code=3)
    keys("create", "a", "--scope", "everything", code=2)
    keys("create", "a", "--days", "0", code=2)
    assert keys("list", "--jsonl") == ""
    assert "Examples" in keys("create", "--help")
