"""The vocabulary, the classifier and its model files."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tagger import Annotator, Article
from tagger.errors import InvalidRecordError, ModelError
from tagger.keywords.classifier import KeywordClassifier
from tagger.keywords.curves import each_applies_or_not, one_is_chosen
from tagger.keywords.decision import Answers, Decision, by_value, suggested
from tagger.keywords.editing import add, retire
from tagger.keywords.model import KeywordModel, Profile
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.term_chunks import document_frequencies
from tagger.keywords.terms import FUNCTION_WORDS, words_of
from tagger.keywords.vocabulary import Keyword, Vocabulary, load_vocabulary, save_vocabulary
from tagger.model_files import file_hash
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings
from tagger.text.typography import normalise
from tagger.training.corpus import load_corpus
from tagger.training.cross_validation import Recipe, TrainingSet
from tagger.training.own_texts import OwnTexts
from tagger.training.scores import calibration_error, keyword_scores
from tagger.training.train_keywords import ensure_encoder, train_keywords

DATA = training_data_dir()
NO_PRIMARIES = np.full(3000, -1)


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


def test_estimator_works_with_scikit_learns_tools() -> None:
    texts = ["fibre optique à Dakar", "un drone médical au Rwanda"] * 6
    labels = np.tile(np.eye(2, dtype=np.int8), (6, 1))
    scores = cross_val_predict(KeywordClassifier(min_df=1), texts, labels, cv=3, method="decision_function")
    assert (scores.argmax(axis=1) == labels.argmax(axis=1)).all()
    pipeline = make_pipeline(
        FunctionTransformer(lambda texts: [text.upper() for text in texts]), KeywordClassifier(min_df=1)
    )
    assert (pipeline.fit(texts, labels).predict(texts) == labels).all()
    assert clone(pipeline).get_params()["keywordclassifier__min_df"] == 1


def test_primary_keywords_weigh_in() -> None:
    texts = ["fibre et grève"] * 10 + ["fibre", "grève"] * 5
    labels = np.array([[1, 1]] * 10 + [[1, 0], [0, 1]] * 5, dtype=np.int8)
    first = KeywordClassifier(min_df=1).fit(texts, labels, np.array([0] * 10 + [0, 1] * 5))
    second = KeywordClassifier(min_df=1).fit(texts, labels, np.array([1] * 10 + [0, 1] * 5))
    gap = np.subtract(*first.decision_function(["fibre et grève"])[0])
    assert gap > 0 > np.subtract(*second.decision_function(["fibre et grève"])[0])


def test_training_in_chunks_is_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"fibre optique {number % 7}" if number % 2 else f"drone médical {number % 5}" for number in range(60)]
    labels = np.array([[number % 2, 1 - number % 2] for number in range(60)], dtype=np.int8)
    monkeypatch.setattr("tagger.keywords.classifier.CHUNK_ARTICLES", 7)
    assert (KeywordClassifier(min_df=1).fit(texts, labels).predict(texts) == labels).all()


def test_rare_terms_are_forgotten_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagger.keywords.term_chunks._MAX_COUNTED_TERMS", 100)
    frequencies = document_frequencies(([], words_of(f"sonatel mot{number}")) for number in range(200))
    assert len(frequencies) <= 140
    assert frequencies["sonatel"] == 200


def test_probabilities_mean_what_they_say() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3000, 6))
    labels = (rng.random(scores.shape) < 1 / (1 + np.exp(-(3 * scores - 1)))).astype(np.int8)
    decision = Decision.fit({"terms": scores}, labels, NO_PRIMARIES[:3000])
    probabilities = decision.probabilities(decision.combine({"terms": scores}))
    assert calibration_error(probabilities, labels) < 0.03
    assert np.corrcoef(probabilities.reshape(-1), (1 / (1 + np.exp(-(3 * scores - 1)))).reshape(-1))[0, 1] > 0.99


def test_keywords_have_curves_of_their_own_as_far_as_examples_warrant() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(2000, 6))
    given = 1 / (1 + np.exp(-(3 * scores - np.array([1, 1, 1, 1, 1, 4]))))  # the last is given sparingly
    labels = (rng.random(scores.shape) < given).astype(np.int8)
    decision = Decision.fit({"terms": scores}, labels, NO_PRIMARIES[:2000])
    probabilities = decision.probabilities(decision.combine({"terms": scores}))
    assert probabilities.mean(axis=0) == pytest.approx(labels.mean(axis=0), abs=0.01)
    near = (scores > 0.8) & (scores < 1.2)
    assert probabilities[:, 5][near[:, 5]].mean() < 0.4
    assert probabilities[:, 0][near[:, 0]].mean() > 0.7
    few = Decision.fit({"terms": scores[:6]}, labels[:6], NO_PRIMARIES[:6]).applies
    assert decision.applies.intercepts[5] < few.intercepts[5] < 0


def test_the_likeliest_primary_keyword_comes_first() -> None:
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(1000, 4))
    scores[:, 3] = 2  # applies to every article, and none is filed under it
    labels = (scores > 1).astype(np.int8)
    primaries = np.where(labels[:, :3].any(axis=1), scores[:, :3].argmax(axis=1), -1)
    decision = Decision.fit({"terms": scores}, labels, primaries)
    answers = decision.answer(decision.combine({"terms": scores}))
    filed = primaries >= 0
    assert (answers.order[filed, 0] == primaries[filed]).mean() > 0.95
    assert (answers.probabilities[:, 3] > 0.9).all()
    assert (answers.order[~filed, 0] == 3).mean() > 0.95  # nothing else is suggested
    rest = np.take_along_axis(answers.probabilities, answers.order[:, 1:], axis=1)
    assert (np.diff(rest, axis=1) <= 0).all()
    assert (np.sort(answers.order, axis=1) == np.arange(4)).all()


def test_primary_keywords_that_contradict_the_scores_leave_the_order_to_the_scores() -> None:
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(60, 3))
    labels = (scores > -1).astype(np.int8)
    primaries = np.where(rng.random(60) < 0.4, 0, scores.argmin(axis=1))
    decision = Decision.fit({"terms": scores}, labels, primaries)
    answers = decision.answer(decision.combine({"terms": np.array([[3.1, 3.0, 2.9]])}))
    assert answers.chosen.all()
    assert answers.order.tolist() == [[0, 1, 2]]


def test_keywords_without_examples_follow_the_common_curve() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(500, 3))
    labels = (scores > 1).astype(np.int8)
    decision = Decision.fit({"terms": scores}, labels, NO_PRIMARIES[:500])
    combined = decision.combine({"terms": scores})
    more = decision.with_new(2).answer(np.hstack([combined, np.full((500, 2), -500.0)]))
    assert more.probabilities.shape == (500, 5)
    assert np.allclose(more.probabilities[:, :3], decision.probabilities(combined))
    turned = decision.of(np.array([2, 0])).answer(combined[:, [2, 0]])
    assert turned.probabilities.shape == (500, 2)


@pytest.mark.parametrize("loss", ["each", "one"])
def test_curves_follow_the_slope_of_their_loss(loss: str) -> None:
    rng = np.random.default_rng(6)
    odds = rng.normal(size=(5, 4))
    measure = (
        each_applies_or_not((rng.random((5, 4)) < 0.3).astype(np.int8))
        if loss == "each"
        else one_is_chosen(np.array([0, 3, 1, 1, 2]))
    )
    _, slope = measure(odds)
    for place in np.ndindex(odds.shape):
        step = np.zeros_like(odds)
        step[place] = 1e-6
        assert slope[place] == pytest.approx((measure(odds + step)[0] - measure(odds - step)[0]) / 2e-6, abs=1e-5)


def test_a_named_precision_is_reached() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(3000, 4))
    labels = (rng.random(scores.shape) < 1 / (1 + np.exp(-(3 * scores - 1)))).astype(np.int8)
    decision = Decision.fit({"terms": scores}, labels, NO_PRIMARIES[:3000])
    combined = decision.combine({"terms": scores})
    for wanted in (0.6, 0.8, 0.9):
        assert labels[decision.answer(combined, wanted).chosen].mean() >= wanted
    assert decision.answer(combined).chosen.any(axis=1).mean() > 0.9
    assert not decision.answer(combined, 0.9).chosen.any(axis=1).all()  # no best one where none is sure enough
    assert not decision.answer(combined, 0.9999).chosen.any()


def test_a_named_precision_is_kept_on_articles_that_nothing_was_fitted_to() -> None:
    kept = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        shifts = 2 * rng.normal(size=60)  # so many keywords that their curves follow chance in sixty articles
        scores = rng.normal(size=(4060, 60)) - 1
        labels = (rng.random(scores.shape) < 1 / (1 + np.exp(-(3 * scores - 2 + shifts)))).astype(np.int8)
        decision = Decision.fit({"terms": scores[:60]}, labels[:60], NO_PRIMARIES[:60])
        unseen = decision.combine({"terms": scores[60:]})
        kept.append(labels[60:][decision.answer(unseen, 0.8).chosen].mean())
    assert np.mean(kept) == pytest.approx(0.8, abs=0.02)  # .76 if it were measured on the sixty


def test_scores_of_a_known_case() -> None:
    probabilities = np.array([[0.9, 0.6, 0.1], [0.2, 0.5, 0.4]])
    labels = np.array([[1, 0, 0], [0, 1, 1]], dtype=np.int8)
    answers = Answers(probabilities, suggested(probabilities, 0.5), by_value(probabilities))
    scores = keyword_scores(answers, np.array([0, 2]), labels)
    assert scores.precision_at_1 == 0.5
    assert scores.recall_at_3 == 1
    assert scores.mean_reciprocal_rank == 0.75
    assert scores.micro_f1 == pytest.approx(2 * 2 / (3 + 3), abs=1e-4)
    assert scores.ndcg == 1


@pytest.fixture(scope="module")
def small_models(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both profiles, trained on a small corpus."""
    return train_small(small_data, tmp_path_factory.mktemp("models"))


