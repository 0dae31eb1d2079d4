"""The one place where everything meets: an `Article` in, an `Annotation` out."""

from __future__ import annotations

import datetime as dt
import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Unpack

from tagger.article import (
    Annotation,
    Article,
    CountryShare,
    Entity,
    Extract,
    Lead,
    ModelVersions,
    Suggestion,
    Warning,
)
from tagger.entities.about import ranked
from tagger.entities.extractor import EntityExtractor
from tagger.errors import (
    EmptyTextError,
    EncoderUnavailableError,
    Failure,
    InputError,
    InternalError,
    NoLettersError,
    NotFrenchError,
    TextTooLongError,
)
from tagger.keywords.model import KeywordModel, Profile
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.leads.extractive import CUT_METHOD
from tagger.leads.options import LeadOptions
from tagger.leads.writing import LeadWriter, Written
from tagger.options import DEFAULT_TOP, AnnotateOptions, Options
from tagger.reading.press_lines import furniture_spans
from tagger.reading.records import BadRecord, Record, article_of
from tagger.resources import models_dir, training_data_dir
from tagger.settings import DEFAULT_LEAD_MODEL, Settings, load_settings
from tagger.text.language import (
    UNKNOWN,
    ForeignParagraph,
    detect_language,
    foreign_paragraphs,
)
from tagger.text.typography import NormalisedText, normalise

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Reading:
    """What is said of an article beside its keywords."""

    entities: list[Entity] = field(default_factory=list)
    countries: list[CountryShare] = field(default_factory=list)
    lead: Lead | None = None
    title: Extract | None = None
    foreign_warnings: list[Warning] = field(default_factory=list)
    lead_warnings: list[Warning] = field(default_factory=list)


@dataclass(frozen=True)
class _Readers:
    """What an annotator has beside the keyword model."""

    extractor: EntityExtractor
    writer: LeadWriter

    def read(
        self,
        title: NormalisedText,
        text: NormalisedText,
        language: str,
        options: LeadOptions,
        published: dt.date | None,
    ) -> _Reading:
        """Find the entities and write the lead."""
        foreign = foreign_paragraphs(text.text, language)
        furniture = furniture_spans(text.text)
        unusable = [*furniture, *((paragraph.start, paragraph.end) for paragraph in foreign)]
        entities, countries = self.extractor.extract(title, text, furniture)
        written = self.writer.write(title, text, unusable, options, entities, published)
        return _Reading(
            entities=ranked(entities, written.lead.source) if written.lead else entities,
            countries=countries,
            lead=written.lead,
            title=written.title,
            foreign_warnings=_foreign_warnings(text, foreign),
            lead_warnings=_lead_warnings(written),
        )


