"""The door for clients of Annif: the same addresses, fields and errors as Annif's REST API of version 1.

A project of Annif's is one of our keyword models here, `osiris-fast` and `osiris-best`; its vocabulary is ours, with
the URIs that the SKOS export gives the keywords; a score is a calibrated probability.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationError, WithJsonSchema
from starlette.concurrency import run_in_threadpool

from tagger.errors import (
    BadRequestError,
    BinaryDataError,
    BodyTooLargeError,
    EmptyTextError,
    InputError,
    InvalidEncodingError,
    LearningNotAllowedError,
    NoLettersError,
    NotReadyError,
    ProjectNotFoundError,
    RequestTimeoutError,
    TextTooLongError,
    UnsupportedFormatError,
)
from tagger.keywords.incoming import id_of, uri_of
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Keyword, Vocabulary
from tagger.options import AnnotateOptions
from tagger.service import bodies, examples
from tagger.service.dependencies import Pool, ServiceSettings
from tagger.service.pool import WorkerPool
from tagger.service.problems import problem_responses
from tagger.service.receiving import read_body
from tagger.service.security import DOOR_PROBLEMS, require
from tagger.store.keys import Scope
from tagger.text.language import DETECTABLE, language_proportions

FORM = "application/x-www-form-urlencoded"
MAX_DOCUMENTS = 32
_LANGUAGE = "fr"
_UTF8 = "utf-8"
_MAX_FIELDS = 100
_PROJECTS: dict[str, tuple[Profile, str]] = {
    "osiris-fast": ("fast", "OSIRIS, by words"),
    "osiris-best": ("best", "OSIRIS, by words and the meaning of sentences"),
}


@dataclass(frozen=True, slots=True)
class LearnDocument:
    """A text with the ids of the keywords under which a person has filed it."""

    title: str
    text: str
    keyword_ids: tuple[str, ...]


Learn = Callable[[Sequence[LearnDocument]], None]
"""Keeps documents for the next training."""


class _Form(BaseModel):
    """Whatever Annif's fields are called; further fields are left alone, as Annif does."""

    model_config = ConfigDict(extra="ignore")


class ApiInfo(BaseModel):
    """What answers here."""

    title: str
    version: str


class Vocab(BaseModel):
    """A vocabulary: ours, and there is no other."""

    vocab_id: str = "osiris"
    languages: list[str] = [_LANGUAGE]
    size: int
    loaded: bool = True


class Vocabs(BaseModel):
    """All vocabularies."""

    vocabs: list[Vocab]


class Backend(BaseModel):
    """The program that suggests."""

    backend_id: str = "tagger"


class Project(BaseModel):
    """A keyword model as a project of Annif's."""

    project_id: str
    name: str
    language: str = _LANGUAGE
    backend: Backend = Backend()
    vocab: Vocab
    vocab_language: str = _LANGUAGE
    is_trained: bool = True
    modification_time: str | None = Field(None, description="Not known: a model names its version, not its date.")


class Projects(BaseModel):
    """All projects."""

    projects: list[Project]


class Parameters(_Form):
    """Which suggestions are wanted."""

    limit: int = Field(10, ge=0, lt=2**31, description="How many suggestions to give at most.")
    threshold: float = Field(0.0, ge=0, le=1, description="The least score that a suggestion must have.")
    language: Literal["fr"] = Field("fr", description="Language of the labels.")


class SuggestForm(Parameters):
    """A text for which keywords are wanted; `metadata_title` may give its title apart."""

    text: str = Field(description="The text, with its title as the first line or in `metadata_title`.")
    metadata_title: str = Field("", description="The title, where it is not in the text.")


class Metadata(_Form):
    """What is known of a document beside its text."""

    title: str = Field("", description="The title, where it is not in the text.")


class Document(_Form):
    """A text for which keywords are wanted."""

    text: str
    document_id: str | None = None
    metadata: Metadata = Metadata()


class Documents(_Form):
    """The documents of one request."""

    documents: list[Document] = Field(max_length=MAX_DOCUMENTS)


class Subject(_Form):
    """A keyword by its URI."""

    uri: str
    label: str = ""


class IndexedDocument(_Form):
    """A text with the keywords under which a person has filed it."""

    text: str
    metadata: Metadata = Metadata()
    subjects: list[Subject] = Field(min_length=1)


class IndexedDocuments(RootModel[list[IndexedDocument]]):
    """Texts to learn from."""


def _detectable(language: str) -> str:
    if language not in DETECTABLE:
        raise ValueError(f"{language!r} is not one of {', '.join(sorted(DETECTABLE))}")
    return language


_DETECTABLE_SCHEMA = {"type": "string", "enum": sorted(DETECTABLE)}


class LanguageQuestion(_Form):
    """A text whose language is wanted."""

    text: str
    languages: list[Annotated[str, AfterValidator(_detectable), WithJsonSchema(_DETECTABLE_SCHEMA)]] = Field(
        min_length=1, max_length=5, description="The languages that may be, by their ISO 639-1 codes."
    )