def train_small(data: Path, models: Path, with_encoder: bool = True) -> Path:
    """Train on a small folder of training data."""
    encoder = ensure_encoder(models_dir(), models) if with_encoder else None
    recipe = Recipe(terms=KeywordClassifier(epochs=4))
    train_keywords(load_corpus(data / "corpus"), load_vocabulary(data), data, models, encoder, recipe, say_nothing)
    return models


def say_nothing(step: str) -> None:
    """Take no notice of progress."""


def test_near_duplicates_never_stand_on_both_sides(small_data: Path, tmp_path: Path) -> None:
    lines = (small_data / "corpus/osiris-briefs.jsonl").read_text(encoding="utf-8").splitlines()
    copies = [json.loads(line) for line in lines[:10]]
    records = [*map(json.loads, lines), *({**copy, "id": f"copy-{copy['id']}"} for copy in copies)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    corpus = load_corpus(tmp_path / "a.jsonl")
    data = TrainingSet.make(corpus, load_vocabulary(small_data), None, say_nothing)
    folds = data.folds(seed=0)
    for fold in folds:
        learnt = data.learnt_without(fold)
        assert not set(data.groups[fold]) & set(data.groups[learnt[learnt < len(corpus)]])
        assert not {corpus.ids[row].removeprefix("copy-") for row in fold} & {
            corpus.ids[row].removeprefix("copy-") for row in learnt if row < len(corpus)
        }
    assert sorted(np.concatenate(folds)) == corpus.tested.tolist()


def test_composed_briefs_are_never_tested(small_data: Path) -> None:
    corpus = load_corpus(small_data / "corpus")
    assert {corpus.brief(int(row)).origin for row in corpus.tested} == {"osiris"}
    assert len(corpus.tested) < len(corpus)


def test_words_known_only_from_tested_articles_are_left_out(tmp_path: Path) -> None:
    vocabulary = Vocabulary(
        (
            Keyword(
                id="a", name="Poste", group="", definition="Le courrier, la poste.", synonyms=("pigeon", "facteur")
            ),
        )
    )
    texts = ("Le pigeon et la poste.", "La poste et le facteur.", "Le facteur et la poste.")
    records = [{"id": str(n), "text": text, "keywords": ["Poste"]} for n, text in enumerate(texts)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    corpus = load_corpus(tmp_path / "a.jsonl")
    own = OwnTexts.make(vocabulary, corpus, corpus.labels(vocabulary))
    (name, text), *_ = own.without(np.array([0]))
    assert name == "Poste"
    assert "pigeon" not in text
    assert {"courrier", "poste", "facteur"} <= {word.text for word in words_of(text)}
    assert "pigeon" in own.without(np.array([1]))[0][1]


def test_training_is_deterministic(small_data: Path, small_models: Path, tmp_path: Path) -> None:
    again = train_small(small_data, tmp_path)
    hashes = [
        {str(file.relative_to(models)): file_hash(file) for file in (models / "keywords").rglob("*.*")}
        for models in (small_models, again)
    ]
    assert hashes[0] == hashes[1]
    assert {name.split("/")[1] for name in hashes[0]} == {"fast", "best"}


def test_trained_models_know_their_subjects(small_data: Path, small_models: Path) -> None:
    vocabulary = load_vocabulary(small_data)
    for profile in ("fast", "best"):
        suggester = KeywordSuggester(KeywordModel.load(small_models, profile), vocabulary)
        found = suggester.suggest(normalise(WAVE.title), normalise(WAVE.text), top=3)
        assert found[0].keyword == "Fintech"
        assert found[0].suggested


def test_training_fast_alone_leaves_no_best_that_does_not_fit(small_data: Path, tmp_path: Path) -> None:
    (tmp_path / "keywords/best").mkdir(parents=True)
    train_small(small_data, tmp_path, with_encoder=False)
    assert not (tmp_path / "keywords/best").exists()
    with pytest.raises(ModelError, match="There is no"):
        KeywordModel.load(tmp_path, "best")


def test_best_of_another_fast_is_refused(small_models: Path, tmp_path: Path) -> None:
    shutil.copytree(small_models, tmp_path / "models")
    shutil.rmtree(tmp_path / "models/keywords/fast")
    shutil.copytree(models_dir() / "keywords/fast", tmp_path / "models/keywords/fast")
    with pytest.raises(ModelError, match="was trained with"):
        KeywordModel.load(tmp_path / "models", "best")


def test_contract_records_can_be_learnt_from(tmp_path: Path) -> None:
    records = [
        {"id": "1", "title": "La fibre", "text": "La fibre arrive.", "keywords": ["Infrastructures", "Internet"]},
        {"id": "2", "text": "Wave baisse ses frais.", "primary": "Fintech", "secondary": []},
    ]
    path = tmp_path / "archive.jsonl"
    path.write_text("\n".join(map(json.dumps, records)) + "\n\n", encoding="utf-8")
    corpus = load_corpus(path)
    vocabulary = load_vocabulary(DATA)
    names = [keyword.name for keyword in vocabulary]
    assert [names[row] for row in corpus.primaries(vocabulary)] == ["Infrastructures", "Fintech"]
    assert corpus.labels(vocabulary).sum(axis=1).tolist() == [2, 1]
    assert [article.text for article in corpus.articles()] == ["La fibre arrive.", "Wave baisse ses frais."]


def test_record_without_keywords_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "Rien."}\n', encoding="utf-8")
    with pytest.raises(InvalidRecordError, match=r"Line 1 of .*keywords"):
        load_corpus(tmp_path / "a.jsonl")


def test_copies_are_found_in_a_corpus_too_large_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagger.training.corpus._COMPARED_AS_A_WHOLE", 0)
    briefs = [brief.model_dump() for brief, _ in zip(load_corpus(DATA / "corpus"), range(30), strict=False)]
    briefs.append({**briefs[3], "id": "copy", "text": briefs[3]["text"] + " Une phrase de plus, tout à la fin."})
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, briefs)), encoding="utf-8")
    groups = load_corpus(tmp_path / "a.jsonl").groups()
    assert groups[3] == groups[-1]
    assert len(set(groups)) == 30


