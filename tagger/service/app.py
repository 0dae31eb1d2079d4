"""The HTTP service: `create_app` builds it from the settings, with the models loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Annotated, Any, get_args

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from tagger.annotator import DEFAULT_TOP, Annotator
from tagger.article import Annotation, ModelVersions
from tagger.errors import Failure, Problem
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Keyword
from tagger.leads.options import DEFAULT_CHARS, LEAST_CHARS, TITLE_CHARS, LeadOptions
from tagger.reading import BadRecord, Record, article_of
from tagger.service import bodies, examples
from tagger.service.cors import add_cors
from tagger.service.desk import add_desk
from tagger.service.desk.routing import Annotate
from tagger.service.options import AnnotateOptions
from tagger.service.problems import MEDIA_TYPE, add_problem_handlers
from tagger.settings import Settings, load_settings
from tagger.store.database import Database

TopParameter = Annotated[int, Query(ge=1, description="How many keywords to list, suggested or not.")]
FrenchParameter = Annotated[bool, Query(description="Refuse articles that are not in French.")]
ProfileParameter = Annotated[
    Profile, Query(description="The keyword model: `best` reads the meaning of sentences too, `fast` only words.")
]
PrecisionParameter = Annotated[
    float | None,
    Query(ge=0, le=1, description="Suggest what reaches this precision, instead of each keyword's own threshold."),
]
CharsParameter = Annotated[int, Query(ge=LEAST_CHARS, description="How many characters the lead may have.")]
SentencesParameter = Annotated[int, Query(ge=1, le=2, description="How many sentences the lead may have.")]
AlternativesParameter = Annotated[bool, Query(description="Give two other leads to choose from.")]
TitleParameter = Annotated[bool, Query(description=f"Suggest a title of at most {TITLE_CHARS} characters.")]
_DESCRIPTION = "Keywords, entities and a lead for French-language press articles."
_RECORD_SCHEMA = Record.model_json_schema()
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, description in {
        400: "The body is not JSON, or not in the encoding that it claims.",
        413: "The body or the text is too large.",
        415: "The body is binary data, or of a media type that is not taken.",
        422: "The record is not as it should be, has no text or no words, or is not in French where asked.",
    }.items()
}


class Status(BaseModel):
    """Whether the service is alive and can annotate, and with which models, by profile."""

    status: str
    version: str
    models: dict[Profile, ModelVersions]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the service; the models are loaded before this returns.

    Raises:
        ModelError: a model or data file is missing, altered or of another version.
    """
    settings = settings or load_settings()
    annotator = Annotator.load(settings)
    app = FastAPI(title="tagger", version=version("osiris-tagger"), description=_DESCRIPTION)
    add_problem_handlers(app)
    _add_annotation(app, annotator, settings)
    _add_vocabulary(app, annotator)
    _add_status(app, annotator)
    add_cors(app, settings)
    add_desk(app, _in_a_thread(annotator), Database.open(settings), settings)
    return app


def _in_a_thread(annotator: Annotator) -> Annotate:
    """Annotate for the editors' desk without holding up other requests."""

    async def annotate(body: bytes, content_type: str, charset: str | None, options: AnnotateOptions) -> bytes:
        def work() -> bytes:
            record = bodies.record_of_body(body, content_type, charset)
            lead = LeadOptions(
                max_chars=options.lead_chars,
                max_sentences=options.lead_sentences,
                alternatives=options.alternatives,
                title=options.suggest_title,
            )
            annotation = annotator.annotate(
                article_of(record),
                id=record.id,
                top=options.top,
                require_french=options.require_french,
                profile=options.profile,
                precision=options.precision,
                lead=lead,
            )
            return annotation.model_dump_json().encode()

        return await run_in_threadpool(work)

    return annotate


