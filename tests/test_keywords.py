"""The vocabulary, the classifier and its model files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from tagger import Annotator, Article
from tagger.errors import InvalidRecordError, ModelError
from tagger.keywords.calibration import Calibration
from tagger.keywords.classifier import KeywordClassifier
from tagger.keywords.model import KeywordModel
from tagger.keywords.terms import FUNCTION_WORDS, words_of
from tagger.keywords.vocabulary import load_vocabulary
from tagger.model_files import file_hash
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings
from tagger.training.corpus import load_corpus
from tagger.training.scores import calibration_error, keyword_scores
from tagger.training.train_keywords import test_folds as deal_folds
from tagger.training.train_keywords import train_keywords

MODEL = models_dir() / "keywords/fast"
DATA = training_data_dir()


def test_vocabulary_is_whole() -> None:
    vocabulary = load_vocabulary(DATA)
    assert len(vocabulary) == 78
    assert len(vocabulary.by_id) == 78
    for keyword in vocabulary:
        assert keyword.definition.endswith(".")
        assert keyword.synonyms
        assert keyword.archive_count > 0


@pytest.mark.parametrize("name", ["TIC pour l'éducation", "TIC pour l’éducation", "tic pour l'education"])
def test_keyword_is_found_however_it_is_typed(name: str) -> None:
    keyword = load_vocabulary(DATA).named(name)
    assert keyword is not None
    assert keyword.id == "tic-pour-l-education"


def test_words_keep_what_matters() -> None:
    words = words_of("Le .sn et l'ICANN : R&D, 4G à 3,5 € pour l’Éducation")
    assert [word.text for word in words] == ["le", ".sn", "et", "icann", "r&d", "4g", "pour", "education"]
    assert [words[1].start, words[1].end] == [3, 6]


def test_estimator_follows_scikit_learn() -> None:
    articles = [Article(title="", text=text) for text in ("fibre optique", "drone médical", "fibre optique", "drone")]
    labels = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0]], dtype=np.int8)
    classifier = clone(KeywordClassifier(min_df=1)).fit(articles, labels)
    assert classifier.decision_function(articles).shape == (4, 3)
    assert (classifier.predict(articles) == labels).all()
    assert classifier.decision_function([]).shape[0] == 0


def test_calibration_means_what_it_says() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4000, 1))
    labels = (rng.random((4000, 1)) < 1 / (1 + np.exp(-(3 * scores - 1)))).astype(np.int8)
    probabilities = Calibration.fit(scores, labels).probabilities(scores)
    assert calibration_error(probabilities, labels) < 0.03


def test_scores_of_a_known_case() -> None:
    probabilities = np.array([[0.9, 0.6, 0.1], [0.2, 0.5, 0.4]])
    labels = np.array([[1, 0, 0], [0, 1, 1]], dtype=np.int8)
    scores = keyword_scores(probabilities, np.array([0, 2]), labels, threshold=0.5)
    assert scores.precision_at_1 == 0.5
    assert scores.recall_at_3 == 1
    assert scores.mean_reciprocal_rank == 0.75
    assert scores.micro_f1 == pytest.approx(2 * 2 / (3 + 3), abs=1e-4)
    assert scores.ndcg == 1


def test_near_duplicates_never_stand_on_both_sides() -> None:
    corpus = load_corpus(DATA / "corpus")
    groups = corpus.groups()
    folds = deal_folds(corpus, groups, seed=0)
    for number, fold in enumerate(folds):
        assert all(corpus.briefs[index].is_tested for index in fold)
        others = np.concatenate([other for place, other in enumerate(folds) if place != number])
        assert not set(groups[fold]) & set(groups[others])
    assert sum(map(len, folds)) == sum(brief.is_tested for brief in corpus.briefs)


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("osiris-briefs.jsonl", "composed-briefs.jsonl"):
        lines = (DATA / "corpus" / name).read_text(encoding="utf-8").splitlines()[:60]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_training_is_deterministic(small_corpus: Path, tmp_path: Path) -> None:
    vocabulary = load_vocabulary(DATA)
    for name in ("one", "two"):
        train_keywords(load_corpus(small_corpus), vocabulary, DATA, tmp_path / name, 0, lambda step: None)
    hashes = [{file.name: file_hash(file) for file in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert hashes[0] == hashes[1]
    assert set(hashes[0]) == {"README.md", "manifest.json", "terms.txt", "weights.safetensors"}


def test_unknown_keyword_in_a_corpus_is_named(small_corpus: Path, tmp_path: Path) -> None:
    brief = json.loads((small_corpus / "osiris-briefs.jsonl").read_text(encoding="utf-8").splitlines()[0])
    brief["primary"] = "Astrologie"
    (tmp_path / "bad.jsonl").write_text(json.dumps(brief) + "\n", encoding="utf-8")
    with pytest.raises(InvalidRecordError, match="Astrologie"):
        load_corpus(tmp_path).labels(load_vocabulary(DATA))


def test_shipped_model_was_trained_on_the_shipped_data() -> None:
    manifest = KeywordModel.load(MODEL).manifest
    for name, digest in manifest.data.items():
        path = next(DATA.rglob(name))
        assert file_hash(path) == digest, f"{name} changed since `tagger train`"


def test_shipped_models_fit_the_budget() -> None:
    assert sum(file.stat().st_size for file in models_dir().rglob("*") if file.is_file()) < 60_000_000


def test_shipped_scores_reach_plain_tfidf() -> None:
    scores = KeywordModel.load(MODEL).manifest.scores
    assert scores["precision_at_1"] >= 0.44
    assert scores["recall_at_3"] >= 0.80
    assert scores["recall_at_5"] >= 0.90
    assert scores["micro_f1"] >= 0.70


@pytest.fixture
def broken_models(tmp_path: Path) -> Path:
    shutil.copytree(models_dir(), tmp_path / "models")
    return tmp_path / "models"


def test_missing_file_is_named(broken_models: Path) -> None:
    (broken_models / "keywords/fast/terms.txt").unlink()
    with pytest.raises(ModelError, match=r"terms\.txt is missing"):
        Annotator.load(Settings(models_dir=broken_models))


def test_altered_file_is_named(broken_models: Path) -> None:
    with (broken_models / "keywords/fast/weights.safetensors").open("r+b") as file:
        file.seek(100_000)
        file.write(b"x")
    with pytest.raises(ModelError, match=r"weights\.safetensors was altered"):
        Annotator.load(Settings(models_dir=broken_models))


def test_other_format_is_named(broken_models: Path) -> None:
    path = broken_models / "keywords/fast/manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match="format 99"):
        Annotator.load(Settings(models_dir=broken_models))


def test_missing_model_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model"):
        Annotator.load(Settings(models_dir=tmp_path))
    with pytest.raises(ModelError, match="not a folder"):
        Annotator.load(Settings(models_dir=tmp_path / "nowhere"))


def test_retired_keyword_is_never_suggested(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data/keywords.jsonl"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if '"fintech"' not in line]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    annotator = Annotator.load(Settings(training_data_dir=tmp_path / "data"))
    article = Article(title="Mobile money", text="Wave et Orange Money baissent leurs frais de transfert d'argent.")
    assert "Fintech" not in [suggestion.keyword for suggestion in annotator.annotate(article, top=78).keywords]


def test_evidence_convinces(annotator: Annotator) -> None:
    article = Article(
        title="Le .sn change de mains",
        text="Le nom de domaine .sn compte douze mille adresses. L'ICANN a donné son accord, a dit NIC Sénégal. "
        "Le prix de l'enregistrement baissera de moitié en janvier.",
    )
    first = annotator.annotate(article).keywords[0]
    assert first.keyword == "Noms de domaine"
    assert first.suggested
    words = {item.text for item in first.evidence}
    assert words & {".sn", "ICANN", "nom de domaine .sn", "nom de domaine", "domaine"}
    assert not {word.lower() for word in words} & FUNCTION_WORDS
    for item in first.evidence:
        assert (article.title if item.field == "title" else article.text)[item.start : item.end] == item.text


def test_at_most_six_are_suggested_and_ranked(annotator: Annotator) -> None:
    for brief in load_corpus(DATA / "corpus").briefs[:60]:
        keywords = annotator.annotate(brief.article, top=78).keywords
        assert len(keywords) == 78
        assert sum(suggestion.suggested for suggestion in keywords) <= 6
        assert [s.probability for s in keywords] == sorted((s.probability for s in keywords), reverse=True)
