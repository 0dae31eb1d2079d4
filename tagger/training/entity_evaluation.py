"""Measures the entity recogniser on articles that it has not seen, beside the off-the-shelf French pipelines.

The recogniser's marks come from the networks of the cross-validation, recorded when it was trained; the rules and the
known names are applied anew, so that a change to them shows at once. The known names were drawn from the same
briefs: when a fold is tested, a name that no other article of the corpus has is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import cast

from pydantic import BaseModel
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_installed_models

from tagger.article import EntityType
from tagger.entities.extractor import EntityExtractor
from tagger.entities.known_names import KnownName, KnownNames
from tagger.entities.merging import merge
from tagger.entities.pipeline import load_pipeline, load_recogniser
from tagger.entities.recogniser import NameSpan, Recogniser, settle
from tagger.text.typography import normalise
from tagger.training.corpus import Brief, Corpus
from tagger.training.entity_samples import country_forms, marked_text, read_conllu, with_countries
from tagger.training.entity_scores import EntityScores, Score
from tagger.training.entity_unseen import UnseenSpans
from tagger.training.grouping import WRITTEN, GroupedArticle, score_extraction, score_merging

NETWORK_ALONE = "the network alone"
WITH_RULES = "with rules and countries"
OURS = "with rules and known names"

Progress = Callable[[str], None]
Pair = tuple[set[NameSpan], set[NameSpan]]  # the names wanted in a text, and those found


class EntityEvaluation(BaseModel):
    """Scores of each system on `articles` unseen briefs, and on other texts (`general`: file -> system -> scores).

    `errors` counts our own errors by kind. `grouping` has the B-cubed scores of grouped mentions, those marked by a
    reader and those found by the program.
    """

    articles: int
    systems: dict[str, EntityScores]
    general: dict[str, dict[str, EntityScores]]
    errors: dict[str, int]
    grouping: dict[str, Score]


def evaluate_entities(
    corpus: Corpus,
    names: Sequence[KnownName],
    unseen: Sequence[UnseenSpans],
    grouped: Sequence[GroupedArticle],
    folder: Path,
    general: Sequence[Path],
    progress: Progress,
) -> EntityEvaluation:
    """Measure ours and every installed French pipeline on the briefs of `unseen` and on CoNLL files.

    `grouped` are articles whose mentions were grouped by hand.
    On the latter the network in `folder` is measured, without rules and known names, which need running text.
    """
    progress("measuring ours")
    pairs = _our_pairs(corpus, names, unseen)
    systems = _scores(pairs)
    wanted = [names_of for names_of, _ in pairs[OURS]]
    texts = [normalise(brief.text).text for brief in _tested(corpus, unseen)]
    peers = {name: load_pipeline(name) for name in french_pipelines()}
    countries = country_forms(names)
    for name, nlp in peers.items():
        progress(f"measuring {name}")
        systems[name] = EntityScores.of(
            zip(wanted, (set(with_countries(doc, countries)) for doc in nlp.pipe(texts)), strict=True)
        )
    measured = {}
    for path in general:
        progress(f"measuring on {path.name}")
        networks = {NETWORK_ALONE: load_recogniser(folder)[0], **peers}
        measured[path.name] = {name: _evaluate_general(nlp, path) for name, nlp in networks.items()}
    return EntityEvaluation(
        articles=len(wanted),
        systems=systems,
        general=measured,
        errors=dict(_error_kinds(pairs[OURS])),
        grouping=_measure_grouping(grouped, names, folder),
    )


def system_scores(
    corpus: Corpus, names: Sequence[KnownName], unseen: Sequence[UnseenSpans]
) -> dict[str, EntityScores]:
    """Measure what networks marked unseen: alone, with the rules, and with the known names too."""
    return _scores(_our_pairs(corpus, names, unseen))


def _scores(pairs: dict[str, list[Pair]]) -> dict[str, EntityScores]:
    return {name: EntityScores.of(found) for name, found in pairs.items()}


def french_pipelines() -> list[str]:
    """Name the installed spaCy pipelines for French that have an entity recogniser."""
    return sorted(name for name in get_installed_models() if name.startswith("fr_"))


def _tested(corpus: Corpus, unseen: Sequence[UnseenSpans]) -> list[Brief]:
    """Give the briefs that networks have marked unseen."""
    ids = {spans.id for spans in unseen}
    return [brief for brief in corpus if brief.id in ids]


def _our_pairs(corpus: Corpus, names: Sequence[KnownName], unseen: Sequence[UnseenSpans]) -> dict[str, list[Pair]]:
    """Give for each brief the names wanted and those that the network, the rules and the whole find."""
    by_id = {spans.id: spans for spans in unseen}
    of_fold = _names_of_folds(corpus, names, unseen)
    countries = KnownNames(name for name in names if name.type == "COUNTRY")
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for brief in _tested(corpus, unseen):
        spans, title, text = by_id[brief.id], normalise(brief.title).text, normalise(brief.text).text
        wanted = set(marked_text(brief.text, brief.entities).names)
        pairs[NETWORK_ALONE].append((wanted, set(spans.text)))
        pairs[WITH_RULES].append((wanted, _assembled(title, text, spans, countries)))
        pairs[OURS].append((wanted, _assembled(title, text, spans, of_fold[spans.fold])))
    return pairs


def _assembled(title: str, text: str, spans: UnseenSpans, known_names: KnownNames) -> set[NameSpan]:
    """Give the names in the text as an annotation has them in the end."""
    found = settle(title, text, spans.title, spans.text, known_names)
    return {
        NameSpan(mention.start, mention.end, group.type)
        for group in merge(found, title, text, known_names)
        for mention in group.mentions
        if mention.field == "text"
    }


def _names_of_folds(
    corpus: Corpus, names: Sequence[KnownName], unseen: Sequence[UnseenSpans]
) -> dict[int, KnownNames]:
    """Give each fold the known names without those that only its articles have; countries come from CLDR."""
    fold_of = {spans.id: spans.fold for spans in unseen}
    everything = KnownNames(names)
    where: dict[tuple[str, str], set[int | None]] = defaultdict(set)
    for brief in corpus:
        for part in (brief.title, brief.text):
            for name in everything.named_in(normalise(part).text):
                where[name.type, name.id].add(fold_of.get(brief.id))
    return {
        fold: KnownNames(name for name in names if name.type == "COUNTRY" or where[name.type, name.id] != {fold})
        for fold in set(fold_of.values())
    }


def _measure_grouping(
    grouped: Sequence[GroupedArticle], names: Sequence[KnownName], folder: Path
) -> dict[str, Score]:
    """Measure the merging on the mentions that a reader marked, and the whole on articles it cannot have learnt."""
    known_names = KnownNames(names)
    written = [article for article in grouped if article.origin == WRITTEN]
    measured = {
        f"{len(grouped)} articles, mentions as marked": score_merging(grouped, known_names),
        f"{len(written)} of them, written for this, mentions as marked": score_merging(written, known_names),
        f"the same {len(written)}, mentions as found": score_extraction(
            written, EntityExtractor(Recogniser.load(folder, known_names), known_names)
        ),
    }
    return {
        name: Score(
            precision=round(scores.precision, 4),
            recall=round(scores.recall, 4),
            f1=round(scores.f1, 4),
            names=scores.expected,
        )
        for name, scores in measured.items()
    }


def _error_kinds(pairs: Iterable[Pair]) -> Counter[str]:
    """Sort the errors: what was missed or invented altogether, given the wrong type or the wrong borders."""
    kinds: Counter[str] = Counter()
    for wanted, found in pairs:
        for name in wanted - found:
            over = [other for other in found if other.start < name.end and name.start < other.end]
            same = any((other.start, other.end) == (name.start, name.end) for other in over)
            kinds["type" if same else "borders" if over else "missed"] += 1
        kinds["invented"] += sum(
            not any(other.start < name.end and name.start < other.end for other in wanted) for name in found - wanted
        )
    return kinds


def _evaluate_general(nlp: Language, path: Path) -> EntityScores:
    """Measure a pipeline on the sentences of a CoNLL file, words as given; a country counts as a place."""
    with path.open(encoding="utf-8") as lines:
        sentences = read_conllu(lines)
    pairs = []
    for words, wanted in sentences:
        doc = Doc(nlp.vocab, words=words)
        for _, component in nlp.pipeline:
            doc = component(doc)
        pairs.append((wanted, {NameSpan(span.start, span.end, _without_country(span.label_)) for span in doc.ents}))
    return EntityScores.of(pairs)


def _without_country(label: str) -> EntityType:
    return "LOC" if label == "COUNTRY" else cast("EntityType", label)