def _add_annotation(app: FastAPI, annotator: Annotator, settings: Settings) -> None:
    example = annotator.annotate(article_of(Record.model_validate(examples.RECORD)), id=examples.RECORD["id"])

    @app.post(
        "/v1/annotate",
        summary="Annotate one article",
        responses=_PROBLEMS | {200: {"content": {bodies.JSON: {"example": example.model_dump(mode="json")}}}},
        openapi_extra={"requestBody": examples.article_body(_RECORD_SCHEMA)},
    )
    async def annotate(
        request: Request,
        top: TopParameter = DEFAULT_TOP,
        require_french: FrenchParameter = False,
        profile: ProfileParameter = "best",
        precision: PrecisionParameter = None,
        lead_chars: CharsParameter = DEFAULT_CHARS,
        lead_sentences: SentencesParameter = 2,
        alternatives: AlternativesParameter = False,
        suggest_title: TitleParameter = False,
    ) -> Annotation:
        """Annotate a record (JSON), a web page (HTML) or plain text."""
        body = await bodies.read_body(request, settings.max_body_bytes)
        content_type, charset = bodies.media_type(request)
        lead = LeadOptions(
            max_chars=lead_chars, max_sentences=lead_sentences, alternatives=alternatives, title=suggest_title
        )

        def work() -> Annotation:
            record = bodies.record_of_body(body, content_type, charset)
            return annotator.annotate(
                article_of(record),
                id=record.id,
                top=top,
                require_french=require_french,
                profile=profile,
                precision=precision,
                lead=lead,
            )

        return await run_in_threadpool(work)

    @app.post(
        "/v1/annotate/batch",
        summary="Annotate many articles",
        response_model=list[Annotation | Failure],
        responses=_PROBLEMS | {200: {"content": {bodies.NDJSON: {}}}},
        openapi_extra={"requestBody": examples.batch_body(_RECORD_SCHEMA)},
    )
    async def annotate_batch(
        request: Request,
        top: TopParameter = DEFAULT_TOP,
        require_french: FrenchParameter = False,
        profile: ProfileParameter = "fast",
        precision: PrecisionParameter = None,
        lead_chars: CharsParameter = DEFAULT_CHARS,
        lead_sentences: SentencesParameter = 2,
        alternatives: AlternativesParameter = False,
        suggest_title: TitleParameter = False,
    ) -> Response:
        """Annotate a JSON array of records, or NDJSON; the answer has the same form and order.

        A record that cannot be annotated is answered in its place with its `id` and an `error`.
        """
        body = await bodies.read_body(request, settings.max_batch_bytes)
        content_type, charset = bodies.media_type(request)
        lead = LeadOptions(
            max_chars=lead_chars, max_sentences=lead_sentences, alternatives=alternatives, title=suggest_title
        )
        records = bodies.records_of_batch(body, content_type, charset)

        def answer(record: Record | BadRecord) -> str:
            given = annotator.answer(
                record,
                top=top,
                require_french=require_french,
                profile=profile,
                precision=precision,
                lead=lead,
            )
            return given.model_dump_json()

        if content_type == bodies.JSON:
            return StreamingResponse(_as_array(records, answer), media_type=bodies.JSON)
        return StreamingResponse((answer(record) + "\n" for record in records), media_type=bodies.NDJSON)


def _as_array(records: Iterator[Record | BadRecord], answer: Callable[[Record | BadRecord], str]) -> Iterator[str]:
    """Write a JSON array item by item."""
    yield "["
    for index, record in enumerate(records):
        yield ("," if index else "") + answer(record)
    yield "]"


def _add_vocabulary(app: FastAPI, annotator: Annotator) -> None:
    @app.get("/v1/keywords", summary="List the vocabulary")
    async def list_keywords() -> list[Keyword]:
        """List the keywords that can be suggested, with their ids, definitions, synonyms and groups."""
        return list(annotator.vocabulary.active)


def _add_status(app: FastAPI, annotator: Annotator) -> None:
    models = {profile: annotator.prepare(profile) for profile in get_args(Profile)}
    status = Status(status="ok", version=app.version, models=models)

    @app.get("/health", summary="Whether the process is alive")
    async def health() -> dict[str, str]:
        """Answer as long as the process can answer at all."""
        return {"status": "ok"}

    @app.get("/ready", summary="Whether articles can be annotated")
    async def ready() -> Status:
        """Answer once the models are loaded, and name them."""
        return status
