"""The door for clients of Annif, with Annif's own client from PyPI on a real port."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
from annif_client import AnnifClient
from fastapi import FastAPI

from tagger.keywords.incoming import uri_of
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.resources import training_data_dir
from tagger.service.annif import IndexedDocument, LearnDocument, Subject, to_learn
from tagger.service.app import create_app
from tagger.service.examples import TEXT, TITLE
from tagger.settings import Settings
from tagger.store.keys import ApiKeys, Scope

WHOLE = f"{TITLE}\n\n{TEXT}"


@pytest.fixture(scope="module")
def address(service: httpx.Client) -> str:
    return f"{service.base_url}/v1/"


@pytest.fixture(scope="module")
def annif(address: str) -> AnnifClient:
    return AnnifClient(api_base=address)


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def test_client_tells_what_answers(annif: AnnifClient) -> None:
    assert annif.api_info.keys() == {"title", "version"}
    assert annif.api_info["version"][0].isdigit()


def test_client_lists_the_projects(annif: AnnifClient) -> None:
    projects = annif.projects
    assert [project["project_id"] for project in projects] == ["osiris-fast", "osiris-best"]
    for project in projects:
        assert project["language"] == "fr"
        assert project["vocab"]["size"] == 78
        assert annif.get_project(project["project_id"]) == project
    with pytest.raises(ValueError, match="Project 'yso-en' not found"):
        annif.get_project("yso-en")


@pytest.mark.parametrize("profile", ["fast", "best"])
def test_client_gets_our_suggestions(annif: AnnifClient, http: httpx.Client, profile: str) -> None:
    results = annif.suggest(f"osiris-{profile}", WHOLE, limit=4)
    ours = http.post("annotate", json={"title": TITLE, "text": TEXT}, params={"profile": profile, "top": 5}).json()
    by_score = sorted(ours["keywords"], key=lambda item: -item["probability"])
    assert results == [
        {
            "uri": f"https://osiris.sn/vocabulaire/{item['keyword_id']}",
            "label": item["keyword"],
            "notation": item["keyword_id"],
            "score": item["probability"],
        }
        for item in by_score[:4]
    ]
    assert results[0]["label"] == "Intelligence artificielle"


def test_client_names_limit_and_threshold(annif: AnnifClient) -> None:
    assert len(annif.suggest("osiris-fast", io.StringIO(WHOLE))) == 10
    every = annif.suggest("osiris-fast", WHOLE, limit=100)
    assert len(every) == 78
    assert every == sorted(every, key=lambda result: -result["score"])
    cut = (every[2]["score"] + every[3]["score"]) / 2
    assert annif.suggest("osiris-fast", WHOLE, limit=100, threshold=cut) == every[:3]
    assert annif.suggest("osiris-fast", WHOLE, limit=0) == []
    assert annif.analyze("osiris-fast", WHOLE, limit=1) == every[:1]
    with pytest.raises(ValueError, match="not found"):
        annif.suggest("nobody", WHOLE)


def test_client_sends_batches(annif: AnnifClient) -> None:
    documents = [
        {"document_id": "a", "text": WHOLE},
        {"text": "Une grève des agents de la Sonatel paralyse les agences de Dakar depuis lundi."},
        {"document_id": "vide", "text": ""},
    ]
    answers = annif.suggest_batch("osiris-fast", documents, limit=2, threshold=0.01)
    assert [answer["document_id"] for answer in answers] == ["a", None, "vide"]
    assert answers[0]["results"] == annif.suggest("osiris-fast", WHOLE, limit=2, threshold=0.01)
    assert "Mouvements sociaux" in {result["label"] for result in answers[1]["results"]}
    assert answers[2]["results"] == []
    with pytest.raises(ValueError, match="not found"):
        annif.suggest_batch("nobody", documents)
    with pytest.raises(requests.HTTPError, match="400"):
        annif.suggest_batch("osiris-fast", documents * 11)


def test_title_may_come_apart(http: httpx.Client) -> None:
    whole, apart = (
        http.post("projects/osiris-best/suggest", data=form).json()
        for form in ({"text": WHOLE}, {"text": TEXT, "metadata_title": TITLE, "metadata_author": "Awa"})
    )
    in_batch = http.post(
        "projects/osiris-best/suggest-batch", json={"documents": [{"text": TEXT, "metadata": {"title": TITLE}}]}
    ).json()
    assert whole == apart == {"results": in_batch[0]["results"]}


def test_client_detects_languages(annif: AnnifClient) -> None:
    assert annif.detect_language(io.StringIO(TEXT), ["en", "fr"])["results"][0] == {
        "language": "fr",
        "score": pytest.approx(1, abs=0.001),
    }
    neither = annif.detect_language("Der Minister hat am Montag das neue Netz eröffnet.", ["fr", "en"])["results"]
    assert neither[0] == {"language": None, "score": pytest.approx(1, abs=0.01)}
    assert {result["language"] for result in neither} == {None, "fr", "en"}
    assert annif.detect_language("123", ["fr"])["results"][0] == {"language": None, "score": 1.0}
    with pytest.raises(requests.HTTPError, match="400"):
        annif.detect_language(TEXT, ["xyz"])


def test_vocabularies(http: httpx.Client) -> None:
    assert http.get("vocabs").json() == {
        "vocabs": [{"vocab_id": "osiris", "languages": ["fr"], "size": 78, "loaded": True}]
    }


@pytest.fixture
def learnt(service_app: FastAPI) -> Iterator[list[LearnDocument]]:
    """What the service is taught."""
    documents: list[LearnDocument] = []
    service_app.state.learn = documents.extend
    yield documents
    service_app.state.learn = None


def test_client_teaches(annif: AnnifClient, learnt: list[LearnDocument]) -> None:
    subjects = [{"uri": uri_of(id), "label": "?"} for id in ("fintech", "formation", "fintech")]
    document = {"text": TEXT, "metadata": {"title": TITLE}, "subjects": subjects}
    assert annif.learn("osiris-fast", [document]).status_code == 204
    assert learnt == [LearnDocument(TITLE, TEXT, ("fintech", "formation"))]
    for bad in ({"uri": uri_of("nothing")}, {"uri": "http://example.org/fintech"}, {"label": "Fintech"}):
        with pytest.raises(requests.HTTPError, match="400"):
            annif.learn("osiris-fast", [document, {"text": TEXT, "subjects": [bad]}])
    with pytest.raises(ValueError, match="not found"):
        annif.learn("nobody", [document])
    assert len(learnt) == 1


def test_learning_needs_two_scopes_and_counts_once(
    service_app: FastAPI, http: httpx.Client, learnt: list[LearnDocument]
) -> None:
    keys = ApiKeys(service_app.state.database)
    document = {"text": TEXT, "subjects": [{"uri": uri_of("fintech")}]}

    def teach(*scopes: Scope) -> httpx.Response:
        key, _ = keys.create("teacher", scopes, requests_per_minute=5)
        headers = {"Authorization": f"Bearer {key}"}
        return http.post("projects/osiris-fast/learn", json=[document], headers=headers)

    taught = teach("annotate", "feedback")
    assert taught.status_code == 204
    assert taught.headers["ratelimit"].startswith('"requests";r=4;')
    for given, missing in (("annotate", "feedback"), ("feedback", "annotate")):
        refused = teach(given)
        assert refused.status_code == 403
        assert repr(missing) in refused.json()["detail"]
    assert len(learnt) == 1


def test_a_service_that_keeps_no_texts_does_not_learn(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, keep_texts=False))
    assert app.state.learn is None
    app.state.database.close()


def test_what_replaced_a_retired_keyword_is_learnt() -> None:
    changes = {"genre": {"status": "retired", "replaced_by": "formation"}}
    shipped = load_vocabulary(training_data_dir())
    vocabulary = Vocabulary(tuple(keyword.model_copy(update=changes.get(keyword.id, {})) for keyword in shipped))
    subjects = [Subject(uri=uri_of(id)) for id in ("genre", "formation", "fintech")]
    document = IndexedDocument(text=TEXT, subjects=subjects)
    assert to_learn(document, vocabulary) == LearnDocument("", TEXT, ("formation", "fintech"))


@pytest.mark.parametrize(
    ("path", "given", "status", "kind"),
    [
        ("projects/x/suggest", {"data": {"text": "a"}}, 404, "project-not-found"),
        ("projects/osiris-fast/suggest", {"data": {"txt": "a"}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest", {"data": {"text": "a b c", "language": "en"}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest", {"data": {"text": "a", "limit": "-1"}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest", {"data": {"text": "a", "threshold": "2"}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest", {"data": {f"a{i}": "" for i in range(200)}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest", {"form": b"text=%ED%A0%80"}, 400, "invalid-encoding"),
        ("projects/osiris-fast/suggest", {"form": b"text=\xe9"}, 400, "invalid-encoding"),
        ("projects/osiris-fast/suggest", {"data": {"text": "%PDF-1.7"}}, 415, "binary-data"),
        ("projects/osiris-fast/suggest", {"data": {"text": "mot " * 20_000}}, 413, "text-too-long"),
        ("projects/osiris-fast/suggest", {"data": {"text": "mot " * 60_000}}, 413, "body-too-large"),
        ("projects/osiris-fast/suggest", {"json": {"text": "a"}}, 415, "unsupported-format"),
        ("projects/osiris-fast/suggest-batch", {"json": [TEXT]}, 400, "bad-request"),
        ("projects/osiris-fast/suggest-batch", {"json": {"documents": [{"text": "PK\x03\x04"}]}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest-batch?limit=x", {"json": {"documents": []}}, 400, "bad-request"),
        ("projects/osiris-fast/suggest-batch", {"raw": b'{"documents": [{"text": "\\ud800"}]}'}, 400, "bad-request"),
        ("projects/osiris-fast/suggest-batch", {"raw": b"[" * 100_000}, 400, "bad-request"),
        ("projects/osiris-fast/learn", {"json": [{"text": TEXT, "subjects": []}]}, 403, "learning-not-allowed"),
        ("detect-language", {"json": {"text": TEXT, "languages": []}}, 400, "bad-request"),
        ("detect-language", {"json": {"text": TEXT}}, 400, "bad-request"),
    ],
)
def test_errors_are_problem_documents(
    http: httpx.Client, path: str, given: dict[str, object], status: int, kind: str
) -> None:
    for name, media_type in (("form", "application/x-www-form-urlencoded"), ("raw", "application/json")):
        if name in given:
            given = {"content": given[name], "headers": {"content-type": media_type}}
    answer = http.post(path, **given)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_batch_names_the_document_at_fault(http: httpx.Client) -> None:
    documents = [{"text": TEXT}, {"text": "mot " * 20_000}]
    answer = http.post("projects/osiris-fast/suggest-batch", json={"documents": documents})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("documents.1: The text has ")
