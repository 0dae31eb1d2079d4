"""The errors that a user can cause or must hear about, with one stable code each.

The command line prints title and detail and turns the class into an exit code; the service sends the
same words as an RFC 9457 problem document.
"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel

PROBLEM_URN = "urn:osiris-tagger:problem:"


class Problem(BaseModel):
    """A problem document (RFC 9457): in an HTTP answer, or in place of the annotation of a bad record."""

    type: str
    title: str
    status: int
    detail: str

    @property
    def code(self) -> str:
        """The code of the error that it tells of."""
        return self.type.rpartition(":")[2]


class Failure(BaseModel):
    """What stands in a batch's answer for a record that could not be annotated."""

    id: str | None
    error: Problem


class TaggerError(Exception):
    """Base of all. `code` names the kind for programs, `title` for people, `status` is the HTTP status."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500

    def headers(self) -> dict[str, str]:
        """Give the HTTP headers that belong to the error, such as when to try again."""
        return {}

    def problem(self) -> Problem:
        """Give the error as an RFC 9457 problem."""
        return Problem(type=f"{PROBLEM_URN}{self.code}", title=self.title, status=self.status, detail=str(self))


class InternalError(TaggerError):
    """A fault of this program, told to a caller who cannot do anything about it."""

    def __init__(self, detail: str = "This is a fault of tagger; its log says more.") -> None:
        super().__init__(detail)


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


class UnreadablePageError(InputError):
    """A page that no reader would ever see: it is made to be costly."""

    code, title = "unreadable-page", "The page cannot be read"


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

    @classmethod
    def of_limit(cls, limit: int) -> Self:
        """Name the limit, in bytes."""
        return cls(f"The body is larger than {limit} bytes. Send less at a time, or use a batch.")


class BadRequestError(InputError):
    """A request of Annif's API that is not as that API has it."""

    code, title, status = "bad-request", "The request is not as Annif's API has it", 400


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

    def headers(self) -> dict[str, str]:
        """Ask to try again soon."""
        return {"Retry-After": "10"}


class BusyError(TaggerError):
    """A request that cannot be served now, and can be sent again after `retry_after` seconds."""

    status = 503
    retry_after: int = 5

    def headers(self) -> dict[str, str]:
        """Say when trying again makes sense."""
        return {"Retry-After": str(self.retry_after)}


class QueueFullError(BusyError):
    """More articles than the service has places for."""

    code, title = "queue-full", "The service has too much to do"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotReadyError(BusyError):
    """A request before the models are loaded, or while the service stops."""

    code, title = "not-ready", "The service is not ready"


class WorkerLostError(BusyError):
    """The processes that worked on an article died, twice."""

    code, title = "worker-lost", "The process that annotates died over this article"


class RequestTimeoutError(TaggerError):
    """An article that took longer than the operator's limit."""

    code, title, status = "request-timeout", "Annotating took too long", 504


class NothingToRollBackError(TaggerError):
    """A rollback where no earlier models are in memory."""

    code, title, status = "nothing-to-roll-back", "There are no earlier models", 409


class RequestError(TaggerError):
    """A request that the service refuses, whatever article it holds."""

    status = 400


class UnauthorizedError(RequestError):
    """A request without a key where one is needed, or with one that is unknown, revoked or expired."""

    code, title, status = "unauthorized", "A valid API key is needed", 401

    def headers(self) -> dict[str, str]:
        """Name the scheme, as RFC 9110 asks."""
        return {"WWW-Authenticate": 'Bearer realm="tagger"'}


class ForbiddenError(RequestError):
    """A request with a key that is good, but not for this."""

    code, title, status = "forbidden", "The API key is not made for this", 403

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This needs a key with the scope {scope!r}. An administrator makes one: tagger keys create."
        )
        self._scope = scope

    def headers(self) -> dict[str, str]:
        """Name the scope that is missing (RFC 6750)."""
        return {"WWW-Authenticate": f'Bearer realm="tagger", error="insufficient_scope", scope="{self._scope}"'}


class TooManyRequestsError(RequestError):
    """More requests a minute than the key may send."""

    code, title, status = "too-many-requests", "Too many requests with this API key", 429

    def __init__(self, requests_per_minute: int, seconds: int) -> None:
        super().__init__(
            f"The key may send {requests_per_minute} requests a minute. Try again in {seconds} s, or send a batch."
        )
        self._seconds = seconds

    def headers(self) -> dict[str, str]:
        """Say when the next request will be taken."""
        return {"Retry-After": str(self._seconds)}


class KeyReusedError(RequestError):
    """An `Idempotency-Key` that came with another request before."""

    code, title, status = "idempotency-key-reused", "The Idempotency-Key belongs to another request", 422


