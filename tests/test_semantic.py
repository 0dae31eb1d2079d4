"""The encoder, the semantic part of scores, and evidence by sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger import Annotator, Article
from tagger.keywords.encoder import ENCODER, SentenceEncoder
from tagger.keywords.semantic import SemanticModel, unit
from tagger.keywords.semantic_classifier import SemanticClassifier
from tagger.resources import models_dir
from tagger.text.typography import normalise

ENCODED = SentenceEncoder.load(models_dir() / ENCODER)


def vector(text: str) -> np.ndarray:
    return unit(ENCODED.encode("", text).mean[None])[0]


def test_what_means_the_same_is_near() -> None:
    strike = vector("Les agents de la Sonatel ont cessé le travail pour réclamer une hausse de salaire.")
    union = vector("Grève chez l'opérateur : le syndicat veut que les employés soient mieux payés.")
    cable = vector("Un nouveau câble sous-marin en fibre optique atterrit à Saint-Louis.")
    assert strike @ union > strike @ cable + 0.02


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=60))
def test_pieces_stand_where_they_say(text: str, title: str) -> None:
    title, text = normalise(title).text, normalise(text).text
    encoding = ENCODED.encode(title, text)
    assert len(encoding.pieces) == len(encoding.vectors) <= 192
    last = {"title": 0, "text": 0}
    for piece in encoding.pieces[1:-1]:
        assert piece is not None
        content = title if piece.field == "title" else text
        assert last[piece.field] <= piece.start <= piece.end <= len(content)
        last[piece.field] = piece.start
    assert np.isfinite(encoding.vectors).all()


def test_a_whole_book_is_no_burden() -> None:
    assert len(ENCODED.encode("Un titre", "mot " * 300_000).vectors) == 192


def test_parts_of_tokens_sum_up_to_what_sets_the_score_apart() -> None:
    rng = np.random.default_rng(0)
    model = SemanticModel(
        rng.normal(size=384).astype(np.float32) * 0.01,
        rng.normal(size=(3, 384)).astype(np.float32),
        rng.normal(size=3).astype(np.float32),
    )
    encoding = ENCODED.encode("Le .sn change de mains", "NIC Sénégal gère les noms de domaine. L'ICANN est d'accord.")
    scores = model.score(encoding.mean[None])[0] - model.intercept
    for keyword in range(3):
        parts = model.token_parts(encoding, keyword)
        assert parts.sum() == pytest.approx(scores[keyword] - scores.mean(), abs=1e-3)


def test_classifier_tells_subjects_apart_and_never_gives_what_it_never_saw() -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(3, 16)) * 3
    subjects = np.arange(60) % 3
    vectors = (centres[subjects] + rng.normal(size=(60, 16))).astype(np.float32)
    labels = np.zeros((60, 4), dtype=np.int8)
    labels[np.arange(60), subjects] = 1
    model = SemanticClassifier().fit(vectors, labels, subjects)
    scores = model.score(vectors)
    assert (scores.argmax(axis=1) == subjects).mean() > 0.95
    assert (scores[:, 3] < scores[:, :3].max(axis=1)).all()


def test_sentences_are_evidence(annotator: Annotator) -> None:
    article = Article(
        title="Le personnel de l'opérateur ne décolère pas",
        text="Brassard rouge au bras, ils ont passé la matinée devant le siège. Les agents réclament des embauches "
        "et refusent de reprendre le travail. Il fera beau demain à Dakar.",
    )
    strike = next(item for item in annotator.annotate(article).keywords if item.keyword == "Mouvements sociaux")
    assert strike.suggested
    sentences = [item for item in strike.evidence if item.text.endswith((".", "pas"))]
    assert sentences
    assert not any("beau demain" in item.text for item in strike.evidence)
    for item in strike.evidence:
        content = article.title if item.field == "title" else article.text
        assert content[item.start : item.end] == item.text
