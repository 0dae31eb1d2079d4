"""`tagger serve`: annotations over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from tagger.commands.common import DataOption, LeadModelOption, ModelsOption, NamesOption, clear_errors
from tagger.settings import load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that annotate; by default one for each core.")
    ] = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
    own_names: NamesOption = None,
    lead_model: LeadModelOption = None,
) -> None:
    """Serve annotations over HTTP, until SIGTERM or Ctrl-C; SIGHUP loads the models anew.

    Examples:
        tagger serve --port 8000

        tagger serve --workers 4 --models /srv/tagger/models
    """
    from tagger.service.app import create_app
    from tagger.service.logs import configure_logs
    from tagger.service.server import Server

    with clear_errors():
        settings = load_settings(
            models_dir=models,
            training_data_dir=training_data,
            names_file=own_names,
            lead_model=lead_model,
            host=host,
            port=port,
            workers=workers,
        )
        configure_logs(settings.log_level)
        service = create_app(settings)
        Server(service, settings).run()
        if service.state.pool.failure:
            raise service.state.pool.failure
