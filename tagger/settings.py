"""Every setting of the program, with its default. Each can be set as an environment variable ``TAGGER_…``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tagger.errors import SettingsError

DEFAULT_LEAD_MODEL = "extractive"


class Settings(BaseSettings):
    """Settings read from the environment; the command line overrides them."""

    model_config = SettingsConfigDict(env_prefix="TAGGER_", extra="ignore")

    models_dir: Path | None = Field(None, description="Folder of trained models, instead of the shipped one.")
    training_data_dir: Path | None = Field(
        None, description="Folder with vocabulary, corpus and known names, instead of the shipped one."
    )
    names_file: Path | None = Field(None, description="CSV of the newsroom's own names, added to the shipped ones.")
    data_dir: Path | None = Field(
        None, description="Folder for what the service keeps: its database, results of jobs."
    )
    database_url: str | None = Field(
        None, description="Address of the service's database, instead of SQLite in the data folder."
    )
    spip_url: str | None = Field(None, description="Address of SPIP's database, instead of `--database`.")
    lead_model: str = Field(
        DEFAULT_LEAD_MODEL,
        description="Writer of leads: extractive, or a language model (hub name, folder, .gguf file, adapter).",
    )
    lead_time_limit: float = Field(
        20.0, gt=0, description="Seconds that a language model may take for a lead before the extractive one answers."
    )
    host: str = Field("127.0.0.1", description="Address that `tagger serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `tagger serve` listens on.")
    max_body_bytes: int = Field(5_000_000, gt=0, description="Largest HTTP body for one article.")
    max_batch_bytes: int = Field(50_000_000, gt=0, description="Largest HTTP body for a batch.")
    max_text_chars: int = Field(500_000, gt=0, description="Longest article text, in characters.")


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