class Annotator:
    """Annotates articles.

    >>> annotator = Annotator.load()
    >>> annotation = annotator.annotate(Article(title="…", text="…"), top=4, profile="fast")
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        models: Path,
        readers: _Readers | None,
        max_text_chars: int,
    ) -> None:
        self.vocabulary = vocabulary
        self._models = models
        self._readers = readers
        self._max_text_chars = max_text_chars

    @classmethod
    def load(cls, settings: Settings | None = None, *, keywords_only: bool = False) -> Annotator:
        """Load the models and data that `settings` (by default the environment) name.

        With `keywords_only`, the annotator gives keywords without evidence, no entities and no lead, as fast as the
        classifier alone. The keyword model of the profile `best` is loaded when it is first asked for, or by
        `prepare`.

        Raises:
            ModelError: a model or data file is missing, altered or of another version.
            MissingExtraError: a language model is to write leads and the extra `transformers` is not installed.
        """
        settings = settings or load_settings()
        data = training_data_dir(settings.training_data_dir)
        models = models_dir(settings.models_dir)
        readers = None if keywords_only else _load_readers(settings, models, data)
        annotator = cls(load_vocabulary(data), models, readers, settings.max_text_chars)
        annotator.prepare("fast")
        return annotator

    def memory_zone(self) -> AbstractContextManager[object]:
        """Give a context at whose end the words that were met in it are forgotten; for one thread at a time.

        Without it, memory grows by some 8 KB an article, less and less, as new words are met.
        """
        return self._readers.extractor.memory_zone() if self._readers else nullcontext()

    def prepare(self, profile: Profile) -> ModelVersions:
        """Load the keyword model of a profile, and name the models that answer.

        Raises:
            ModelError: a model file is missing, altered or of another version.
        """
        return ModelVersions(
            keywords=self._suggester(profile)[0].version,
            entities=self._readers.extractor.version if self._readers else None,
            lead=self._readers.writer.version if self._readers else None,
        )

    def _suggester(self, profile: Profile) -> tuple[KeywordSuggester, Warning | None]:
        """Give the suggester of a profile; where `best` cannot run, that of `fast` with a warning."""
        return self._best if profile == "best" else (self._fast, None)

    @cached_property
    def _fast(self) -> KeywordSuggester:
        return KeywordSuggester(KeywordModel.load(self._models, "fast"), self.vocabulary)

    @cached_property
    def _best(self) -> tuple[KeywordSuggester, Warning | None]:
        try:
            return KeywordSuggester(KeywordModel.load(self._models, "best"), self.vocabulary), None
        except EncoderUnavailableError as error:
            _log.warning("the profile `best` cannot be used, `fast` answers: %s", error)
            return self._fast, Warning(code="fast-profile", message=f"{error} The profile `fast` answered.")

    def annotate(self, article: Article, *, id: str | None = None, **options: Unpack[Options]) -> Annotation:
        """Annotate one article, as the options ask: `tagger.options` says what each does. By default `best` answers.

        Raises:
            InputError: the article has no text, no words or too much text, or is not in French where
                `require_french` asks for it.
            ValueError: an option is unknown or over its limits; the message names it.
        """
        asked = AnnotateOptions.of(options)
        return self._annotate(article, id, asked, asked.profile or "best")

    def _annotate(self, article: Article, id: str | None, options: AnnotateOptions, profile: Profile) -> Annotation:
        self._check(article.text)
        title, text = normalise(article.title), normalise(article.text)
        language = detect_language(f"{title.text}\n{text.text}")
        if options.require_french and language not in ("fr", UNKNOWN):
            raise NotFrenchError(f"The article's language is {language!r}. Send it without asking for French.")
        suggester, fallback = self._suggester(profile)
        readers = self._readers
        keywords = suggester.suggest(title, text, options.top, options.precision, with_evidence=readers is not None)
        reading = readers.read(title, text, language, options, article.date) if readers else _Reading()
        return Annotation(
            id=id,
            language=language,
            article=article,
            keywords=keywords,
            entities=reading.entities,
            countries=reading.countries,
            lead=reading.lead,
            title_suggestion=reading.title,
            model=self.prepare(profile),
            warnings=[
                *filter(None, [fallback]),
                *_language_warnings(language),
                *reading.foreign_warnings,
                *_keyword_warnings(keywords),
                *reading.lead_warnings,
            ],
        )

    def suggest(self, article: Article, *, top: int = DEFAULT_TOP, profile: Profile = "best") -> list[Suggestion]:
        """Suggest the keywords that `annotate` does, and do nothing else.

        Raises:
            InputError: the article has no text, no words or too much text.
        """
        self._check(article.text)
        return self._suggester(profile)[0].suggest(normalise(article.title), normalise(article.text), top)

    def answer(self, record: Record | BadRecord, **options: Unpack[Options]) -> Annotation | Failure:
        """Annotate a record of a batch; one that cannot be annotated gets its reason as the answer.

        The options are those of `annotate`, but by default `fast` answers.

        Raises:
            ValueError: an option is unknown or over its limits; the message names it.
        """
        asked = AnnotateOptions.of(options)
        profile = asked.profile or "fast"
        if isinstance(record, BadRecord):
            return Failure(id=record.id, error=record.error.problem())
        self.prepare(profile)  # a model that cannot be used is no fault of the record
        try:
            return self._annotate(article_of(record), record.id, asked, profile)
        except InputError as error:
            return Failure(id=record.id, error=error.problem())
        except Exception:
            _log.exception("a record could not be annotated because of a fault in this program")
            return Failure(
                id=record.id, error=InternalError("This is a fault of tagger; its log says more.").problem()
            )

    def _check(self, text: str) -> None:
        if not text.strip():
            raise EmptyTextError("The article's text is empty. Send the text, or the page it stands on.")
        if not any(map(str.isalpha, text)):
            raise NoLettersError("The article's text has no letters. Send its words.")
        if len(text) > self._max_text_chars:
            raise TextTooLongError(
                f"The text has {len(text)} characters; at most {self._max_text_chars} are taken. "
                "Send one article at a time, or raise TAGGER_MAX_TEXT_CHARS."
            )


def _load_readers(settings: Settings, models: Path, data: Path) -> _Readers:
    language_model = None if settings.lead_model == DEFAULT_LEAD_MODEL else settings.lead_model
    extractor = EntityExtractor.load(models, data, settings.names_file)
    return _Readers(
        extractor, LeadWriter.load(models, extractor.known_names, language_model, settings.lead_time_limit)
    )


def _foreign_warnings(text: NormalisedText, paragraphs: list[ForeignParagraph]) -> list[Warning]:
    warnings = []
    for paragraph in paragraphs:
        start, end = text.span(paragraph.start, paragraph.end)
        message = f"This paragraph is in {paragraph.language!r}; the lead does not use it."
        warnings.append(Warning(code="foreign-paragraph", message=message, start=start, end=end))
    return warnings


def _language_warnings(language: str) -> list[Warning]:
    if language == UNKNOWN:
        return [Warning(code="unknown-language", message="The text is too short to tell its language.")]
    if language != "fr":
        message = f"The article's language is {language!r}; the models are made for French."
        return [Warning(code="not-french", message=message)]
    return []


def _keyword_warnings(keywords: list[Suggestion]) -> list[Warning]:
    if any(suggestion.suggested for suggestion in keywords):
        return []
    return [Warning(code="no-keyword", message="No keyword is probable enough to be suggested.")]


def _lead_warnings(written: Written) -> list[Warning]:
    warnings = []
    faults = ", ".join(f"« {fault.text} » ({fault.kind})" for fault in written.faults)
    if written.outcome == "repaired":
        message = f"What the language model wrote is not all in the article, and was shortened: {faults}."
        warnings.append(Warning(code="lead-repaired", message=message))
    elif written.outcome == "replaced":
        message = (
            f"What the language model wrote is not in the article: {faults}. The article's own sentences answer."
        )
        warnings.append(Warning(code="lead-replaced", message=message))
    elif written.outcome == "late":
        message = "The language model gave no usable lead within the time limit; the article's own sentences answer."
        warnings.append(Warning(code="lead-late", message=message))
    if written.lead is None:
        warnings.append(Warning(code="no-lead", message="The article has no sentence that can be a lead."))
    elif written.lead.method == CUT_METHOD:
        warnings.append(Warning(code="lead-cut", message="Every sentence is too long for a lead; one was cut."))
    return warnings
