"""The one place where everything meets: an `Article` in, an `Annotation` out."""

from __future__ import annotations

import logging

from tagger.article import Annotation, Article, Lead, ModelVersions, Suggestion, Warning
from tagger.entities.extractor import EntityExtractor
from tagger.errors import (
    EmptyTextError,
    Failure,
    InputError,
    InternalError,
    NoLettersError,
    NotFrenchError,
    TextTooLongError,
)
from tagger.keywords.model import KeywordModel
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.leads.extractive import METHOD, ExtractiveWriter
from tagger.reading.press_lines import furniture_spans
from tagger.reading.records import BadRecord, Record, article_of
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings, load_settings
from tagger.text.language import UNKNOWN, ForeignParagraph, detect_language, foreign_paragraphs
from tagger.text.typography import NormalisedText, normalise

_log = logging.getLogger(__name__)

DEFAULT_TOP = 10
KEYWORD_MODEL = "keywords/fast"


class Annotator:
    """Annotates articles.

    >>> annotator = Annotator.load()
    >>> annotation = annotator.annotate(Article(title="…", text="…"))
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        suggester: KeywordSuggester,
        extractor: EntityExtractor,
        writer: ExtractiveWriter,
        max_text_chars: int,
    ) -> None:
        self.vocabulary = vocabulary
        self._suggester = suggester
        self._extractor = extractor
        self._writer = writer
        self._max_text_chars = max_text_chars
        self.models = ModelVersions(keywords=suggester.version, entities=extractor.version, lead=writer.version)

    @classmethod
    def load(cls, settings: Settings | None = None) -> Annotator:
        """Load the models and data that `settings` (by default the environment) name.

        Raises:
            ModelError: a model or data file is missing, altered or of another version.
        """
        settings = settings or load_settings()
        models, data = models_dir(settings.models_dir), training_data_dir(settings.training_data_dir)
        vocabulary = load_vocabulary(data)
        return cls(
            vocabulary,
            KeywordSuggester(KeywordModel.load(models / KEYWORD_MODEL), vocabulary),
            EntityExtractor.load(data),
            ExtractiveWriter(),
            settings.max_text_chars,
        )

    def annotate(
        self,
        article: Article,
        *,
        id: str | None = None,
        top: int = DEFAULT_TOP,
        require_french: bool = False,
    ) -> Annotation:
        """Annotate one article; `top` is the number of keywords to list, suggested or not.

        Raises:
            InputError: the article has no text, no words or too much text, or is not in French where
                `require_french` asks for it.
        """
        if top < 1:
            raise ValueError("top must be at least 1")
        self._check(article.text)
        title, text = normalise(article.title), normalise(article.text)
        language = detect_language(f"{title.text}\n{text.text}")
        if require_french and language not in ("fr", UNKNOWN):
            raise NotFrenchError(f"The article's language is {language!r}. Send it without asking for French.")
        foreign = foreign_paragraphs(text.text, language)
        furniture = furniture_spans(text.text)

        keywords = self._suggester.suggest(title, text, top)
        entities = self._extractor.extract(title, text, furniture)
        unusable = [*furniture, *((paragraph.start, paragraph.end) for paragraph in foreign)]
        lead = self._writer.write(title.text, text, unusable)
        return Annotation(
            id=id,
            language=language,
            article=article,
            keywords=keywords,
            entities=entities,
            lead=lead,
            model=self.models,
            warnings=_warnings(text, language, foreign, keywords, lead),
        )

    def answer(
        self, record: Record | BadRecord, *, top: int = DEFAULT_TOP, require_french: bool = False
    ) -> Annotation | Failure:
        """Annotate a record of a batch; one that cannot be annotated gets its reason as the answer."""
        if isinstance(record, BadRecord):
            return Failure(id=record.id, error=record.error.problem())
        try:
            return self.annotate(article_of(record), id=record.id, top=top, require_french=require_french)
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


def _warnings(
    text: NormalisedText,
    language: str,
    foreign: list[ForeignParagraph],
    keywords: list[Suggestion],
    lead: Lead | None,
) -> list[Warning]:
    warnings = []
    if language == UNKNOWN:
        warnings.append(Warning(code="unknown-language", message="The text is too short to tell its language."))
    elif language != "fr":
        message = f"The article's language is {language!r}; the models are made for French."
        warnings.append(Warning(code="not-french", message=message))
    for paragraph in foreign:
        start, end = text.span(paragraph.start, paragraph.end)
        warnings.append(
            Warning(
                code="foreign-paragraph",
                message=f"This paragraph is in {paragraph.language!r}; the lead does not use it.",
                start=start,
                end=end,
            )
        )
    if not any(suggestion.suggested for suggestion in keywords):
        warnings.append(Warning(code="no-keyword", message="No keyword is probable enough to be suggested."))
    if lead is None:
        warnings.append(Warning(code="no-lead", message="The article has no sentence that can be a lead."))
    elif lead.method != METHOD:
        warnings.append(
            Warning(code="lead-cut", message="Every sentence is too long for a lead; the best one was cut.")
        )
    return warnings
