"""The model cards: what a model is, learnt from, scores and falls short of, in words beside its files."""

from __future__ import annotations

from pathlib import Path

from tagger.keywords.linear import LinearModel
from tagger.keywords.model import KEYWORDS, KeywordManifest, Profile
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import FOLDS
from tagger.training.scores import MEASURES, KeywordScores

_COLUMNS = "| " + " | ".join(measure.short for measure in MEASURES.values()) + " |"
_RULE = "|---" * len(MEASURES) + "|"

_WHAT: dict[Profile, str] = {
    "fast": """\
Two parts are added up, over {terms} TF-IDF terms: words and pairs of words, which count {word_weight:g} times,
  and character n-grams of 3 to 5. The first are linear support vector machines (scikit-learn's SGDClassifier, hinge
  loss), two a keyword: one for articles that have it, one, counting {primary_weight:g} times, for those whose primary
  keyword it is. The second is the article's likeness (cosine) to the keyword's name, definition and synonyms as the
  vocabulary has them when the model is loaded. The title counts {title_weight} times; of a long text the first
  {words_read} words are read.""",
    "best": """\
The parts of the profile `fast`, and a third: logistic regressions over the vectors of the encoder in
  `models/encoder` (multilingual-e5-small), one for whether an article has the keyword and, counting
  {primary_weight:g} times, one for which keyword is the primary one. The encoder reads the title and some
  120 words.""",
}

_CARD = """\
# Keyword model, profile `{name}`, version {version}

Ranks the {keywords} keywords of OSIRIS for a French-language press article, with calibrated probabilities.

- **What it is.** {what}
- **Decisions.** A logistic curve turns scores into probabilities; beside the keyword's own score it sees the
  article's three best ones. Each keyword's curve deviates from the common one as far as its examples warrant. One
  threshold for these probabilities is chosen for F1; at most six keywords are suggested, and the best one from 10 %.
  Of those suggested, the likeliest primary keyword comes first, by curves fitted to which one the editors chose; the
  others follow by probability.
- **Learnt from.** {tested} articles that stem from a page, under the keywords that editors chose; {composed} composed
  briefs (general knowledge, no page behind them) that are in no test fold; and, as one more text a keyword, its name,
  definition and synonyms in the vocabulary. Those who composed briefs had read real ones, without retelling them.
- **New keywords.** One without any example is scored by its likeness to its name, definition and synonyms. If a
  page's own primary keyword were the only one without examples, it would be among the first five in
  {zero_shot_recall_at_5:.0%} of the pages.
- **Files.** {files}, and `manifest.json` with their hashes, the hashes of the training data, the parameters and the
  library versions. No pickle.
- **Make it again:** `tagger train`. The same data and seed give the same files on the same library versions.
- **Licence.** {licence}

## Scores

{folds}-fold cross-validation over the {tested} articles that stem from a page, near-duplicates kept together
(`tagger train` measures it each time; `tagger evaluate --repetitions 3` measures it without training).

{columns}
{rule}
{scores}

P@1, R@3, R@5 and MRR look for the one keyword that OSIRIS's editors chose, in the order in which suggestions are
listed; F1 and nDCG look at that one and the further keywords judged to apply. Curves and threshold are chosen on the
other folds when a fold is scored.

To suggest fewer keywords and surer ones, name a precision (`--precision 0.8`); measured on the same articles, each by
curves that were fitted to others:

| precision asked for | threshold | share of the right keywords that remains |
|---|---|---|
{points}
{ablation}
## Where it falls short

- Editors gave each page one keyword, and near-twin stories got different ones: a careful reader of the same texts
  reaches P@1 .65 and F1 .83.
- Genres and cross-cutting keywords (« Portrait/Entretien », « Point de vue », « Usages et comportements ») are found
  far less often than subjects and companies: what makes them is often one discreet sentence.
- The definitions and synonyms of the vocabulary were written by someone who had read the briefs. When a fold is
  tested, those of their words that only its articles can have given are left out; what a good choice among the
  other words flatters is not measured.
- The briefs are short (about 140 words). On long articles only the beginning is read.
- {shortfall}
"""

_SHORTFALL: dict[Profile, str] = {
    "fast": "It knows terms, not meaning: a subject in words that no brief used is missed.",
    "best": "The encoder was not trained for these keywords; it costs some 40 ms of one core an article.",
}
_FILES: dict[Profile, str] = {
    "fast": "`weights.safetensors` (weights in 16 bits), `terms.txt`",
    "best": "`weights.safetensors`",
}
_LICENCE: dict[Profile, str] = {
    "fast": "MIT for the files; derives from `training_data/corpus` (CC BY 4.0) alone.",
    "best": "MIT for the files; derives from `training_data/corpus` (CC BY 4.0) and multilingual-e5-small (MIT).",
}


def write_cards(
    models: Path,
    trained: dict[Profile, KeywordManifest],
    corpus: Corpus,
    linear: LinearModel,
    measured: dict[str, KeywordScores],
) -> None:
    """Write README.md beside the files of each model; `measured` are the variants of an ablation, or nothing."""
    for profile, manifest in trained.items():
        facts = {**manifest.parameters, "terms": len(linear.columns)}
        card = _CARD.format(
            name=profile,
            version=manifest.version,
            keywords=len(manifest.keyword_ids),
            what=_WHAT[profile].format(**facts),
            tested=len(corpus.tested),
            composed=len(corpus) - len(corpus.tested),
            zero_shot_recall_at_5=manifest.scores["zero_shot_recall_at_5"],
            files=_FILES[profile],
            licence=_LICENCE[profile],
            folds=FOLDS,
            columns=_COLUMNS,
            rule=_RULE,
            scores=_row(KeywordScores.model_validate(manifest.scores)),
            points="\n".join(
                f"| {point.precision:.0%} | {point.threshold:.2f} | {point.recall:.0%} |"
                for point in manifest.decision.operating_points
            ),
            ablation=_ablation(measured),
            shortfall=_SHORTFALL[profile],
        )
        (models / KEYWORDS / profile / "README.md").write_text(card, encoding="utf-8")


def _ablation(measured: dict[str, KeywordScores]) -> str:
    if not measured:
        return ""
    rows = "\n".join(f"| {name} {_row(scores)}" for name, scores in measured.items())
    heading = "What each part gives, on the same folds (`tagger train --ablation`)"
    return f"\n## {heading}\n\n| {_COLUMNS}\n|---{_RULE}\n{rows}\n"


def _row(scores: KeywordScores) -> str:
    return "| " + " | ".join(f"{value:.3f}" for value in scores.model_dump().values()) + " |"
