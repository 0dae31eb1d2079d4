"""Lets go of the texts of reviewed articles when their time is over, once a day while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from tagger.errors import StoreError
from tagger.feedback.articles import Articles

_DAY = 24 * 60 * 60.0

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def pruning_daily(articles: Articles, days: int, interval: float = _DAY) -> AsyncIterator[None]:
    """Take the text from articles reviewed `days` ago, at once and every `interval` seconds while the block lasts."""
    task = asyncio.create_task(_prune_again_and_again(articles, days, interval))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _prune_again_and_again(articles: Articles, days: int, interval: float) -> None:
    """Prune; where the database fails, the next time sees to it."""
    while True:
        try:
            pruned = await asyncio.to_thread(articles.prune, days)
        except StoreError as error:
            _log.warning("texts not let go", reason=str(error))
        else:
            _log.info("texts let go", articles=pruned)
        await asyncio.sleep(interval)
