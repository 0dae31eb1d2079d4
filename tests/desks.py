"""An editors' desk for tests: its pages over a database of their own, with the real annotator behind them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.concurrency import run_in_threadpool

from tagger import Annotator
from tagger.feedback import Articles, StoredArticle, Users
from tagger.options import AnnotateOptions
from tagger.reading import article_of
from tagger.service import bodies
from tagger.service.cors import add_cors
from tagger.service.desk import add_desk
from tagger.service.desk.routing import Annotate
from tagger.settings import Settings
from tagger.store.database import Database

PASSWORD = "une phrase de passe"  # noqa: S105


def annotate_with(annotator: Annotator) -> Annotate:
    async def annotate(body: bytes, content_type: str, charset: str | None, options: AnnotateOptions) -> bytes:
        def work() -> bytes:
            record = bodies.record_of_body(body, content_type, charset)
            annotation = annotator.annotate(article_of(record), id=record.id, top=options.top, profile="fast")
            return annotation.model_dump_json().encode()

        return await run_in_threadpool(work)

    return annotate


def make_desk(annotator: Annotator, database: Database, **settings: object) -> FastAPI:
    """Build the desk alone, with an administrator « Awa Diop » and an editor « Moussa Fall »."""
    app, given = FastAPI(), Settings(**settings)
    users = Users(database)
    users.create("Awa Diop", PASSWORD, "administrator")
    users.create("Moussa Fall", PASSWORD)
    add_cors(app, given)
    add_desk(app, annotate_with(annotator), database, given)
    return app


class Visitor:
    """Someone with a browser without JavaScript, as far as the service can tell."""

    def __init__(self, app: FastAPI, base_url: str = "http://testserver") -> None:
        self.http = TestClient(app, base_url=base_url, follow_redirects=False, raise_server_exceptions=False)

    def token(self) -> str:
        for address in ("/desk/annotate", "/desk/login"):
            found = re.search(r'name="csrf" content="(\w+)"', self.http.get(address).text)
            if found:
                return found[1]
        raise AssertionError("no page gives a token")

    def log_in(self, name: str, password: str = PASSWORD) -> Visitor:
        answer = self.post("/desk/login", name=name, password=password)
        assert answer.status_code == 303, answer.text
        return self

    def post(self, address: str, *, files: object = None, **fields: str):  # noqa: ANN201 - httpx.Response
        return self.http.post(address, data={"csrf": self.token(), **fields}, files=files)

    def send(self, address: str, body: object):  # noqa: ANN201 - httpx.Response
        return self.http.post(address, json=body, headers={"x-csrf-token": self.token()})


def stored(annotator: Annotator, database: Database, text: str, title: str = "", **article: object) -> StoredArticle:
    """Store an annotated article as the desk does."""
    record = bodies.record_of_body(json.dumps({"title": title, "text": text, **article}).encode(), bodies.JSON, None)
    annotation = annotator.annotate(article_of(record), profile="fast")
    return Articles(database).add(annotation, "desk", keep_text=True)


def sqlite(folder: Path) -> Database:
    return Database.open(Settings(database_url=f"sqlite:///{folder / 'desk.db'}"))
