"""The model card: what a model is, learnt from, scores and falls short of, in words beside its files."""

from __future__ import annotations

from pathlib import Path

from tagger.keywords.model import KeywordManifest
from tagger.training.corpus import Corpus

_CARD = """\
# Keyword model `{name}`, version {version}

Ranks the {keywords} keywords of OSIRIS for a French-language press article, with calibrated probabilities.

- **What it is.** One linear support vector machine a keyword (scikit-learn's LinearSVC, C = {C:g}, examples
  weighing {positive_weight:g} times) over {terms} TF-IDF terms: words, pairs of words, character n-grams of
  3 to 5. The title counts {title_weight} times; of a long text the first {words_read} words are read. One Platt
  curve for all keywords turns scores into probabilities; keywords of {threshold:.0%} and more are suggested, at
  most six, and the best one from 10 %.
- **Learnt from.** {tested} briefs written from pages of osiris.sn, under the keywords that its editors chose;
  {composed} composed briefs (general knowledge, no page behind them) that are in no test fold; and, as one more
  text a keyword, its name, definition and synonyms in the vocabulary.
- **Files.** `weights.safetensors` (weights in 16 bits), `terms.txt`, and `manifest.json` with their hashes, the
  hashes of the training data, the parameters and the library versions. No pickle.
- **Make it again:** `tagger train`. The same data and seed give the same files on the same library versions.
- **Licence.** MIT for the files; it derives from the briefs in `training_data/corpus` (CC BY 4.0) alone.

## Scores

Five-fold cross-validation over the {tested} briefs that stem from a page, near-duplicates kept together
(`tagger train` measures it each time; `tagger evaluate` measures it without training).

| P@1 | R@3 | R@5 | MRR | micro F1 | macro F1 | nDCG | calibration error |
|---|---|---|---|---|---|---|---|
| {precision_at_1:.3f} | {recall_at_3:.3f} | {recall_at_5:.3f} | {mean_reciprocal_rank:.3f} \
| {micro_f1:.3f} | {macro_f1:.3f} | {ndcg:.3f} | {calibration_error:.3f} |

P@1, R@3, R@5 and MRR look for the one keyword that OSIRIS's editors chose; F1 and nDCG look at that one and the
further keywords judged to apply. Calibration and threshold are chosen on the other folds when a fold is scored.

## Where it falls short

- Editors gave each page one keyword, and near-twin stories got different ones: P@1 has a low ceiling (a careful
  reader of the same texts reaches .65).
- The briefs are short (about 140 words). On long articles only the beginning is read.
- Keywords with fewer than ten briefs are learnt mostly from composed ones.
- It knows terms, not meaning: a subject in words that no brief used is missed.
"""


def write_card(folder: Path, manifest: KeywordManifest, corpus: Corpus) -> None:
    """Write README.md beside the model's files."""
    tested = sum(brief.is_tested for brief in corpus.briefs)
    terms = sum(1 for _ in (folder / "terms.txt").open(encoding="utf-8"))
    card = _CARD.format(
        name=manifest.name,
        version=manifest.version,
        keywords=len(manifest.keyword_ids),
        terms=terms,
        threshold=manifest.threshold,
        tested=tested,
        composed=len(corpus.briefs) - tested,
        **manifest.parameters,
        **manifest.scores,
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
