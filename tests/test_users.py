"""Users of the desk, their sessions, and the brake on guessing passwords."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import text, update
from typer.testing import CliRunner

from tagger.cli import app
from tagger.errors import LoginError, LoginThrottledError, UserError
from tagger.feedback import Articles, Decisions, Users
from tagger.feedback import users as users_module
from tagger.feedback.decision_kinds import KeywordAccepted
from tagger.store.database import Database
from tagger.store.tables import now
from tagger.store.users import FailedLoginsRow, UserSessionRow
from tests.annotations import annotation

PASSWORD = "un mot de passe assez long"  # noqa: S105 - nobody's


@pytest.fixture
def users(database: Database) -> Users:
    return Users(database, session_hours=2)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """The moment at which all happens: the first wait is of one second, which a slow machine may need itself."""
    stopped = now()
    monkeypatch.setattr(users_module, "now", lambda: stopped)
    return stopped


def test_a_user_logs_in_under_the_name_however_it_is_typed(users: Users) -> None:
    made = users.create("Aïssatou  Bâ", PASSWORD, "administrator")
    assert made.name == "Aïssatou Bâ"
    assert users.authenticate("aissatou ba ", PASSWORD) == made
    assert made.is_administrator
    with pytest.raises(UserError, match="already"):
        users.create("AISSATOU BA", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("", PASSWORD, "editor"),
        ("a\nb" * 40, PASSWORD, "editor"),
        ("Awa", "short", "editor"),
        ("Awa", PASSWORD, "king"),
    ],
)
def test_a_user_that_cannot_be_is_refused(users: Users, name: str, password: str, role: str) -> None:
    with pytest.raises(UserError):
        users.create(name, password, role)  # type: ignore[arg-type]
    assert users.list() == []


def test_passwords_are_stored_as_argon2_hashes_alone(users: Users, database: Database) -> None:
    users.create("Awa", PASSWORD)
    with database.reading() as session:
        (row,) = session.execute(text("SELECT * FROM users")).all()
    assert PASSWORD not in str(row)
    assert row.password_hash.startswith("$argon2id$")


def test_wrong_passwords_unknown_names_and_disabled_users_are_refused_alike(users: Users) -> None:
    users.create("Awa", PASSWORD)
    users.create("Binta", PASSWORD)
    users.disable("Binta")
    messages = set()
    for name, password in (("Awa", "wrong"), ("Awa", "x" * 5000), ("Nobody", PASSWORD), ("Binta", PASSWORD)):
        with pytest.raises(LoginError) as refused:
            users.authenticate(name, password)
        messages.add(str(refused.value))
    assert len(messages) == 1
    users.enable("Binta")
    assert users.authenticate("Binta", PASSWORD).name == "Binta"


def test_guessing_is_slowed_down(users: Users, database: Database, moment: dt.datetime) -> None:
    users.create("Awa", PASSWORD)
    for _ in range(5):
        with pytest.raises(LoginError):
            users.authenticate("Awa", "wrong")
    with pytest.raises(LoginThrottledError) as braked:
        users.authenticate("AWA", PASSWORD)
    assert braked.value.problem().status == 429
    assert braked.value.retry_after == 1
    with database.session() as session:
        session.execute(update(FailedLoginsRow).values(last_at=moment - dt.timedelta(seconds=3)))
    with pytest.raises(LoginError):
        users.authenticate("Awa", "wrong")
    with pytest.raises(LoginThrottledError) as longer:
        users.authenticate("Awa", PASSWORD)
    assert longer.value.retry_after == 2
    with database.session() as session:
        session.execute(update(FailedLoginsRow).values(last_at=moment - dt.timedelta(minutes=16)))
    assert users.authenticate("Awa", PASSWORD).name == "Awa"
    with pytest.raises(LoginError):  # the count began anew
        users.authenticate("Awa", "wrong")
    assert users.authenticate("Awa", PASSWORD).name == "Awa"


def test_an_address_that_tries_many_names_is_slowed_down(
    users: Users, database: Database, moment: dt.datetime
) -> None:
    users.create("Awa", PASSWORD)
    with pytest.raises(LoginError):
        users.authenticate("Nobody", "wrong", "192.0.2.1")
    with database.session() as session:  # nineteen more failures, without the time that they take
        session.execute(update(FailedLoginsRow).values(count=20))
    with pytest.raises(LoginThrottledError):
        users.authenticate("Awa", PASSWORD, "192.0.2.1")
    assert users.authenticate("Awa", PASSWORD, "192.0.2.2").name == "Awa"


def test_a_session_lasts_while_it_is_used(users: Users, database: Database) -> None:
    user = users.create("Awa", PASSWORD)
    token = users.open_session(user.id)
    assert users.user_of(token) == user
    assert users.user_of(token + "x") is None
    with database.reading() as session:
        assert token not in str(session.execute(text("SELECT * FROM user_sessions")).all())
    with database.session() as session:
        session.execute(update(UserSessionRow).values(expires_at=now() + dt.timedelta(minutes=1)))
    assert users.user_of(token) == user
    with database.reading() as session:
        renewed = session.query(UserSessionRow).one().expires_at
    assert renewed > now() + dt.timedelta(minutes=119)
    with database.session() as session:
        session.execute(update(UserSessionRow).values(expires_at=now() - dt.timedelta(seconds=1)))
    assert users.user_of(token) is None


def test_sessions_end_with_logout_password_and_disabling(users: Users) -> None:
    user = users.create("Awa", PASSWORD)
    token = users.open_session(user.id)
    users.close_session(token)
    assert users.user_of(token) is None
    token = users.open_session(user.id)
    users.set_password("Awa", PASSWORD + "!")
    assert users.user_of(token) is None
    assert users.authenticate("Awa", PASSWORD + "!") == user
    token = users.open_session(user.id)
    users.disable("awa")
    assert users.user_of(token) is None


def test_an_erased_user_leaves_decisions_without_a_name(users: Users, database: Database) -> None:
    user = users.create("Awa", PASSWORD)
    token = users.open_session(user.id)
    articles, decisions = Articles(database), Decisions(database)
    stored = articles.add(annotation(), "desk", keep_text=True)
    decisions.record(stored.id, user.id, 1, [KeywordAccepted(keyword_id="fintech")])
    users.erase("Awa")
    assert users.list() == []
    assert users.user_of(token) is None
    (edit,) = decisions.history(stored.id)
    assert edit.user is None
    assert [keyword.keyword_id for keyword in articles.get(stored.id).state.filed_under] == ["fintech"]
    with pytest.raises(UserError, match="users list"):
        users.erase("Awa")


def test_the_command_makes_lists_changes_and_erases_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_DATABASE_URL", f"sqlite:///{tmp_path / 'users.db'}")

    def run(*arguments: str, stdin: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(app, ["users", *arguments], input=stdin)
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())

    assert "editor" in run("create", "Awa Ndiaye", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert "already" in run("create", "awa ndiaye", stdin=f"{PASSWORD}\n{PASSWORD}\n", code=3)
    assert "editor" in run("create", "Binta", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    run("set-password", "Binta", "--password-stdin", stdin="short\n", code=3)
    run("set-role", "Awa Ndiaye", "administrator")
    run("disable", "Awa Ndiaye")
    listed = run("list")
    assert "administrator" in listed
    assert "disabled" in listed
    run("enable", "Awa Ndiaye")
    assert "disabled" not in run("list")
    assert "users list" in run("set-role", "Nobody", "editor", code=3)
    run("erase", "Awa Ndiaye", stdin="n\n", code=1)
    run("erase", "Awa Ndiaye", "--yes")
    assert "Awa" not in run("list")
