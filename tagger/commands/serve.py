"""`tagger serve`: annotations over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from tagger.commands.common import DataOption, LeadModelOption, ModelsOption, NamesOption, clear_errors
from tagger.settings import load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
    own_names: NamesOption = None,
    lead_model: LeadModelOption = None,
) -> None:
    """Serve annotations over HTTP.

    Example:
        tagger serve --port 8000
    """
    import uvicorn

    from tagger.service.app import create_app

    with clear_errors():
        settings = load_settings(
            models_dir=models,
            training_data_dir=training_data,
            names_file=own_names,
            lead_model=lead_model,
            host=host,
            port=port,
        )
        service = create_app(settings)
        uvicorn.run(service, host=settings.host, port=settings.port)
