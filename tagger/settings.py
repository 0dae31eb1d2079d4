"""Every setting of the program, with its default. Each can be set as an environment variable ``TAGGER_…``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tagger.errors import SettingsError

DEFAULT_LEAD_MODEL = "extractive"
_FOR_MODELS = (
    "models_dir",
    "training_data_dir",
    "names_file",
    "lead_model",
    "lead_time_limit",
    "max_text_chars",
    "log_level",
)


class Settings(BaseSettings):
    """Settings read from the environment; the command line overrides them."""

    model_config = SettingsConfigDict(env_prefix="TAGGER_", env_ignore_empty=True, extra="ignore")

    models_dir: Path | None = Field(None, description="Folder of trained models, instead of the shipped one.")
    training_data_dir: Path | None = Field(
        None, description="Folder with vocabulary, corpus and known names, instead of the shipped one."
    )
    names_file: Path | None = Field(None, description="CSV of the newsroom's own names, added to the shipped ones.")
    data_dir: Path | None = Field(
        None,
        description="Folder for what is kept: database, jobs, promoted models, logs of changes, fetched pages.",
    )
    database_url: SecretStr | None = Field(
        None, description="Address of the service's database, instead of SQLite in the data folder."
    )
    keep_texts: bool = Field(True, description="Whether stored articles keep their text; without it none teaches.")
    retention_days: int | None = Field(
        None, ge=0, description="Days after the review at which a stored article loses its text."
    )
    session_hours: float = Field(
        12.0, gt=0, description="Hours without a request after which an editor logs in anew."
    )
    spip_url: SecretStr | None = Field(None, description="Address of SPIP's database, instead of `--database`.")
    lead_model: str = Field(
        DEFAULT_LEAD_MODEL,
        description="Writer of leads: extractive, or a language model (hub name, folder, .gguf file, adapter).",
    )
    lead_time_limit: float = Field(
        20.0, gt=0, description="Seconds that a language model may take for a lead before the extractive one answers."
    )
    host: str = Field("127.0.0.1", description="Address that `tagger serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `tagger serve` listens on.")
    allowed_origins: str | None = Field(
        None,
        description="Web addresses whose pages may ask the API, as the CMS with the widget; commas between them.",
    )
    max_body_bytes: int = Field(5_000_000, gt=0, description="Largest HTTP body for one article.")
    max_batch_bytes: int = Field(50_000_000, gt=0, description="Largest HTTP body for a batch.")
    max_job_bytes: int = Field(1_000_000_000, gt=0, description="Largest HTTP body for a job, as NDJSON.")
    max_text_chars: int = Field(500_000, gt=0, description="Longest article text, in characters.")
    workers: int | None = Field(
        None, ge=1, description="Processes that annotate, for `tagger serve`; by default one for each core."
    )
    queue_length: int = Field(
        64, ge=0, description="Articles that may wait for a worker before the service answers 503."
    )
    request_timeout: float = Field(
        60.0, gt=0, description="Seconds that a worker may take for one article before it is replaced."
    )
    drain_seconds: float = Field(
        0.0, ge=0, description="Seconds between a signal to stop, when readiness ends, and the end of listening."
    )
    stop_timeout: float = Field(
        30.0, gt=0, description="Seconds that requests may take to end once the service stops listening."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level of what the service logs: DEBUG, INFO, WARNING or ERROR."
    )
    require_keys: bool = Field(
        False, description="Ask for an API key on loopback too; set it behind a reverse proxy."
    )
    requests_per_minute: int | None = Field(
        None, gt=0, description="Requests a minute that a key may send, where it has no limit of its own."
    )
    jobs_at_once: int = Field(2, ge=0, description="Jobs that the service works on at the same time; 0 leaves them.")
    job_lease_seconds: float = Field(
        15.0, ge=1, description="Seconds after which the job of a process that died is taken up by another."
    )
    job_retention_days: float = Field(30.0, gt=0, description="Days that an ended job and its result are kept.")
    webhook_hosts: str | None = Field(
        None,
        description="Hosts that webhooks may go to, separated by commas, with `:PORT` where it is not the usual one.",
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Secret that signs webhooks: `whsec_` and 24 to 64 bytes in base64."
    )
    webhook_allow_private: bool = Field(
        False, description="Let webhooks go to addresses inside the network, if their host is allowed."
    )

    def for_models(self) -> Settings:
        """Give what processes that annotate need, all else being as by default: no secret travels to them."""
        return Settings.model_construct(**{name: getattr(self, name) for name in _FOR_MODELS})


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - whatever type each setting has
    """Read the settings; those `given` and not None override the environment.

    Raises:
        SettingsError: one cannot be used; the message names it and its environment variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(
            f"{'_'.join(map(str, fault['loc']))} (TAGGER_{'_'.join(map(str, fault['loc'])).upper()}): {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(f"{faults}. docs/configuration.md lists all settings.") from None
