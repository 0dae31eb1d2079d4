"""Lets go of the texts of reviewed articles when their time is over, once a day while the service runs."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog

from tagger.errors import StoreError
from tagger.feedback.articles import Articles
from tagger.service.background import beside

_DAY = 24 * 60 * 60.0

_log = structlog.get_logger(__name__)


def pruning_daily(articles: Articles, days: int, interval: float = _DAY) -> AbstractAsyncContextManager[None]:
    """Take the text from articles reviewed `days` ago, at once and every `interval` seconds while the block lasts."""
    return beside(_prune_again_and_again(articles, days, interval))


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
