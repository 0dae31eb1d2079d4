"""The model card of the entity recogniser: what it is, learnt from, scores and falls short of."""

from __future__ import annotations

from pathlib import Path

from tagger.model_files import Manifest
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import FOLDS
from tagger.training.entity_evaluation import NETWORK_ALONE, OURS, EntityEvaluation
from tagger.training.entity_scores import ALL, TYPES, EntityScores

_COLUMNS = (ALL, *TYPES)
_HEAD = f"| | {' | '.join(_COLUMNS)} |\n|---|{'---|' * len(_COLUMNS)}"

_CARD = """\
# Entity recogniser, version {version}

Finds the people (PER), institutions (ORG), countries (COUNTRY) and places (LOC) that a French-language press article
names, with exact borders.

- **What it is.** The recogniser of spaCy's `fr_core_news_md` (hash embeddings and word vectors, four convolutions of
  width 96, a transition-based parser), trained further. It uses the tokenizer and the word vectors of the installed
  `fr_core_news_md`; the network here is {megabytes:.1f} MB.
- **Learnt from.** {tested} briefs that stem from a page and {composed} composed ones, every name marked.{general}
- **Around it.** Rules for ministries, acronyms and borders, and the known names in `training_data/known_names`
  (`tagger/entities`); they are part of the figures below where this is said.
- **What each part gives, and how fast it is:** `docs/entities.md` of the project, for the shipped recogniser.
- **Files.** `network/` (spaCy's own format: msgpack and JSON), `unseen.jsonl` (what the networks of the
  cross-validation marked in briefs they had not seen: the ground of `tagger evaluate entities`), and `manifest.json`
  with their hashes, the hashes of the training data, the parameters and the library versions. No pickle.
- **Make it again:** `tagger train entities --general FILE`. The same data and seed give the same weights on the same
  library versions and processor.
- **Licence.** LGPL-LR, as `fr_core_news_md`, from whose weights it stems; the briefs are CC BY 4.0.

## Scores

F1 of exact borders and type, {folds}-fold cross-validation over the {tested} briefs that stem from a page,
near-duplicates kept together (`tagger evaluate entities`). The known names were drawn from the same briefs: when a
fold is tested, a name that no other article of the corpus has is left out. The off-the-shelf pipelines have no
COUNTRY: what they call a place is given that type where it is a country's name.

{head}
{systems}

Precision and recall of the whole ({ours}):

| | precision | recall | names |
|---|---|---|---|
{details}

Errors of the whole, by kind: {errors}.

Grouping of the mentions into entities (B-cubed; `training_data/entity_groups.jsonl`):

| | precision | recall | F1 |
|---|---|---|---|
{grouping}
{general_scores}
## Where it falls short

- Two careful annotators of the same briefs agree at F1 97.4; some of what counts as an error is a matter of taste
  (a building as place or institution, a service as company).
- Trained on briefs of about 140 words. Long articles are read whole, by windows of words: nothing ties a name on the
  first page to one on the last but the merging that follows.
- Names in a title that is all in capitals are found far less surely than others.
"""


def write_entity_card(
    folder: Path, manifest: Manifest, evaluation: EntityEvaluation, corpus: Corpus, paragraphs: int
) -> None:
    """Write README.md beside the files of the recogniser; `paragraphs` of the general press were in each pass."""
    ours = evaluation.systems[OURS].types
    card = _CARD.format(
        version=manifest.version,
        megabytes=sum(entry.bytes for name, entry in manifest.files.items() if name.startswith("network/")) / 1e6,
        tested=len(corpus.tested),
        composed=len(corpus) - len(corpus.tested),
        general=_GENERAL.format(paragraphs=paragraphs) if paragraphs else "",
        folds=FOLDS,
        head=_HEAD,
        systems=_rows(evaluation.systems),
        ours=OURS,
        details="\n".join(
            f"| {kind} | {100 * score.precision:.1f} | {100 * score.recall:.1f} | {score.names} |"
            for kind, score in ours.items()
        ),
        errors=", ".join(f"{count} {kind}" for kind, count in sorted(evaluation.errors.items())),
        grouping="\n".join(
            f"| {name} | {100 * score.precision:.1f} | {100 * score.recall:.1f} | {100 * score.f1:.1f} |"
            for name, score in evaluation.grouping.items()
        ),
        general_scores="".join(_general(name, systems) for name, systems in evaluation.general.items()),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


_GENERAL = """
  In each pass also {paragraphs} paragraphs of the general French press, marked by `fr_core_news_md` itself, so that
  it keeps what it knew of the rest of the world."""


def _general(name: str, systems: dict[str, EntityScores]) -> str:
    return (
        f"\nOn `{name}`, texts of another kind, words as given, a country counted as a place ({NETWORK_ALONE}):\n\n"
        f"{_HEAD}\n{_rows(systems)}\n"
    )


def _rows(systems: dict[str, EntityScores]) -> str:
    return "\n".join(
        f"| {name} | " + " | ".join(f"{100 * scores.types[kind].f1:.1f}" for kind in _COLUMNS) + " |"
        for name, scores in systems.items()
    )
