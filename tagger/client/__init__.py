"""The service from Python: `Client`, and `AsyncClient` for programs on asyncio.

>>> with Client("http://localhost:8000", api_key="…") as client:
...     annotation = client.annotate({"title": "…", "text": "…"}, top=5)
"""

from tagger.client.clients import AsyncClient, Client
from tagger.client.operations import Job, Ready
from tagger.client.steps import Retries
from tagger.errors import ServiceError
from tagger.options import Options

__all__ = ["AsyncClient", "Client", "Job", "Options", "Ready", "Retries", "ServiceError"]