def test_unknown_keyword_in_a_corpus_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text(
        '{"id": "7", "text": "Verseau.", "keywords": ["Astrologie"]}', encoding="utf-8"
    )
    with pytest.raises(InvalidRecordError, match="Brief 7 has the keyword 'Astrologie'"):
        load_corpus(tmp_path).labels(load_vocabulary(DATA))


@pytest.mark.parametrize("profile", ["fast", "best"])
def test_shipped_model_was_trained_on_the_shipped_data(profile: Profile) -> None:
    manifest = KeywordModel.load(models_dir(), profile).manifest
    for name, digest in manifest.data.items():
        path = next(DATA.rglob(name))
        assert file_hash(path) == digest, f"{name} changed since `tagger train`"


def test_shipped_models_fit_the_budget() -> None:
    assert sum(file.stat().st_size for file in models_dir().rglob("*") if file.is_file()) < 60_000_000


def test_shipped_scores_stay_ahead_of_plain_tfidf() -> None:
    fast, best = (KeywordModel.load(models_dir(), name).manifest.scores for name in ("fast", "best"))
    for scores in (fast, best):
        assert scores["precision_at_1"] >= 0.60
        assert scores["recall_at_3"] >= 0.87
        assert scores["recall_at_5"] >= 0.92
        assert scores["micro_f1"] >= 0.75
        assert scores["calibration_error"] <= 0.05
    assert best["mean_reciprocal_rank"] > fast["mean_reciprocal_rank"]


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


