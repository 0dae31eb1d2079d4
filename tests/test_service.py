"""The service over a real port, as curl and pipelines use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode

import httpx
import pytest

from tagger import Annotator, Article
from tagger.keywords.model import Profile
from tagger.service.examples import RECORD, TEXT, TITLE
from tagger.settings import Settings
from tests.serving import served, wait_for


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    settings = Settings(max_body_bytes=100_000, max_batch_bytes=200_000, max_text_chars=50_000, workers=2)
    with served(settings) as client:
        yield client


def post(http: httpx.Client, content: bytes | str, content_type: str, **query: str) -> httpx.Response:
    return http.post("/v1/annotate", content=content, headers={"content-type": content_type}, params=query)


def test_record(http: httpx.Client) -> None:
    answer = http.post("/v1/annotate", json=RECORD, params={"top": 4})
    assert answer.status_code == 200
    body = answer.json()
    assert body["id"] == "exemple-1"
    assert body["article"]["text"] == TEXT
    assert body["keywords"][0]["keyword"] == "Intelligence artificielle"
    assert len(body["keywords"]) == 4
    assert {"Alioune Sall", "Sénégal"} & {entity["name"] for entity in body["entities"]}


def test_all_doors_give_the_same_answer(http: httpx.Client, annotator: Annotator) -> None:
    for profile in get_args(Profile):
        query = {"profile": profile}
        by_http = http.post("/v1/annotate", json={"title": TITLE, "text": TEXT}, params=query).json()
        in_python = annotator.annotate(Article(title=TITLE, text=TEXT), profile=profile)
        in_batch = http.post("/v1/annotate/batch", json=[{"title": TITLE, "text": TEXT}], params=query).json()[0]
        assert by_http == in_batch == json.loads(in_python.model_dump_json())


def test_profiles_by_default(http: httpx.Client) -> None:
    one = http.post("/v1/annotate", json={"text": TEXT}).json()
    many = http.post("/v1/annotate/batch", json=[{"text": TEXT}]).json()[0]
    assert one["model"]["keywords"].startswith("best ")
    assert many["model"]["keywords"].startswith("fast ")


def test_a_named_precision_is_heeded(http: httpx.Client) -> None:
    def suggested(**query: float) -> list[str]:
        answer = http.post("/v1/annotate", json={"title": TITLE, "text": TEXT}, params=query).json()
        return [item["keyword"] for item in answer["keywords"] if item["suggested"]]

    assert set(suggested(precision=0.95)) < set(suggested(precision=0.5))
    assert http.post("/v1/annotate", json={"text": TEXT}, params={"precision": 2}).status_code == 422


def test_pages_and_text_give_what_the_command_gives(http: httpx.Client, examples: Path) -> None:
    from tests.test_cli import tagger

    for name, content_type in (("page.html", "text/html"), ("article.txt", "text/plain; charset=utf-8")):
        answer = post(http, (examples / name).read_bytes(), content_type).json()
        command = json.loads(tagger("annotate", examples / name).stdout)
        assert {**answer, "id": None} == {**command, "id": None}


@pytest.mark.parametrize(
    ("content", "content_type", "status", "kind"),
    [
        ('{"title": "Vide", "text": "  "}', "application/json", 422, "empty-text"),
        ('{"text": "123 !"}', "application/json", 422, "no-letters"),
        ('{"text": ', "application/json", 400, "broken-json"),
        ("[" * 100_000, "application/json", 400, "broken-json"),
        ('["a"]', "application/json", 422, "invalid-record"),
        ('{"title": "T"}', "application/json", 422, "invalid-record"),
        ('{"text": "a", "date": "hier"}', "application/json", 422, "invalid-record"),
        (b'{"text": "d\xe9j\xe0"}', "application/json", 400, "invalid-encoding"),
        (b"d\xe9j\xe0 vu", "text/plain; charset=utf-8", 400, "invalid-encoding"),
        (b"%PDF-1.4", "text/plain", 415, "binary-data"),
        (b"\x89PNG\r\n", "text/html", 415, "binary-data"),
        (b"x", "image/png", 415, "unsupported-format"),
        (b"x", "text/plain; charset=base64", 400, "invalid-encoding"),
        (b'{"text": "\\ud800 Le Mali"}', "application/json", 422, "invalid-record"),
        ("a " * 60_000, "text/plain", 413, "body-too-large"),
        ("a " * 30_000, "text/plain", 413, "text-too-long"),
        (b"", "text/html", 422, "empty-text"),
    ],
)
def test_bad_input_is_a_problem_document(
    http: httpx.Client, content: bytes | str, content_type: str, status: int, kind: str
) -> None:
    answer = post(http, content, content_type)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["type"].rpartition(":")[2]) == (status, status, kind)
    assert problem["title"]
    assert problem["detail"]


def test_body_over_the_limit_without_a_length(http: httpx.Client) -> None:
    chunks = (b"a " * 10_000 for _ in range(20))
    answer = http.post("/v1/annotate", content=chunks, headers={"content-type": "text/plain"})
    assert answer.status_code == 413


def test_bad_parameters_and_addresses_are_problems_too(http: httpx.Client) -> None:
    for answer in (http.post("/v1/annotate", json=RECORD, params={"top": "0"}), http.get("/v1/nowhere")):
        assert answer.headers["content-type"] == "application/problem+json"
    assert http.get("/v1/annotate").status_code == 405


def test_language_can_be_required(http: httpx.Client) -> None:
    english = "The regulator fined two operators on Monday because the network was not good enough."
    assert post(http, english, "text/plain").json()["warnings"][0]["code"] == "not-french"
    refused = post(http, english, "text/plain", require_french="true")
    assert refused.json()["type"].endswith("not-french")


def test_batch_answers_for_the_good_ones(http: httpx.Client) -> None:
    records = [RECORD, {"id": "vide", "text": ""}, {"id": 3, "titre": "x"}, {"id": "d", "text": "Un drone au Mali."}]
    answers = http.post("/v1/annotate/batch", json=records).json()
    assert [answer["id"] for answer in answers] == ["exemple-1", "vide", "3", "d"]
    assert [("error" in answer) for answer in answers] == [False, True, True, False]


def test_encodings_are_taken_as_declared(http: httpx.Client) -> None:
    record = json.dumps({"id": "é", "text": "La fibre à Thiès, dit le ministre."}, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf8", "latin-1"):
        charset = encoding.removesuffix("-sig")
        headers = {"content-type": f"application/json; charset={charset}"}
        one = http.post("/v1/annotate", content=record.encode(encoding), headers=headers)
        many = http.post("/v1/annotate/batch", content=f"[{record}]".encode(encoding), headers=headers)
        assert one.json()["id"] == many.json()[0]["id"] == "é"


def test_batch_as_ndjson(http: httpx.Client) -> None:
    lines = json.dumps(RECORD) + '\n{broken\n\n{"id": "d", "text": "Un drone au Mali."}\n'
    answer = http.post("/v1/annotate/batch", content=lines, headers={"content-type": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    first, bad, last = map(json.loads, answer.text.splitlines())
    assert first["id"] == "exemple-1"
    assert bad["error"]["type"].endswith("broken-json")
    assert last["id"] == "d"


@pytest.mark.parametrize(("content", "kind"), [('{"text": "x"}', "invalid-record"), ("[1", "broken-json")])
def test_batch_that_is_none(http: httpx.Client, content: str, kind: str) -> None:
    answer = http.post("/v1/annotate/batch", content=content, headers={"content-type": "application/json"})
    assert answer.json()["type"].endswith(kind)


def test_a_job_answers_as_a_batch_does(http: httpx.Client) -> None:
    lines = json.dumps(RECORD) + '\n{broken\n{"id": "d", "text": "Un drone au Mali."}\n'
    headers = {"content-type": "application/x-ndjson"}
    job = http.post("/v1/jobs", content=lines, headers=headers, params={"top": "3"}).json()
    assert wait_for(http, job["id"], "done")["errors"] == 1
    result = http.get(f"/v1/jobs/{job['id']}/result").text
    assert result == http.post("/v1/annotate/batch", content=lines, headers=headers, params={"top": "3"}).text


def test_an_article_sent_again_with_its_key(http: httpx.Client) -> None:
    headers = {"Idempotency-Key": "article-1"}
    first, again = (http.post("/v1/annotate", json=RECORD, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert http.post("/v1/annotate", json=RECORD, headers=headers, params={"top": "1"}).status_code == 422


def test_a_key_is_asked_for_behind_a_proxy(http: httpx.Client) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    open_to_all = {"/health", "/ready"}
    for path, operations in http.get("/openapi.json").json()["paths"].items():
        for method in operations:
            answer = http.request(method, path, headers=forwarded)
            assert (answer.status_code == 401) is (path not in open_to_all), (method, path)


def test_vocabulary_and_status(http: httpx.Client) -> None:
    assert len(http.get("/v1/keywords").json()) == 78
    assert http.get("/health").json() == {"status": "ok"}
    ready = http.get("/ready").json()
    assert ready["status"] == "ok"
    assert {name: model["keywords"].split()[0] for name, model in ready["models"].items()} == {
        "fast": "fast",
        "best": "best",
    }


def test_openapi_examples_work_as_they_stand(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    tried = 0
    for path, operations in document["paths"].items():
        for content_type, media in operations.get("post", {}).get("requestBody", {}).get("content", {}).items():
            example = media["example"]
            is_form = content_type == "application/x-www-form-urlencoded"
            content = example if isinstance(example, str) else urlencode(example) if is_form else json.dumps(example)
            address = path.format(project_id="osiris-fast")
            answer = http.post(address, content=content, headers={"content-type": content_type})
            assert answer.is_success, (path, content_type, answer.text)
            tried += 1
    assert tried == 11
    assert http.get("/docs").status_code == 200
