"""Lets go of the texts of reviewed articles when their time is over, once a day while the service runs."""

from __future__ import annotations

import asyncio

import structlog

from tagger.errors import StoreError
from tagger.feedback.articles import Articles

_DAY = 24 * 60 * 60.0

_log = structlog.get_logger(__name__)


async def prune_daily(articles: Articles, days: int, interval: float = _DAY) -> None:
    """Prune now and every `interval` seconds, until cancelled; a day on which the database fails is left out."""
    while True:
        try:
            pruned = await asyncio.to_thread(articles.prune, days)
        except StoreError as error:
            _log.warning("texts not let go", reason=str(error))
        else:
            _log.info("texts let go", articles=pruned)
        await asyncio.sleep(interval)