def test_damaged_encoder_is_named(broken_models: Path) -> None:
    (broken_models / "encoder/pieces.model").write_bytes(b"x")
    annotator = Annotator.load(Settings(models_dir=broken_models))
    with pytest.raises(ModelError, match=r"pieces\.model was altered"):
        annotator.prepare("best")


def test_without_the_encoders_libraries_fast_answers_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    annotation = Annotator.load().annotate(WAVE, profile="best")
    assert annotation.model.keywords.startswith("fast ")
    assert [warning.code for warning in annotation.warnings] == ["fast-profile"]
    assert "onnxruntime" in annotation.warnings[0].message


WAVE = Article(title="Mobile money", text="Wave et Orange Money baissent leurs frais de transfert d'argent.")


@pytest.mark.parametrize("profile", ["fast", "best"])
def test_retired_keyword_is_never_suggested(tmp_path: Path, profile: Profile) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    save_vocabulary(retire(load_vocabulary(DATA), "Fintech"), tmp_path / "data")
    annotator = Annotator.load(Settings(training_data_dir=tmp_path / "data"))
    names = [suggestion.keyword for suggestion in annotator.annotate(WAVE, top=78, profile=profile).keywords]
    assert len(names) == 77
    assert "Fintech" not in names


@pytest.mark.parametrize("profile", ["fast", "best"])
def test_new_keyword_is_suggested_at_once(tmp_path: Path, profile: Profile) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    extended = add(
        load_vocabulary(DATA),
        name="Drones",
        definition="Aéronefs sans pilote : livraison de médicaments, cartographie, agriculture, réglementation.",
        synonyms=("drone", "aéronef sans pilote", "livraison par drone", "télépilote"),
    )
    save_vocabulary(extended, tmp_path / "data")
    annotator = Annotator.load(Settings(training_data_dir=tmp_path / "data"))
    article = Article(
        title="Rwanda : les drones livrent le sang",
        text="Des drones livrent des poches de sang aux hôpitaux. Les télépilotes sont formés à Kigali.",
    )
    found = {
        item.keyword: (rank, item) for rank, item in enumerate(annotator.annotate(article, profile=profile).keywords)
    }
    rank, drones = found["Drones"]
    assert rank < 3
    assert drones.suggested
    assert any("drone" in item.text.lower() for item in drones.evidence)
    assert "Drones" not in [
        item.keyword for item in annotator.annotate(WAVE, profile=profile).keywords if item.suggested
    ]