class LanguageScore(BaseModel):
    """How much of the text is in a language; the language is null for what is in none of those named."""

    language: str | None
    score: float


class DetectedLanguages(BaseModel):
    """The languages that were named, with their scores, the likeliest first."""

    results: list[LanguageScore]


class Result(BaseModel):
    """A keyword as a subject of Annif's."""

    uri: str
    label: str
    notation: str
    score: float


class Results(BaseModel):
    """The suggestions for one text, the most probable first."""

    results: list[Result]


class DocumentResults(Results):
    """The suggestions for one document of a batch."""

    document_id: str | None


_PROBLEMS = problem_responses(
    *DOOR_PROBLEMS,
    BadRequestError,
    InvalidEncodingError,
    LearningNotAllowedError,
    ProjectNotFoundError,
    BodyTooLargeError,
    TextTooLongError,
    UnsupportedFormatError,
    BinaryDataError,
    NotReadyError,
    RequestTimeoutError,
)


def _takes(media_type: str, kind: type[BaseModel], example: object) -> dict[str, Any]:
    """Describe a body for the OpenAPI document."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": _schema(kind), "example": example}}}}


def _query(kind: type[BaseModel]) -> list[dict[str, Any]]:
    """Describe query parameters for the OpenAPI document."""
    properties = _schema(kind)["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    """Give the JSON schema of a model in one piece: references inside a part of the document would lead nowhere."""
    schema = kind.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(node: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        if isinstance(node, dict):
            reference = node.get("$ref")
            return whole(parts[reference.rpartition("/")[2]]) if reference else {k: whole(v) for k, v in node.items()}
        return [whole(item) for item in node] if isinstance(node, list) else node

    found: dict[str, Any] = whole(schema)
    return found


def add_annif(app: FastAPI, learn: Learn | None = None) -> None:
    """Add the addresses of Annif's API. Without `learn` no project learns, which is an answer that Annif has too."""
    app.state.learn = learn
    app.include_router(router)
    app.include_router(learning_router)


def _new_router(*scopes: Scope) -> APIRouter:
    return APIRouter(prefix="/v1", tags=["Annif"], responses=_PROBLEMS, dependencies=[Depends(require(*scopes))])


router = _new_router("annotate")
learning_router = _new_router("annotate", "feedback")


@router.get("/", summary="What answers here")
async def show_info(request: Request) -> ApiInfo:
    """Name the program and its version."""
    return ApiInfo(title="tagger, with the addresses of Annif's REST API", version=request.app.version)


@router.get("/vocabs", summary="List the vocabularies")
async def list_vocabs(pool: Pool) -> Vocabs:
    """Give the one vocabulary; `GET /v1/keywords` lists its keywords."""
    return Vocabs(vocabs=[_vocab(pool)])


@router.get("/projects", summary="List the projects")
async def list_projects(pool: Pool) -> Projects:
    """Give the keyword models as projects."""
    return Projects(projects=[_project(pool, project_id) for project_id in _PROJECTS])


@router.get("/projects/{project_id}", summary="Show a project")
async def show_project(project_id: str, pool: Pool) -> Project:
    """Give one keyword model as a project."""
    return _project(pool, project_id)


@router.post(
    "/projects/{project_id}/suggest",
    summary="Suggest keywords for a text",
    openapi_extra=_takes(FORM, SuggestForm, {"text": f"{examples.TITLE}\n\n{examples.TEXT}", "limit": 5}),
)
async def suggest(project_id: str, request: Request, pool: Pool, settings: ServiceSettings) -> Results:
    """Give the most probable keywords for a text; none for a text without words."""
    form = _checked(SuggestForm, _form(await _read(request, FORM, settings.max_body_bytes)))
    document = Document(text=form.text, metadata=Metadata(title=form.metadata_title))
    return Results(results=await _results(pool, project_id, document, form))


@router.post(
    "/projects/{project_id}/suggest-batch",
    summary="Suggest keywords for several texts",
    openapi_extra=_takes(bodies.JSON, Documents, {"documents": [{"document_id": "exemple-1", "text": examples.TEXT}]})
    | {"parameters": _query(Parameters)},
)
async def suggest_batch(
    project_id: str, request: Request, pool: Pool, settings: ServiceSettings
) -> list[DocumentResults]:
    """Give the most probable keywords for each of at most 32 texts, in their order."""
    batch = _checked_json(Documents, await _read(request, bodies.JSON, settings.max_batch_bytes))
    parameters = _checked(Parameters, dict(request.query_params))
    _profile(project_id)
    answers = []
    for number, document in enumerate(batch.documents):
        try:
            found = await _results(pool, project_id, document, parameters)
        except InputError as error:
            raise BadRequestError(f"documents.{number}: {error}") from None
        answers.append(DocumentResults(document_id=document.document_id, results=found))
    return answers