class InvalidIdempotencyKeyError(RequestError):
    """An `Idempotency-Key` that is none."""

    code, title = "invalid-idempotency-key", "The Idempotency-Key cannot be used"


class UnderWayError(RequestError):
    """A request sent again with its `Idempotency-Key` while the first is still being answered."""

    code, title, status = "request-under-way", "The same request is being answered", 409

    def headers(self) -> dict[str, str]:
        """Ask to try again soon."""
        return {"Retry-After": "2"}


class UnknownJobError(RequestError):
    """A job that there is not, or that is another client's."""

    code, title, status = "unknown-job", "There is no such job", 404


class JobNotDoneError(RequestError):
    """The result of a job that has none, or none yet."""

    code, title, status = "job-not-done", "The job has no result", 409


class ResultGoneError(RequestError):
    """The result of a job whose file is not here, or not whole."""

    code, title, status = "result-gone", "The job's result is no longer here", 410


class WebhookRefusedError(RequestError):
    """A webhook to an address that the operator has not allowed."""

    code, title, status = "webhook-refused", "The webhook is not allowed", 422


class DiskFullError(RequestError):
    """No room, or no right, to keep what was sent."""

    code, title, status = "disk-full", "There is no room to keep the job", 507

    def headers(self) -> dict[str, str]:
        """Ask to try again later."""
        return {"Retry-After": "300"}


class ApiKeyError(TaggerError):
    """An API key that cannot be made, or that there is not."""

    code, title, status = "api-key-refused", "The API key cannot be used so", 422


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


class SpipError(TaggerError):
    """SPIP's database does not answer, is not SPIP's, or refuses what is asked of it."""

    code, title, status = "spip-unusable", "SPIP's database cannot be used", 503


class ChangeLogError(TaggerError):
    """A run whose change log is missing, broken, or still being written."""

    code, title, status = "change-log-unusable", "The run cannot be used", 409


class UnknownArticleError(TaggerError):
    """An article that is not in the store, or was erased from it."""

    code, title, status = "unknown-article", "There is no such article", 404


class EditConflictError(TaggerError):
    """A decision on a state of an article that is no longer the newest; nothing was stored."""

    code, title, status = "edit-conflict", "Someone else has changed this article", 409


class DecisionError(TaggerError):
    """A decision that does not fit the article that it is about; nothing was stored."""

    code, title, status = "decision-refused", "This decision cannot be taken", 422


class UserError(TaggerError):
    """A user, a role or a password that cannot be taken, or a user who does not exist."""

    code, title, status = "user-refused", "This cannot be done with this user", 422


class PasswordError(UserError):
    """A password that is too short or too long."""


class LoginError(TaggerError):
    """A name and a password that do not belong together, or a user who may no longer enter."""

    code, title, status = "login-refused", "The name or the password is wrong", 401


class LoginThrottledError(TaggerError):
    """Too many failed logins; `retry_after` is the time to wait, in seconds."""

    code, title, status = "login-throttled", "Too many failed logins", 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """Say when trying again makes sense."""
        return {"Retry-After": str(self.retry_after)}


class PromotionError(TaggerError):
    """Models that may not take the place of those in service."""

    code, title, status = "promotion-refused", "The models in service were not changed", 409


class FeedbackError(TaggerError):
    """Nothing can be learnt: there are no decisions, or no texts were kept."""

    code, title, status = "feedback-unusable", "There is nothing to learn from", 409


class ProjectNotFoundError(TaggerError):
    """A project of Annif's API that is none of our models."""

    code, title, status = "project-not-found", "Project not found", 404


class LearningNotAllowedError(TaggerError):
    """Filed texts were sent to a service that keeps no feedback."""

    code, title, status = "learning-not-allowed", "Learning not allowed", 403


class ServiceError(TaggerError):
    """What the service answered to a client's request that it did not fulfil, or that it does not answer at all.

    `retry_after` are the seconds to wait that it asks for, `request_id` is its name for the request.
    """

    code, title, status = "service-error", "The service refused", 502

    def __init__(self, problem: Problem, retry_after: float | None = None, request_id: str | None = None) -> None:
        super().__init__(problem.detail)
        self._problem = problem
        self.retry_after = retry_after
        self.request_id = request_id

    def __str__(self) -> str:
        """Give the problem in one line."""
        return f"{self._problem.title} ({self._problem.status}): {self._problem.detail}"

    def problem(self) -> Problem:
        """Give the problem document as the service sent it."""
        return self._problem


def remade(code: str, detail: str) -> TaggerError:
    """Make an error again that another process gave by its code and its words."""
    kinds = [TaggerError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        if kind.code == code:
            return kind(detail)
    return InternalError(detail)