def test_new_keyword_learns_from_corrections(small_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(small_data, data)
    vocabulary = add(
        load_vocabulary(data), name="Drones", definition="Aéronefs sans pilote.", synonyms=("aéronef sans pilote",)
    )
    save_vocabulary(vocabulary, data)
    article = Article(title="Zipline à Kigali", text="Zipline livre du sang par les airs depuis Muhanga.")

    def probability() -> float:
        suggester = KeywordSuggester(KeywordModel.load(train_small(data, tmp_path / "m", False), "fast"), vocabulary)
        found = suggester.suggest(normalise(article.title), normalise(article.text), top=suggester.size)
        return next(item.probability for item in found if item.keyword == "Drones")

    before = probability()
    corrected = [
        ("Zipline ouvre une base", "Zipline ouvre à Muhanga une base pour livrer du sang par les airs."),
        ("Du sang venu du ciel", "À Kigali, Zipline livre des vaccins par les airs."),
        ("Zipline au Ghana", "Zipline livre depuis le ciel des poches de sang à Accra."),
    ]
    records = [
        {"id": f"c{number}", "title": title, "text": text, "keywords": ["Drones"]}
        for number, (title, text) in enumerate(corrected)
    ]
    (data / "corpus/corrections.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    assert probability() > before


def test_profiles_are_named_and_differ(annotator: Annotator) -> None:
    fast, best = (annotator.annotate(WAVE, profile=profile) for profile in ("fast", "best"))
    assert fast.model.keywords.startswith("fast ")
    assert best.model.keywords.startswith("best ")
    assert [item.probability for item in fast.keywords] != [item.probability for item in best.keywords]


def test_a_named_precision_suggests_less(annotator: Annotator) -> None:
    briefs = [brief.article for brief, _ in zip(load_corpus(DATA / "corpus"), range(40), strict=False)]

    def count(precision: float | None) -> int:
        answers = (annotator.annotate(article, precision=precision, profile="fast") for article in briefs)
        return sum(item.suggested for answer in answers for item in answer.keywords)

    assert count(0.95) < count(0.5)


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
    for brief, _ in zip(load_corpus(DATA / "corpus"), range(60), strict=False):
        keywords = annotator.annotate(brief.article, top=78, profile="fast").keywords
        assert len(keywords) == 78
        assert sum(suggestion.suggested for suggestion in keywords) <= 6
        following = [suggestion.probability for suggestion in keywords[1:]]
        assert following == sorted(following, reverse=True)
        assert keywords[0].suggested or not any(suggestion.suggested for suggestion in keywords)