@learning_router.post(
    "/projects/{project_id}/learn",
    summary="Learn from filed texts",
    status_code=204,
    openapi_extra=_takes(
        bodies.JSON,
        IndexedDocuments,
        [{"text": examples.TEXT, "subjects": [{"uri": uri_of("intelligence-artificielle")}]}],
    ),
)
async def learn(project_id: str, request: Request, pool: Pool, settings: ServiceSettings) -> Response:
    """Keep texts with the keywords under which they are filed, for the next training of all models."""
    _profile(project_id)
    keep: Learn | None = request.app.state.learn
    if keep is None:
        raise LearningNotAllowedError(f"Project {project_id!r} does not learn: the service keeps no feedback.")
    indexed = _checked_json(IndexedDocuments, await _read(request, bodies.JSON, settings.max_batch_bytes))
    vocabulary = pool.models.vocabulary
    await run_in_threadpool(keep, [to_learn(document, vocabulary) for document in indexed.root])
    return Response(status_code=204)


@router.post(
    "/detect-language",
    summary="Tell the language of a text",
    openapi_extra=_takes(bodies.JSON, LanguageQuestion, {"text": examples.TEXT, "languages": ["fr", "en"]}),
)
async def detect_language(request: Request, settings: ServiceSettings) -> DetectedLanguages:
    """Give the share of each of the languages that are named."""
    question = _checked_json(LanguageQuestion, await _read(request, bodies.JSON, settings.max_body_bytes))
    shares = await run_in_threadpool(language_proportions, question.text, question.languages)
    return DetectedLanguages(results=[LanguageScore(language=name, score=share) for name, share in shares])


def _vocab(pool: WorkerPool) -> Vocab:
    return Vocab(size=len(pool.models.vocabulary.active))


def _project(pool: WorkerPool, project_id: str) -> Project:
    _profile(project_id)
    return Project(project_id=project_id, name=_PROJECTS[project_id][1], vocab=_vocab(pool))


def _profile(project_id: str) -> Profile:
    if project_id not in _PROJECTS:
        raise ProjectNotFoundError(f"Project {project_id!r} not found. There are {' and '.join(_PROJECTS)}.")
    return _PROJECTS[project_id][0]


async def _results(pool: WorkerPool, project_id: str, document: Document, parameters: Parameters) -> list[Result]:
    # Annif's clients expect the order of scores; ours may begin with a less probable one, to file the article under.
    options = AnnotateOptions(top=parameters.limit + 1, profile=_profile(project_id))
    try:
        suggestions = await pool.suggest(*_body(document), options)
    except (EmptyTextError, NoLettersError):  # Annif has no suggestions for nothing, and a batch goes on
        return []
    return [
        Result(uri=uri_of(item.keyword_id), label=item.keyword, notation=item.keyword_id, score=item.probability)
        for item in sorted(suggestions, key=lambda item: -item.probability)[: parameters.limit]
        if item.probability >= parameters.threshold
    ]


def _body(document: Document) -> tuple[bytes, str, str]:
    """Give a document as a body of `/v1/annotate`, with its media type and encoding."""
    if not document.metadata.title:
        return document.text.encode(), "text/plain", _UTF8
    return json.dumps({"title": document.metadata.title, "text": document.text}).encode(), bodies.JSON, _UTF8


def to_learn(document: IndexedDocument, vocabulary: Vocabulary) -> LearnDocument:
    """Give a document with today's keywords for its subjects.

    Raises:
        BadRequestError: a subject is no keyword of the vocabulary.
    """
    found = {subject.uri: _keyword(subject, vocabulary) for subject in document.subjects}
    if unknown := [uri for uri, keyword in found.items() if keyword is None]:
        raise BadRequestError(f"The vocabulary has no {', '.join(unknown)}. GET /v1/keywords lists what it has.")
    ids = (keyword.id for keyword in found.values() if keyword)
    return LearnDocument(document.metadata.title, document.text, tuple(dict.fromkeys(ids)))


def _keyword(subject: Subject, vocabulary: Vocabulary) -> Keyword | None:
    """Find the keyword that stands today for a URI; what replaced it where it is retired."""
    keyword = vocabulary.by_id.get(id_of(subject.uri) or "")
    return vocabulary.resolve(keyword.name) if keyword else None


async def _read(request: Request, media_type: str, max_bytes: int) -> bytes:
    given, _ = bodies.media_type(request.headers.get("content-type"))
    if given != media_type:
        raise UnsupportedFormatError(f"The media type {given} is not taken here. Send {media_type}.")
    return await read_body(request, max_bytes)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(
            parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
        )
    except UnicodeError:
        raise InvalidEncodingError("The form is not UTF-8 in percent signs. Send it as browsers do.") from None
    except ValueError as error:
        raise BadRequestError(f"The form cannot be read: {error}.") from None


_Model = TypeVar("_Model", bound=BaseModel)


def _checked(kind: type[_Model], data: dict[str, str]) -> _Model:
    return _validated(lambda: kind.model_validate(data))


def _checked_json(kind: type[_Model], body: bytes) -> _Model:
    return _validated(lambda: kind.model_validate_json(body))


def _validated(validate: Callable[[], _Model]) -> _Model:
    try:
        return validate()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        reasons = [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in faults]
        raise BadRequestError("; ".join(reasons) + ".") from None
