"""Jobs: large batches that are annotated in the background, and the webhooks that tell of their end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, and_, delete, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tagger.errors import UnknownJobError
from tagger.store.database import Database
from tagger.store.idempotency import KeptAnswerRow, kept_answer, under_way
from tagger.store.tables import Base, now

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
DeliveryState = Literal["waiting", "delivered", "given-up"]
ENDED: tuple[JobState, ...] = ("done", "failed", "cancelled")
_OPEN: tuple[JobState, ...] = tuple(state for state in get_args(JobState) if state not in ENDED)
MOST_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 3600.0


class JobRow(Base):
    """A batch, how far it is, and which process is at it.

    Its records lie in a file of the data folder that `place` names; `position` is the byte at which the next one
    begins. Each taking up of the job has a new `epoch` and writes a file of its own: the result is `segments`, a list
    of ``[epoch, bytes]``, one after the other. What a process writes after its lease was lost is in none of them.
    `attempts` counts the takings up since the job last moved on. `errors` are the records answered with an error.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(100), index=True)
    place: Mapped[str] = mapped_column(String(32))
    state: Mapped[JobState] = mapped_column(String(16), default="queued")
    options: Mapped[dict[str, Any]]
    total: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    segments: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    epoch: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[dt.datetime | None]
    not_before: Mapped[dt.datetime | None]
    cancelling: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)
    created: Mapped[dt.datetime] = mapped_column(default=now)
    started: Mapped[dt.datetime | None]
    finished: Mapped[dt.datetime | None]
    delivery: Mapped[DeliveryRow | None] = relationship(lazy="joined", passive_deletes=True)

    __table_args__ = (Index("ix_jobs_state_created", "state", "created"),)


class DeliveryRow(Base):
    """The webhook of a job. It is due from the job's end on, at `next_attempt`, until delivered or given up."""

    __tablename__ = "deliveries"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt: Mapped[dt.datetime | None] = mapped_column(index=True)
    delivered: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a holder of a job is: what it answered in all, and the bytes of its own segment."""

    answered: int
    errors: int
    position: int
    segment_bytes: int


class LeaseLostError(Exception):
    """The job is another process's by now, or has ended."""


class CancellingError(Exception):
    """The job is to be cancelled."""


