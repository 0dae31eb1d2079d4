"""What is done with each record of a run, the same in every process of every engine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel
from threadpoolctl import threadpool_limits

from tagger.annotator import Annotator
from tagger.article import Annotation, ModelVersions
from tagger.batch.sinks import SinkFormat, sink_of
from tagger.entities.known_name_files import KNOWN_NAMES_FOLDER
from tagger.errors import Failure
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import VOCABULARY_FILE
from tagger.options import AnnotateOptions
from tagger.reading import Record
from tagger.resources import training_data_dir
from tagger.settings import Settings


class RetagOptions(AnnotateOptions):
    """What is asked of a run; `keywords_only` leaves out evidence, entities and lead."""

    profile: Profile = "fast"
    keywords_only: bool = False


class Models(BaseModel):
    """What the answers depend on beside the options: the models, and a digest of vocabulary, names and limits."""

    versions: ModelVersions
    data: str


@dataclass(frozen=True)
class Work:
    """All that a worker must know; plain data, so that it can be sent to another machine, and without secrets."""

    settings: Settings
    options: RetagOptions
    sink: SinkFormat

    def __post_init__(self) -> None:
        """Keep of the settings only what the worker needs."""
        object.__setattr__(self, "settings", self.settings.for_models())

    def load(self) -> Annotator:
        """Load the annotator; a process that was forked from one that has it gets it at once."""
        return _load(self.settings.model_dump_json(), self.options.keywords_only)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of some records: the good ones' lines for the sink, and the others' failures by index."""

    lines: bytes
    failures: list[tuple[int, Failure]]


class Worker:
    """Annotates records, one after another."""

    def __init__(self, work: Work) -> None:
        # One thread a worker: more would fight for the cores, and sum floats in another order.
        threadpool_limits(1)
        self._annotator = work.load()
        self._options = work.options.model_dump(exclude={"keywords_only"})
        self._sink = sink_of(work.sink)
        self.models = Models(
            versions=self._annotator.prepare(work.options.profile), data=_digest_of_data(work.settings)
        )

    def do(self, lines: list[bytes]) -> Result:
        """Annotate records given as JSON."""
        with self._annotator.memory_zone():
            answers = [self._answer(line) for line in lines]
        good = [answer for answer in answers if isinstance(answer, Annotation)]
        failures = [(index, answer) for index, answer in enumerate(answers) if isinstance(answer, Failure)]
        return Result(b"".join(map(self._sink.render, good)), failures)

    def _answer(self, line: bytes) -> Annotation | Failure:
        return self._annotator.answer(Record.model_validate_json(line), **self._options)


@cache
def _load(settings: str, keywords_only: bool) -> Annotator:
    return Annotator.load(Settings.model_validate_json(settings), keywords_only=keywords_only)


def _digest_of_data(settings: Settings) -> str:
    folder = training_data_dir(settings.training_data_dir)
    files = [folder / VOCABULARY_FILE, *sorted((folder / KNOWN_NAMES_FOLDER).iterdir())]
    digest = hashlib.blake2b(str(settings.max_text_chars).encode(), digest_size=16)
    for path in [*files, *filter(None, [settings.names_file])]:
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()
