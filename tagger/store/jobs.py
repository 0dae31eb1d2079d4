"""Jobs: large batches that are annotated in the background, and the webhooks that tell of their end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tagger.store.tables import Base, now


class Job(Base):
    """A batch, how far it is, and which process is at it.

    Its records lie in a file of the data folder that `place` names; `position` is the byte at which the next one
    begins. Each taking up of the job has a new `epoch` and writes a file of its own: the result is `segments`, a list
    of ``[epoch, bytes]``, one after the other. What a process writes after its lease was lost is in none of them.
    `attempts` counts the takings up since the job last moved on.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(100), index=True)
    place: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]]
    total: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
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

    __table_args__ = (Index("ix_jobs_state_created", "state", "created"),)


class Delivery(Base):
    """The webhook of a job. It is due from the job's end on, at `next_attempt`, until delivered or given up."""

    __tablename__ = "deliveries"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt: Mapped[dt.datetime | None] = mapped_column(index=True)
    delivered: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
