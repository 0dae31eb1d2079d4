"""Settings: which of them are secret, and which go to the processes that annotate."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tagger.batch.sinks import SinkFormat
from tagger.batch.work import RetagOptions, Work
from tagger.settings import Settings, load_settings

SECRETS = {
    "TAGGER_DATABASE_URL": "postgresql+psycopg://tagger:motsecret@localhost/tagger",
    "TAGGER_SPIP_URL": "mysql://tagger:motsecret@localhost/osiris",
    "TAGGER_WEBHOOK_SECRET": "whsec_motsecret",
}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return load_settings(names_file=Path("names.csv"), lead_model="model", max_text_chars=100, port=1)


def test_no_password_is_shown(settings: Settings) -> None:
    assert settings.database_url
    assert settings.database_url.get_secret_value() == SECRETS["TAGGER_DATABASE_URL"]
    assert "motsecret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_processes_that_annotate_get_what_they_need_and_no_secret(settings: Settings) -> None:
    shown = settings.for_models()
    assert (shown.names_file, shown.lead_model, shown.max_text_chars) == (Path("names.csv"), "model", 100)
    assert (shown.database_url, shown.spip_url, shown.webhook_secret, shown.port) == (None, None, None, 8000)


def test_no_secret_travels_to_another_machine(settings: Settings) -> None:
    sent = pickle.dumps(Work(settings, RetagOptions(), SinkFormat.JSONL))
    assert b"motsecret" not in sent
    assert pickle.loads(sent).settings == settings.for_models()  # noqa: S301 - our own


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TAGGER_DATA_DIR", "TAGGER_WORKERS", "TAGGER_PORT"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert (settings.data_dir, settings.workers, settings.port) == (None, None, Settings().port)
