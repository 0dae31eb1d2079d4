"""Who is let in: keys, scopes, limits, loopback; over a real port, on both databases."""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, make_url, text

from tagger.errors import TooManyRequestsError
from tagger.service.background import running_background
from tagger.service.keyring import Client
from tagger.service.limits import RateLimits
from tagger.service.problems import add_problem_handlers
from tagger.service.security import add_security, require
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.store.keys import SCOPES, ApiKeys
from tagger.store.tables import now
from tests.serving import serving, wait_until

PATHS = tuple(f"/{scope}" for scope in SCOPES)


def guarded(settings: Settings) -> FastAPI:
    """A service with one address a scope."""
    app = FastAPI(lifespan=running_background)
    add_problem_handlers(app)
    add_security(app, Database.open(settings), settings)
    for scope in SCOPES:

        @app.get(f"/{scope}")
        async def whoami(client: Client = Depends(require(scope))) -> str | None:  # noqa: B008
            return client.name

    return app


@pytest.fixture
def keys(database: Database) -> ApiKeys:
    return ApiKeys(database)


@pytest.fixture
def http(database_url: str) -> Iterator[httpx.Client]:
    with serving(guarded(Settings(database_url=database_url))) as client:
        yield client


@pytest.fixture
def strict(database_url: str) -> Iterator[httpx.Client]:
    with serving(guarded(Settings(database_url=database_url, require_keys=True))) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_neighbours_need_no_key_and_no_one_passes_for_one(http: httpx.Client) -> None:
    port = http.base_url.port
    assert [http.get(path).status_code for path in PATHS] == [200, 200, 200]
    for headers in (
        {"Host": f"localhost:{port}"},
        {"Host": "[::1]"},
        {"Origin": f"http://127.0.0.1:{port}"},
    ):
        assert http.get("/annotate", headers=headers).status_code == 200, headers
    for headers in (
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "tagger.example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"Host": "[::1"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
    ):
        answer = http.get("/annotate", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"].endswith("unauthorized")


def test_a_plain_nginx_in_front_does_not_open_the_door(http: httpx.Client) -> None:
    """As `proxy_pass` without any header set: HTTP/1.0, and the upstream's own name as the host."""
    port = http.base_url.port or 0
    request = f"GET /admin HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        assert b" 401 " in connection.recv(4096)


def test_off_loopback_a_key_is_always_needed(database_url: str) -> None:
    with serving(guarded(Settings(database_url=database_url, host="0.0.0.0"))) as http:  # noqa: S104
        assert http.get("/annotate").status_code == 401


def test_a_key_opens_what_it_is_made_for(strict: httpx.Client, keys: ApiKeys) -> None:
    assert strict.get("/annotate").status_code == 401
    key, _ = keys.create("desk", ["annotate", "feedback"])
    for headers in (bearer(key), {"X-API-Key": key}, {"Authorization": "Basic abc", "X-API-Key": key}):
        assert strict.get("/annotate", headers=headers).json() == "desk"
    assert strict.get("/feedback", headers=bearer(key)).status_code == 200
    refused = strict.get("/admin", headers=bearer(key))
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "forbidden")
    assert 'scope="admin"' in refused.headers["www-authenticate"]
    for wrong in ("", "x", key + "x", key[:-1], key.upper(), "tgr_é", "tgr_00000000_" + "a" * 43, key[:12]):
        answer = strict.get("/annotate", headers={"X-API-Key": wrong.encode("latin-1")})  # type: ignore[dict-item]
        assert answer.status_code == 401, wrong


def test_a_key_that_is_sent_counts_on_loopback_too(http: httpx.Client, keys: ApiKeys) -> None:
    key, _ = keys.create("narrow", ["annotate"])
    assert http.get("/admin").status_code == 200
    assert http.get("/admin", headers=bearer(key)).status_code == 403
    assert http.get("/annotate", headers=bearer("tgr_wrong")).status_code == 401


def test_revoked_and_expired_keys_are_refused_within_seconds(strict: httpx.Client, keys: ApiKeys) -> None:
    key, row = keys.create("short", ["annotate"])
    brief, _ = keys.create("brief", ["annotate"], expires=now() + dt.timedelta(seconds=4))
    assert [strict.get("/annotate", headers=bearer(one)).status_code for one in (key, brief)] == [200, 200]
    keys.revoke(row.prefix)
    for one in (key, brief):
        wait_until(lambda one=one: strict.get("/annotate", headers=bearer(one)).status_code == 401)


def test_last_use_is_noted(database_url: str, keys: ApiKeys) -> None:
    key, _ = keys.create("used", ["annotate"])
    keys.create("unused", ["annotate"])
    with serving(guarded(Settings(database_url=database_url, require_keys=True))) as http:
        http.get("/annotate", headers=bearer(key))
    used, other = keys.all()
    assert used.last_used is not None
    assert used.last_used > used.created
    assert other.last_used is None


def test_known_keys_count_on_while_the_database_is_away(
    strict: httpx.Client, keys: ApiKeys, database: Database, database_url: str
) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("SQLite is a file: it does not go away")
    known, _ = keys.create("known", ["annotate"])
    assert strict.get("/annotate", headers=bearer(known)).status_code == 200
    unseen, _ = keys.create("unseen", ["annotate"])
    wait_until(lambda: strict.get("/annotate", headers=bearer(known)).status_code == 200)
    late = f"tgr_00000000_{'a' * 43}"
    database.close()
    admin = create_engine(os.environ["TAGGER_TEST_POSTGRESQL"], isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        end_all = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(end_all), {"name": url.database})
    until = time.monotonic() + 4  # longer than the keys are read anew
    while time.monotonic() < until:
        start = time.monotonic()
        assert strict.get("/annotate", headers=bearer(known)).status_code == 200
        assert time.monotonic() - start < 5  # as a connection to the database may take
        time.sleep(0.2)
    assert strict.get("/annotate", headers=bearer(late)).json()["type"].endswith("store-unavailable")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    admin.dispose()
    assert strict.get("/annotate", headers=bearer(late)).status_code == 401
    assert strict.get("/annotate", headers=bearer(unseen)).status_code == 200


def test_requests_over_a_key_s_rate_are_refused(database_url: str, keys: ApiKeys) -> None:
    mine, _ = keys.create("mine", ["annotate"], requests_per_minute=3)
    other, _ = keys.create("other", ["annotate"])
    with serving(guarded(Settings(database_url=database_url, requests_per_minute=30))) as http:
        answers = [http.get("/annotate", headers=bearer(mine)) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=')
        assert answers[3].json()["type"].endswith("too-many-requests")
        assert 0 < int(answers[3].headers["retry-after"]) <= 20
        spared = http.get("/annotate", headers=bearer(other))
        assert (spared.status_code, spared.headers["ratelimit-policy"]) == (200, '"requests";q=30;w=60')
        assert "ratelimit" not in http.get("/annotate").headers


def test_a_bucket_fills_again_with_time() -> None:
    clock = [0.0]
    limits = RateLimits(60, clock=lambda: clock[0])
    client = Client("a", 1, frozenset(SCOPES))
    for _ in range(60):
        limits.take(client)
    with pytest.raises(TooManyRequestsError):
        limits.take(client)
    clock[0] = 1.0
    allowance = limits.take(client)
    assert allowance is not None
    assert (allowance.quota, allowance.remaining, allowance.seconds) == (60, 0, 60)
    clock[0] = 1000.0
    assert limits.take(client) == type(allowance)(60, 59, 1)
