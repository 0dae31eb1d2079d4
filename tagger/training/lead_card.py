"""The card of the lead ranker: what it is, learnt from, scores and falls short of, in words beside its files."""

from __future__ import annotations

from pathlib import Path

from tagger.leads.options import DEFAULT_CHARS
from tagger.model_files import Manifest
from tagger.training.evaluate_leads import LeadEvaluation

_CARD = """\
# Lead ranker, version {version}

Chooses which of an article's sentences, whole or shortened, one or two together, make the lead.

- **What it is.** Two small networks say how likely each word and pair of words is to be in the author's lead; the
  mean of {raters} rates sentences, that of {raters} more the leads that can be made of the best ones, of at most
  {chars} characters. Trained with scikit-learn, applied with NumPy.
- **Learnt from.** {articles} French news articles with the leads that their authors wrote, from {files}. Words are
  kept as hashes with statistics; no text is in the files.
- **Files.** `weights.safetensors`, and `manifest.json` with its hash, the hashes of the training data, the parameters
  and the library versions. No pickle.
- **Make it again:** `tagger train lead --data FILE`. The same data and seed give the same files on the same library
  versions.
- **Licence.** CC BY-SA 4.0, as OrangeSum, from which its statistics derive.

## Scores
{scores}
Word-level ROUGE (F, per cent, lower case, no stemming) with 95 % bootstrap intervals, on articles that were not
learnt from. The oracle is the one sentence that is most like the author's lead.

## Where it falls short

- It was taught by general news from France; on African tech and telecoms it is applied, not taught.
- It can only use the article's own sentences. Authors often write what no sentence says.
- A sentence that names someone only by « le ministre », or whose « y » or « en » points back, can be chosen.
- Attributions (« selon le parquet ») may be cut; what remains then reads as the article's own statement.
"""


def write_lead_card(folder: Path, manifest: Manifest) -> None:
    """Write README.md beside the files of the ranker."""
    card = _CARD.format(
        version=manifest.version,
        chars=DEFAULT_CHARS,
        raters=manifest.parameters["raters"],
        articles=manifest.parameters["articles"],
        files=", ".join(f"`{name}`" for name in manifest.data),
        scores=_table(manifest),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _table(manifest: Manifest) -> str:
    if not manifest.scores:
        return "\nNot measured: `tagger train lead` was given no `--measured-on`.\n"
    evaluation = LeadEvaluation.model_validate(manifest.scores)
    rows = [
        f"| {scores.writer} | "
        + " | ".join(
            f"{s.mean:.1f} ({s.low:.1f} to {s.high:.1f})" for s in (scores.rouge_1, scores.rouge_2, scores.rouge_l)
        )
        + f" | {scores.words:.1f} | {scores.characters:.0f} |"
        for scores in evaluation.writers
    ]
    heading = f"\n{evaluation.articles} articles.\n\n| writer | ROUGE-1 | ROUGE-2 | ROUGE-L | words | characters |\n"
    return heading + "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
