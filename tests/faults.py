"""An annotator for tests of the pool: it does at once what its article says, dying and hanging included."""

from __future__ import annotations

import os
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace

from tagger.article import Annotation, Article, ModelVersions
from tagger.errors import Failure, InputError, ModelError
from tagger.reading.records import BadRecord, Record, article_of
from tagger.settings import Settings

VERSION_FILE = "version.txt"


class ObedientAnnotator:
    """Reads an article's first word as a command: MEURS, MEURS-UNE-FOIS file, DORS seconds, ATTENDS file, ECHOUE."""

    def __init__(self, version: str) -> None:
        self.vocabulary = SimpleNamespace(active=[], keywords=[])
        self._models = ModelVersions(keywords=version, entities="e", lead="l")

    def memory_zone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def prepare(self, profile: str) -> ModelVersions:
        return self._models

    def annotate(self, article: Article, *, id: str | None = None, **_: object) -> Annotation:
        command, _, rest = article.text.partition(" ")
        if command == "MEURS" or (command == "MEURS-UNE-FOIS" and _first_time(rest)):
            os.kill(os.getpid(), signal.SIGKILL)
        if command == "DORS":
            time.sleep(float(rest))
        if command == "DORS-UNE-FOIS" and _first_time(rest):
            time.sleep(60)
        while command == "ATTENDS" and not Path(rest).exists():
            time.sleep(0.01)
        if command == "ECHOUE":
            raise ValueError(f"fault over {article.text}")
        return Annotation(
            id=id,
            language="fr",
            article=article,
            keywords=[],
            entities=[],
            countries=[],
            lead=None,
            model=self._models,
        )

    def answer(self, record: Record | BadRecord, **options: object) -> Annotation | Failure:
        if isinstance(record, BadRecord):
            return Failure(id=record.id, error=record.error.problem())
        try:
            return self.annotate(article_of(record), id=record.id)
        except InputError as error:
            return Failure(id=record.id, error=error.problem())


def _first_time(file: str) -> bool:
    path = Path(file)
    if path.exists():
        return False
    path.touch()
    return True


def load(settings: Settings) -> ObedientAnnotator:
    """Load the version that stands in the folder of models, once it does; a broken one cannot be loaded."""
    assert settings.models_dir is not None
    file = settings.models_dir / VERSION_FILE
    while not (version := file.read_text(encoding="utf-8") if file.exists() else ""):
        time.sleep(0.01)
    if version == "broken":
        raise ModelError("The model is broken.")
    if version == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return ObedientAnnotator(version)