class Jobs:
    """The jobs in the database, as seen by a process whose files are in `place`.

    A job is held for `lease_seconds` at a time. Every change by a holder names the epoch under which it took the job
    up, and is refused once another has.
    """

    def __init__(self, database: Database, place: str, lease_seconds: float) -> None:
        self._database = database
        self._place = place
        self._lease = dt.timedelta(seconds=lease_seconds)

    def add(self, job: JobRow, kept: KeptAnswerRow | None = None) -> KeptAnswerRow | None:
        """Take in a new job, and in the same transaction the answer to keep for its `Idempotency-Key`.

        Where that key was answered before, nothing is taken in and the earlier answer given.

        Raises:
            KeyReusedError: the key came with another request.
            UnderWayError: the same request is being answered.
        """
        try:
            with self._database.session() as session:
                if kept is not None:
                    earlier = kept_answer(session, kept.owner, kept.key, kept.fingerprint)
                    if earlier is not None:
                        return earlier
                    session.add(kept)
                session.add(job)
                return None
        except IntegrityError:
            raise under_way() from None

    def get(self, job_id: str) -> JobRow:
        """Give a job.

        Raises:
            UnknownJobError: there is none.
        """
        with self._database.reading() as session:
            return _job(session, job_id)

    def page(self, owner: str | None, limit: int, before: str | None, *, everyones: bool) -> list[JobRow]:
        """Give the newest jobs of an owner, or of everyone, or those older than the job `before`."""
        with self._database.reading() as session:
            newest = select(JobRow).order_by(JobRow.created.desc(), JobRow.id.desc()).limit(limit)
            if not everyones:
                newest = newest.where(JobRow.owner == owner)
            if before is not None:
                last = _job(session, before)
                newest = newest.where(tuple_(JobRow.created, JobRow.id) < tuple_(last.created, last.id))
            return [*session.scalars(newest)]

    def claim(self, held: Collection[str] = ()) -> JobRow | None:
        """Take up the oldest job that waits, or whose holder died; one taken up too often without moving on fails.

        Those that this process has in hand, by their ids in `held`, are left: it is not dead, however late it is.
        """
        free = and_(
            JobRow.place == self._place,
            JobRow.id.not_in(held),
            JobRow.state.in_(_OPEN),
            or_(JobRow.leased_until.is_(None), JobRow.leased_until < now()),
            or_(JobRow.not_before.is_(None), JobRow.not_before <= now(), JobRow.cancelling),
        )
        oldest = select(JobRow.id).where(free).order_by(JobRow.created, JobRow.id).limit(1)
        with self._database.reading() as session:
            if session.scalar(oldest) is None:
                return None
        with self._database.session() as session:
            wanted = oldest.with_for_update(skip_locked=True)
            job = session.get(JobRow, session.scalar(wanted) or "", with_for_update={"of": JobRow})
            if job is None:
                return None
            if job.cancelling:
                _end(job, "cancelled", None)
                return None
            if job.attempts >= MOST_ATTEMPTS:
                reason = job.reason or "The service ended each time that it worked at this place."
                _end(job, "failed", f"Taken up {job.attempts} times without moving on. {reason}")
                return None
            job.state = "running"
            job.started = job.started or now()
            job.epoch += 1
            job.attempts += 1
            job.leased_until = now() + self._lease
            job.not_before = None
            return job

    def keep(self, job: JobRow, progress: Progress) -> None:
        """Note how far a held job is, and hold it on.

        Raises:
            LeaseLostError: another process took it up.
            CancellingError: it is to be cancelled.
        """
        with self._database.session() as session:
            held = self._held(session, job)
            if progress.answered > held.answered:
                held.attempts, held.reason = 0, None
            _note(held, progress)
            held.leased_until = now() + self._lease
            if held.cancelling:
                raise CancellingError

    def end(self, job: JobRow, state: JobState, progress: Progress, reason: str | None = None) -> None:
        """End a held job; its webhook is due from now on.

        Raises:
            LeaseLostError: another process took it up.
        """
        with self._database.session() as session:
            held = self._held(session, job)
            _note(held, progress)
            _end(held, state, reason)

    def release(self, job: JobRow, progress: Progress, trouble: str | None = None) -> None:
        """Let go of a held job. After `trouble` it waits, longer each time; else it can be taken up at once.

        Raises:
            LeaseLostError: another process took it up.
        """
        with self._database.session() as session:
            held = self._held(session, job)
            _note(held, progress)
            held.state, held.leased_until, held.reason = "queued", None, trouble
            if trouble is None:
                held.attempts = 0
            else:
                pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (held.attempts - 1))
                held.not_before = now() + dt.timedelta(seconds=pause)

    def cancel(self, job_id: str) -> JobRow:
        """Ask for a job's end: one that no process holds ends now, another at its holder's next step.

        Raises:
            UnknownJobError: there is none.
        """
        with self._database.session() as session:
            job = _job(session, job_id, lock=True)
            if job.state in _OPEN:
                job.cancelling = True
                if job.leased_until is None:
                    _end(job, "cancelled", None)
            return job

    def forget(self, older_than: dt.timedelta) -> list[str]:
        """Remove the jobs of this place that ended so long ago, and give their ids."""
        with self._database.session() as session:
            old = and_(JobRow.place == self._place, JobRow.state.in_(ENDED), JobRow.finished < now() - older_than)
            ids = [*session.scalars(select(JobRow.id).where(old))]
            session.execute(delete(JobRow).where(JobRow.id.in_(ids)))
            return ids

    def known(self) -> set[str]:
        """Give the ids of all jobs of this place."""
        with self._database.reading() as session:
            return set(session.scalars(select(JobRow.id).where(JobRow.place == self._place)))

    def _held(self, session: Session, job: JobRow) -> JobRow:
        held = session.get(JobRow, job.id, with_for_update={"of": JobRow})
        if held is None or held.epoch != job.epoch or held.state != "running":
            raise LeaseLostError
        return held


class Deliveries:
    """The webhooks in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, seconds: float) -> JobRow | None:
        """Take up the webhook that is longest due; should this process die, it is due again in so many seconds."""
        due = and_(DeliveryRow.state == "waiting", DeliveryRow.next_attempt <= now())
        longest = select(DeliveryRow.job_id).where(due).order_by(DeliveryRow.next_attempt).limit(1)
        with self._database.reading() as session:
            if session.scalar(longest) is None:
                return None
        with self._database.session() as session:
            job_id = session.scalar(longest.with_for_update(skip_locked=True))
            if job_id is None:
                return None
            job = _job(session, job_id)
            if job.delivery is not None:
                job.delivery.attempts += 1
                job.delivery.next_attempt = now() + dt.timedelta(seconds=seconds)
            return job

    def settle(self, job_id: str, error: str | None, retry_in: float | None) -> None:
        """Note how an attempt went: delivered where there is no error, else due again in some seconds or given up."""
        with self._database.session() as session:
            delivery = session.get(DeliveryRow, job_id)
            if delivery is None:
                return
            delivery.error = error
            delivery.next_attempt = None
            if error is None:
                delivery.state, delivery.delivered = "delivered", now()
            elif retry_in is None:
                delivery.state = "given-up"
            else:
                delivery.next_attempt = now() + dt.timedelta(seconds=retry_in)


def _job(session: Session, job_id: str, *, lock: bool = False) -> JobRow:
    job = session.get(JobRow, job_id, with_for_update={"of": JobRow} if lock else None)
    if job is None:
        raise UnknownJobError(f"No job has the id {job_id!r}. GET /v1/jobs lists yours.")
    return job


def _note(job: JobRow, progress: Progress) -> None:
    job.answered, job.errors, job.position = progress.answered, progress.errors, progress.position
    others = [segment for segment in job.segments if segment[0] != job.epoch]
    job.segments = [*others, [job.epoch, progress.segment_bytes]] if progress.segment_bytes else others


def _end(job: JobRow, state: JobState, reason: str | None) -> None:
    job.state, job.reason, job.finished, job.leased_until = state, reason, now(), None
    if job.delivery is not None:
        job.delivery.next_attempt = job.finished
