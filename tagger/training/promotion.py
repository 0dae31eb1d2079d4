"""Whether newly trained keyword models may take the place of those in service, and how they do.

The models in service have learnt from the corpus, so on it they cannot be measured against others. What is measured
instead is what was learnt: the same folds are answered once by models that learnt from everything but the fold, and
once by models that learnt, besides the corpus, only from the feedback that those in service know.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from pydantic import TypeAdapter, ValidationError

from tagger.errors import ModelError, PromotionError
from tagger.keywords.model import KEYWORDS, KeywordManifest, KeywordModel, Profile
from tagger.training.comparison import Comparison, paired_differences
from tagger.training.cross_validation import Recipe, TrainingSet, UnseenScores, cross_validate

COMPARISON_FILE = "comparison.json"
_PROMOTED, _CURRENT, _PREVIOUS = "models", "current", "previous"
_SAMPLES = 1000
_COMPARISONS = TypeAdapter(dict[str, Comparison])

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Promoted:
    """Where the models in service are now, and where those before them."""

    folder: Path
    former: Path


def compare_with_service(
    data: TrainingSet,
    unseen: UnseenScores,
    recipe: Recipe,
    in_service: KeywordManifest,
    profiles: list[Profile],
    models: Path,
    progress: Progress,
) -> dict[str, Comparison]:
    """Compare what was trained with what is in service, and write the comparison beside the models.

    `unseen` are the scores of what was trained.
    """
    known = set(in_service.feedback)
    taught = np.ones(len(data.labels), dtype=bool)
    taught[[number for number in data.corpus.feedback if data.corpus.ids[number] not in known]] = False
    folds = data.folds(recipe.terms.seed)
    former = cross_validate(data, recipe, folds, lambda step: progress(f"as in service, {step}"), taught)
    found: dict[str, Comparison] = {
        profile: Comparison(
            first=f"in service, {in_service.version}",
            second="trained anew",
            articles=len(unseen.tested),
            differences=paired_differences(
                (former.decide(profile), unseen.decide(profile)),
                unseen.labels,
                unseen.primaries,
                _SAMPLES,
                recipe.terms.seed,
                progress,
            ),
        )
        for profile in profiles
    }
    (models / KEYWORDS / COMPARISON_FILE).write_bytes(_COMPARISONS.dump_json(found, indent=1) + b"\n")
    return found


def read_comparison(candidate: Path, in_service: KeywordManifest) -> dict[str, Comparison]:
    """Read how a candidate compares with the models in service.

    Raises:
        PromotionError: it was not compared with those.
    """
    advice = "Train it with `tagger train --with-feedback`, or name held-out articles with --corpus."
    try:
        found = _COMPARISONS.validate_json((candidate / KEYWORDS / COMPARISON_FILE).read_bytes())
    except FileNotFoundError:
        raise PromotionError(f"{candidate} was not compared with the models in service. {advice}") from None
    except ValidationError as error:
        raise ModelError(f"{candidate / KEYWORDS / COMPARISON_FILE} is no comparison: {error}") from None
    if any(not item.first.endswith(in_service.version) for item in found.values()):
        raise PromotionError(f"{candidate} was compared with other models than those in service now. {advice}")
    return found


def check_not_worse(comparisons: Mapping[str, Comparison]) -> None:
    """Refuse a candidate of which some part is worse in some score, beyond what chance explains.

    Raises:
        PromotionError: it is; the message says in what.
    """
    faults = [
        f"{item.score} of {part} is {item.second:.3f} instead of {item.first:.3f} "
        f"(95 % interval of the difference {item.low:+.3f} to {item.high:+.3f})"
        for part, comparison in comparisons.items()
        for item in comparison.worse
    ]
    if faults:
        raise PromotionError(f"The candidate is worse: {'; '.join(faults)}. The models in service stay.")


def promote(candidate: Path, in_service: Path, data_dir: Path) -> Promoted:
    """Copy a candidate into the data folder, and let the link `models/current` there lead to it.

    Parts that the candidate lacks (recogniser, ranker of leads) are taken over from the folder in service.
    `models/previous` leads to the folder that was in service until now; those promoted before are removed.

    Raises:
        ModelError: the candidate cannot be used.
        PromotionError: it lacks a profile that is in service.
    """
    for profile in get_args(Profile):
        if (in_service / KEYWORDS / profile).is_dir() and not (candidate / KEYWORDS / profile).is_dir():
            raise PromotionError(f"{candidate} lacks the profile {profile}, which is in service. Train both.")
    version = KeywordModel.load(candidate, "fast").manifest.version
    folder, former = data_dir / _PROMOTED, in_service.resolve()
    kept = folder / f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}-{version.replace('+', '-')}"
    for part in [*former.iterdir(), *candidate.iterdir()]:  # of two of one name the candidate's stays
        if part.is_dir():
            shutil.rmtree(kept / part.name, ignore_errors=True)
            shutil.copytree(part, kept / part.name)
    _link(folder / _PREVIOUS, former)
    _link(folder / _CURRENT, kept)
    _clear(folder)
    return Promoted(folder / _CURRENT, former)


def go_back(data_dir: Path) -> Promoted:
    """Put the models before the last promotion into service again; once more, and the newer ones are back.

    Raises:
        PromotionError: there are none.
    """
    folder = data_dir / _PROMOTED
    current, previous = folder / _CURRENT, folder / _PREVIOUS
    if not previous.is_dir() or not current.is_dir():
        raise PromotionError(f"No models were promoted into {folder} yet: there is nothing to go back to.")
    former, back = current.resolve(), previous.resolve()
    _link(current, back)
    _link(previous, former)
    return Promoted(current, former)


def _clear(folder: Path) -> None:
    """Remove promoted models that neither link leads to any more."""
    leads_to = {(folder / link).resolve() for link in (_CURRENT, _PREVIOUS)}
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink() and old.resolve() not in leads_to:
            shutil.rmtree(old)


def _link(link: Path, target: Path) -> None:
    """Let a link lead to a folder; whoever follows it finds the old one or the new one, never none."""
    aside = link.with_name(f".{link.name}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target.resolve(), target_is_directory=True)
    aside.replace(link)
