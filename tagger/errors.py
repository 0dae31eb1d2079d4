"""The errors that a user can cause or must hear about, with one stable code each.

The command line prints title and detail and turns the class into an exit code; the service sends the
same words as an RFC 9457 problem document.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel


class Problem(BaseModel):
    """A problem document (RFC 9457): in an HTTP answer, or in place of the annotation of a bad record."""

    type: str
    title: str
    status: int
    detail: str


class Failure(BaseModel):
    """What stands in a batch's answer for a record that could not be annotated."""

    id: str | None
    error: Problem


class TaggerError(Exception):
    """Base of all. `code` names the kind for programs, `title` for people, `status` is the HTTP status."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500

    def problem(self) -> Problem:
        """Give the error as an RFC 9457 problem."""
        return Problem(
            type=f"urn:osiris-tagger:problem:{self.code}", title=self.title, status=self.status, detail=str(self)
        )


class InternalError(TaggerError):
    """A fault of this program, told to a caller who cannot do anything about it."""


class InputError(TaggerError):
    """What came in cannot be read or annotated."""

    status = 422


class BrokenJsonError(InputError):
    """A record that is not JSON, or not a JSON object."""

    code, title, status = "broken-json", "The JSON cannot be read", 400


class InvalidRecordError(InputError):
    """A record with a missing, unknown or mistyped field."""

    code, title = "invalid-record", "The record is not as the contract says"


class InvalidEncodingError(InputError):
    """Bytes that are not text in the encoding they claim."""

    code, title, status = "invalid-encoding", "The text is not in the encoding that it claims", 400


class BinaryDataError(InputError):
    """Bytes that are no text at all (an image, a PDF, an archive)."""

    code, title, status = "binary-data", "This is binary data, not an article", 415


class UnsupportedFormatError(InputError):
    """A file ending or a media type that no reader takes."""

    code, title, status = "unsupported-format", "This format is not supported", 415


class EmptyTextError(InputError):
    """No text to annotate."""

    code, title = "empty-text", "There is no text to annotate"


class NoLettersError(InputError):
    """Text without a single word."""

    code, title = "no-letters", "The text has no words"


class TextTooLongError(InputError):
    """More text than one article can have."""

    code, title, status = "text-too-long", "The text is too long for one article", 413


class BodyTooLargeError(InputError):
    """An HTTP body over the operator's limit."""

    code, title, status = "body-too-large", "The body is too large", 413


class NotFrenchError(InputError):
    """An article in another language, where the caller asked to refuse those."""

    code, title = "not-french", "The article is not in French"


class FetchError(InputError):
    """A page that could not be fetched, or that its site asks programs not to fetch."""

    code, title, status = "fetch-failed", "The page could not be fetched", 502


class ModelError(TaggerError):
    """Model or data files that are missing, altered, or made for another version."""

    code, title, status = "model-unusable", "The model files cannot be used", 503


class EncoderUnavailableError(TaggerError):
    """The profile `best` was asked for where its libraries are missing or do not run."""

    code, title, status = "encoder-unavailable", "The profile `best` cannot be used here", 501


class SettingsError(TaggerError):
    """A setting that cannot be used."""

    code, title, status = "invalid-setting", "A setting cannot be used", 500


class StoreError(TaggerError):
    """The database does not answer, or cannot write."""

    code, title, status = "store-unavailable", "The database cannot be used at the moment", 503


class MissingExtraError(TaggerError):
    """A feature whose optional dependency is not installed."""

    code, title, status = "extra-not-installed", "An optional dependency is missing", 501


class UnknownKeywordError(TaggerError):
    """A name that no keyword of the vocabulary has."""

    code, title, status = "unknown-keyword", "There is no such keyword", 404


class VocabularyError(TaggerError):
    """A change to the vocabulary, or a file to import into it, that cannot be taken."""

    code, title, status = "vocabulary-refused", "The vocabulary was not changed", 422


class NamesError(TaggerError):
    """A table of names that cannot be read, or a line of it that cannot be taken."""

    code, title, status = "names-refused", "The names cannot be taken", 422


class SourceError(TaggerError):
    """A source that cannot be opened, or that is no longer what a run began with."""

    code, title, status = "source-unusable", "The source cannot be used", 422


class JournalError(TaggerError):
    """A run that cannot begin or go on as it was asked to."""

    code, title, status = "run-refused", "The run cannot go on like this", 409


class EngineError(TaggerError):
    """Workers that cannot be started or do not agree."""

    code, title, status = "engine-failed", "The workers cannot work", 500
