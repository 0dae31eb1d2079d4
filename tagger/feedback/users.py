"""Those who log in to the editors' desk: passwords by Argon2, roles, sessions, and a brake on guessing.

users = Users(database, session_hours=12)
user = users.authenticate(name, password, address)     # LoginError 401, LoginThrottledError 429
token = users.open_session(user.id)                    # into an HttpOnly cookie; only its hash is stored
users.user_of(token)                                   # each call puts the end of the session off
users.close_session(token)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tagger.errors import LoginError, LoginThrottledError, PasswordError, UserError
from tagger.keywords.vocabulary import fold
from tagger.store.database import Database
from tagger.store.tables import now
from tagger.store.users import FailedLoginsRow, Role, UserRow, UserSessionRow

LEAST_PASSWORD_CHARS = 12
MOST_PASSWORD_CHARS = 1000
_MOST_NAME_CHARS = 100
_TRIES_OF_A_NAME, _TRIES_OF_AN_ADDRESS = 5, 20  # failures until the first wait
_LONGEST_WAIT = 15 * 60  # seconds
_FORGOTTEN_AFTER = dt.timedelta(hours=24)
_PUT_OFF_AFTER = 1 / 20  # of a session's length; it is not written anew at every request


@dataclass(frozen=True)
class User:
    """A user as others may see it."""

    id: int
    name: str
    role: Role
    is_disabled: bool
    created_at: dt.datetime

    @property
    def is_administrator(self) -> bool:
        """Whether the user may also administer."""
        return self.role == "administrator"


class Users:
    """The users of a database."""

    def __init__(self, database: Database, session_hours: float = 12.0) -> None:
        self._database = database
        self._lasting = dt.timedelta(hours=session_hours)

    def create(self, name: str, password: str, role: Role = "editor") -> User:
        """Make a user.

        Raises:
            PasswordError: the password is too short or too long.
            UserError: the name is taken, empty or too long, or the role none.
        """
        name = " ".join(name.split())
        if not name or len(name) > _MOST_NAME_CHARS or not name.isprintable():
            raise UserError(f"A name has 1 to {_MOST_NAME_CHARS} printable characters.")
        hashed = _hashed(password)
        with self._database.session() as session:
            if _find(session, name) is not None:
                raise UserError(f"There is already a user « {name} ».")
            row = UserRow(name=name, key=fold(name), password_hash=hashed, role=_role(role), is_disabled=False)
            session.add(row)
            session.flush()
            return _user(row)

    def list(self) -> list[User]:
        """Give all users by name."""
        with self._database.reading() as session:
            return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.key))]

    def set_password(self, name: str, password: str) -> None:
        """Give a user a new password, and end all sessions of the user.

        Raises:
            PasswordError: the password is too short or too long.
            UserError: there is no such user.
        """
        hashed = _hashed(password)
        with self._database.session() as session:
            row = _named(session, name)
            row.password_hash = hashed
            _end_sessions(session, row)

    def set_role(self, name: str, role: Role) -> None:
        """Give a user another role.

        Raises:
            UserError: there is no such user, or no such role.
        """
        with self._database.session() as session:
            _named(session, name).role = _role(role)

    def disable(self, name: str) -> None:
        """Let a user no longer log in, and end all sessions of the user.

        Raises:
            UserError: there is no such user.
        """
        with self._database.session() as session:
            row = _named(session, name)
            row.is_disabled = True
            _end_sessions(session, row)

    def enable(self, name: str) -> None:
        """Let a disabled user log in again.

        Raises:
            UserError: there is no such user.
        """
        with self._database.session() as session:
            _named(session, name).is_disabled = False

    def erase(self, name: str) -> None:
        """Erase a user; the user's decisions stay, and no longer say whose they are.

        Raises:
            UserError: there is no such user.
        """
        with self._database.session() as session:
            row = _named(session, name)
            session.execute(delete(FailedLoginsRow).where(FailedLoginsRow.subject_hash == _digest("name", row.key)))
            session.delete(row)
        self._database.clear_log()

    def authenticate(self, name: str, password: str, address: str = "") -> User:
        """Give the user to whom name and password belong. `address` is where the request came from.

        After five failures for a name, or twenty from an address, one has to wait, twice as long after each further
        one, up to a quarter of an hour. An unknown name takes as long to refuse as a wrong password.

        Raises:
            LoginThrottledError: one has to wait.
            LoginError: they do not belong together, or the user is disabled.
        """
        limits = {_digest("name", fold(name)): _TRIES_OF_A_NAME}
        if address:
            limits[_digest("address", address)] = _TRIES_OF_AN_ADDRESS
        with self._database.reading() as session:
            _check_throttle(session, limits)
            row = _find(session, name)
            stored = row.password_hash if row else _hash_of_nobody()
        is_right = _verify(stored, password)  # outside of any transaction: it takes its time
        with self._database.session() as session:
            row = _find(session, name)
            if not is_right or row is None or row.is_disabled:
                _count_failure(session, limits)
            else:
                session.execute(
                    delete(FailedLoginsRow).where(FailedLoginsRow.subject_hash == _digest("name", row.key))
                )
                if row.password_hash == stored and _hasher().check_needs_rehash(stored):
                    row.password_hash = _hasher().hash(password)
                return _user(row)
        raise LoginError("Name and password do not belong together. Try again, or ask an administrator.")

    def open_session(self, user_id: int) -> str:
        """Begin a session, and give its token, which is stored nowhere."""
        token = secrets.token_urlsafe(32)
        with self._database.session() as session:
            session.execute(delete(UserSessionRow).where(UserSessionRow.expires_at <= now()))
            session.add(UserSessionRow(token_hash=_digest(token), user_id=user_id, expires_at=now() + self._lasting))
        return token

    def user_of(self, token: str) -> User | None:
        """Give the user of a session that has not ended, and put its end off; None where there is none."""
        with self._database.reading() as session:
            found = session.get(UserSessionRow, _digest(token))
            if found is None or found.expires_at <= now() or found.user.is_disabled:
                return None
            user, expires_at = _user(found.user), found.expires_at
        if now() + self._lasting - expires_at > self._lasting * _PUT_OFF_AFTER:
            with self._database.session() as session:
                again = session.get(UserSessionRow, _digest(token))
                if again is not None:
                    again.expires_at = now() + self._lasting
        return user

    def close_session(self, token: str) -> None:
        """End a session."""
        with self._database.session() as session:
            session.execute(delete(UserSessionRow).where(UserSessionRow.token_hash == _digest(token)))


def _user(row: UserRow) -> User:
    return User(row.id, row.name, row.role, row.is_disabled, row.created_at)


def _find(session: Session, name: str) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.key == fold(" ".join(name.split()))))


def _named(session: Session, name: str) -> UserRow:
    row = _find(session, name)
    if row is None:
        raise UserError(f"There is no user « {name} ». `tagger users list` names all.")
    return row


def _role(role: str) -> Role:
    if role not in get_args(Role):
        raise UserError(f"{role!r} is no role. There are {' and '.join(get_args(Role))}.")
    return role  # type: ignore[return-value]


def _end_sessions(session: Session, row: UserRow) -> None:
    session.execute(delete(UserSessionRow).where(UserSessionRow.user_id == row.id))


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def _hashed(password: str) -> str:
    """Hash a password with Argon2id and a salt of its own."""
    if not LEAST_PASSWORD_CHARS <= len(password) <= MOST_PASSWORD_CHARS:
        raise PasswordError(f"A password has {LEAST_PASSWORD_CHARS} to {MOST_PASSWORD_CHARS} characters.")
    return _hasher().hash(password)


@cache
def _hash_of_nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))


def _verify(stored: str, password: str) -> bool:
    if len(password) > MOST_PASSWORD_CHARS:
        return False
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _check_throttle(session: Session, limits: dict[str, int]) -> None:
    waits = [_wait(row, limits[row.subject_hash]) for row in _failures(session, limits)]
    if any(wait > 0 for wait in waits):
        seconds = math.ceil(max(waits))
        raise LoginThrottledError(f"Wait {seconds} seconds before the next try.", seconds)


def _wait(row: FailedLoginsRow, tries: int) -> float:
    """Give the seconds that are left to wait after the last failure."""
    beyond = row.count - tries
    if beyond < 0:
        return 0.0
    passed = (now() - row.last_at).total_seconds()
    return float(min(_LONGEST_WAIT, 2 ** min(beyond, 20)) - passed)


def _count_failure(session: Session, limits: dict[str, int]) -> None:
    session.execute(delete(FailedLoginsRow).where(FailedLoginsRow.last_at < now() - _FORGOTTEN_AFTER))
    known = {row.subject_hash: row for row in _failures(session, limits, for_update=True)}
    for subject in limits:
        if subject in known:
            known[subject].count += 1
            known[subject].last_at = now()
        else:
            session.add(FailedLoginsRow(subject_hash=subject, count=1, last_at=now()))


def _failures(session: Session, subjects: Iterable[str], *, for_update: bool = False) -> list[FailedLoginsRow]:
    statement = select(FailedLoginsRow).where(FailedLoginsRow.subject_hash.in_(list(subjects)))
    return list(session.scalars(statement.with_for_update() if for_update else statement))
