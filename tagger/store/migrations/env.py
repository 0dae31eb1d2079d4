"""Runs the migrations in the transaction of `tagger.store.database.Database.upgrade`."""

from alembic import context

from tagger.store.schema import include_name, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_name=include_name,
)
context.run_migrations()
