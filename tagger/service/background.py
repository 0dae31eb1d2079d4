"""What runs beside the requests, from the service's start to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

Background = Callable[[], AbstractAsyncContextManager[None]]


def add_background(app: FastAPI, background: Background) -> None:
    """Enter a context when the service starts, after those added before, and leave it first when it stops."""
    app.state.background = [*getattr(app.state, "background", ()), background]


@asynccontextmanager
async def running_background(app: FastAPI) -> AsyncIterator[None]:
    """Run what was added: the app's lifespan, or a part of it."""
    async with AsyncExitStack() as stack:
        for background in getattr(app.state, "background", ()):
            await stack.enter_async_context(background())
        yield


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do `work` beside what happens in the block, and no longer: at its end the work is cancelled."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
