"""The editors' desk as a browser without JavaScript sees it: headers, forms, roles, and what a script may post."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tagger import Annotator
from tagger.article import Article, Entity, Evidence, Mention
from tagger.errors import SettingsError
from tagger.feedback import Articles, Decisions, users
from tagger.keywords.vocabulary import Keyword, Vocabulary, load_vocabulary, save_vocabulary
from tagger.resources import training_data_dir
from tagger.service.cors import add_cors
from tagger.service.desk.passages import paragraphs
from tagger.service.desk.wording import percent, shortened
from tagger.service.examples import HTML, TEXT, TITLE
from tagger.settings import Settings
from tagger.store.articles import ArticleRow
from tagger.store.database import Database
from tagger.store.tables import now
from tests.desks import PASSWORD, Visitor, make_desk, sqlite, stored

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = sqlite(tmp_path_factory.mktemp("desk"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(annotator: Annotator, base: Database) -> FastAPI:
    return make_desk(annotator, base, max_body_bytes=100_000, allowed_origins="https://www.osiris.sn")


@pytest.fixture
def editor(app: FastAPI) -> Visitor:
    return Visitor(app).log_in("Moussa Fall")


@pytest.fixture(scope="module")
def article_id(annotator: Annotator, base: Database) -> int:
    return stored(annotator, base, TEXT, TITLE, date="2025-07-02", source="APAnews").id


def test_every_page_forbids_foreign_and_inline_code(app: FastAPI, article_id: int) -> None:
    visitor = Visitor(app)
    pages = ["/desk/login", "/desk/nowhere"]
    own = [
        "/desk/annotate",
        "/desk/queue",
        "/desk/search",
        "/desk/account",
        "/desk/users",
        f"/desk/articles/{article_id}",
    ]
    for address in (*pages, *own):
        if address == own[0]:
            visitor.log_in("Awa Diop")
        answer = visitor.http.get(address)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|<style|\son\w+=", answer.text), address
        assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!osiris)[^"]*', answer.text)


def test_a_list_is_narrowed_down_by_what_there_is(editor: Visitor, base: Database, article_id: int) -> None:
    assert f"/desk/articles/{article_id}" in editor.http.get("/desk/search?origin=desk&review=").text
    for wrong in ("origin=nobody", "review=maybe", "year=12345"):
        assert editor.http.get(f"/desk/search?{wrong}").status_code == 422
    with base.session() as session:  # as earlier versions could store it
        session.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(origin="api"))
    assert Articles(base).get(article_id).record_id is None
    assert "<span>api</span>" in editor.http.get("/desk/search").text
    with base.session() as session:
        session.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(origin="desk"))


def test_nobody_enters_without_logging_in(app: FastAPI, article_id: int) -> None:
    visitor = Visitor(app)
    answer = visitor.http.get(f"/desk/articles/{article_id}?queue=1")
    assert answer.headers["location"] == f"/desk/login?next=/desk/articles/{article_id}%3Fqueue%3D1"
    asked = visitor.http.get("/desk/vocabulary", headers={"accept": "application/json"})
    assert (asked.status_code, asked.json()["type"].rpartition(":")[2]) == (401, "login-needed")
    assert visitor.http.get("/").headers["location"] == "/desk"


def test_logging_in_leads_to_where_one_wanted_to_go_and_nowhere_else(app: FastAPI) -> None:
    for wanted, reached in {
        "/desk/search?q=fibre": "/desk/search?q=fibre",
        "https://evil.example/desk": "/desk",
        "//evil.example/desk": "/desk",
        "/desk/../v1/keywords\\": "/desk",
        "/deskette": "/desk",
    }.items():
        answer = Visitor(app).post("/desk/login", name="Moussa Fall", password=PASSWORD, next=wanted)
        assert answer.headers["location"] == reached


def test_cookies_are_for_the_desk_alone(app: FastAPI) -> None:
    for scheme in ("http", "https"):
        visitor = Visitor(app, f"{scheme}://testserver")
        answer = visitor.post("/desk/login", name="Moussa Fall", password=PASSWORD)
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("tagger_session="))
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/desk"))
        assert ("Secure" in cookie) == (scheme == "https")


def test_a_wrong_password_is_said_and_braked(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = now()
    monkeypatch.setattr(users, "now", lambda: moment)  # a slow machine may need the first wait, a second, itself
    visitor = Visitor(app)
    answers = [visitor.post("/desk/login", name="Personne", password="x") for _ in range(7)]
    assert answers[0].status_code == 401
    assert "Le nom ou le mot de passe est inexact." in answers[0].text
    assert 'value="Personne"' in answers[0].text
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_logging_out_ends_the_session(app: FastAPI) -> None:
    visitor = Visitor(app).log_in("Moussa Fall")
    cookie = visitor.http.cookies["tagger_session"]
    assert visitor.post("/desk/logout").headers["location"] == "/desk/login"
    visitor.http.cookies.set("tagger_session", cookie, path="/desk")
    assert visitor.http.get("/desk/queue").status_code == 303


def test_forged_posts_are_refused(app: FastAPI, editor: Visitor, base: Database, article_id: int) -> None:
    other = Visitor(app).log_in("Awa Diop").token()
    before = Articles(base).get(article_id).revision
    body = {"revision": before, "decisions": [{"kind": "reviewed"}]}
    address = f"/desk/articles/{article_id}/decisions"
    for headers in ({}, {"x-csrf-token": ""}, {"x-csrf-token": other}, {"x-csrf-token": "é".encode()}):
        answer = editor.http.post(address, json=body, headers=headers)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "forged-request")
        assert "Rechargez la page" in answer.json()["detail"]
    for form in ({"text": TEXT}, {"text": TEXT, "csrf": other}):
        assert editor.http.post("/desk/annotate", data=form).status_code == 403
    plain = editor.http.post(address, content=json.dumps(body), headers={"content-type": "text/plain"})
    assert plain.status_code == 403
    assert Articles(base).get(article_id).revision == before
    assert editor.http.get("/desk/queue").status_code == 200


def test_administration_is_for_administrators(app: FastAPI, editor: Visitor, article_id: int) -> None:
    assert "Comptes" not in editor.http.get("/desk/queue").text
    assert editor.http.get("/desk/users").status_code == 403
    assert editor.post("/desk/users", name="Intrus", password=PASSWORD, role="administrator").status_code == 403
    assert editor.post("/desk/users/change", name="Awa Diop", action="erase").status_code == 403
    assert editor.post(f"/desk/articles/{article_id}/erase").status_code == 403
    assert editor.http.get(f"/desk/articles/{article_id}").status_code == 200


def test_an_administrator_manages_accounts(app: FastAPI) -> None:
    awa = Visitor(app).log_in("Awa Diop")
    for password in ("court", "x" * 1001):
        assert "de 12 à 1000 caractères" in awa.post("/desk/users", name="Fatou", password=password).text
    assert "est créé" in awa.post("/desk/users", name="Fatou", password=PASSWORD, role="editor").text
    assert "déjà pris" in awa.post("/desk/users", name="fatou", password=PASSWORD).text
    fatou = Visitor(app).log_in("Fatou")
    assert "ne peut plus" in awa.post("/desk/users/change", name="Fatou", action="disable").text
    assert fatou.http.get("/desk/queue").status_code == 303
    awa.post("/desk/users/change", name="Fatou", action="enable")
    awa.post("/desk/users/change", name="Fatou", action="administrator")
    awa.post("/desk/users/change", name="Fatou", action="password", password="un autre secret")
    assert Visitor(app).log_in("Fatou", "un autre secret").http.get("/desk/users").status_code == 200
    assert awa.post("/desk/users/change", name="Awa Diop", action="editor").status_code == 422
    assert "n’existe plus" in awa.post("/desk/users/change", name="Ndeye", action="password", password=PASSWORD).text
    assert "de 12 à" in awa.post("/desk/users/change", name="Fatou", action="password", password="x").text
    assert awa.post("/desk/users/change", name="Fatou", action="dance").status_code == 422
    awa.post("/desk/users/change", name="Fatou", action="erase")
    assert "Fatou" not in awa.http.get("/desk/users").text


def test_ones_own_password(app: FastAPI) -> None:
    awa = Visitor(app).log_in("Awa Diop")
    awa.post("/desk/users", name="Binta", password=PASSWORD)
    binta, elsewhere = Visitor(app).log_in("Binta"), Visitor(app).log_in("Binta")
    change = {"password": "un mot tout neuf", "repeated": "un mot tout neuf"}
    assert "inexact" in binta.post("/desk/account", current="faux", **change).text
    long = "x" * 1001
    assert "de 12 à" in binta.post("/desk/account", current=PASSWORD, password=long, repeated=long).text
    assert "diffèrent" in binta.post("/desk/account", current=PASSWORD, **(change | {"repeated": "x"})).text
    assert binta.post("/desk/account", current=PASSWORD, **change).status_code == 303
    assert "est changé" in binta.http.get("/desk/account?done=1").text
    assert elsewhere.http.get("/desk/queue").status_code == 303


def test_an_article_comes_as_text_as_a_page_or_as_a_file(editor: Visitor) -> None:
    record = json.dumps({"title": "Un titre", "text": f"{TEXT} Trois."}).encode()
    for files, fields in (
        (None, {"title": TITLE, "text": f"{TEXT} Un."}),
        (None, {"text": f"{TITLE}\r\n\r\n{TEXT} Deux."}),
        (None, {"html": HTML}),
        (None, {"text": HTML.replace("mille", "trois mille")}),
        (None, {"title": TITLE, "text": HTML.replace("mille", "quatre mille")}),
        ({"file": ("a.txt", f"{TITLE}\n\n{TEXT} Trois.".encode(), "text/plain")}, {}),
        ({"file": ("a.HTML", HTML.replace("mille", "deux mille").encode(), "text/html")}, {}),
        ({"file": ("a.json", record, "application/json")}, {}),
    ):
        answer = editor.post("/desk/annotate", files=files, **fields)
        assert answer.status_code == 303, answer.text
        page = editor.http.get(answer.headers["location"]).text
        assert "Intelligence artificielle" in page
        assert "Diamniadio" in page
        assert "\r" not in page


@pytest.mark.parametrize(
    ("files", "fields", "status", "told"),
    [
        (None, {"text": "   "}, 422, "Il n’y a pas de texte"),
        (None, {"text": "123 !"}, 422, "aucun mot"),
        (None, {"text": " https://www.osiris.sn/article12345.html"}, 422, "Ouvrez-la et collez-en le texte"),
        ({"file": ("a.png", b"\x89PNG\r\n", "image/png")}, {}, 415, "Ce format n’est pas lu"),
        ({"file": ("a.txt", b"%PDF-1.4", "text/plain")}, {}, 415, "Copiez-en le texte"),
        ({"file": ("a.json", b"{", "application/json")}, {}, 400, "JSON ne peut pas être lu"),
        ({"file": ("a.json", b'{"titre": "x"}', "application/json")}, {}, 422, "n’est pas un seul article"),
        (None, {"text": "mot " * 60_000}, 413, "trop gros"),
    ],
)
def test_what_cannot_be_annotated_is_said_in_french_and_kept(
    editor: Visitor, files: object, fields: dict[str, str], status: int, told: str
) -> None:
    answer = editor.post("/desk/annotate", files=files, **fields)
    assert answer.status_code == status
    assert told in answer.text
    if status == 422 and fields:
        assert fields["text"] in answer.text


def test_scripts_in_an_article_are_text(editor: Visitor, base: Database, annotator: Annotator) -> None:
    title, text = f"Orange {EVIL}", f"Le Sénégal et Orange {EVIL} à Dakar.\n\n{EVIL}"
    article = stored(annotator, base, text, title, url="javascript:alert(3)", source=EVIL, chapo=EVIL)
    for address in (f"/desk/articles/{article.id}", "/desk/queue", "/desk/search?q=Orange"):
        page = editor.http.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;" in page
        assert "javascript:" not in page
    named = {"kind": "entity-added", "name": EVIL, "type": "PER"}
    mention = {"field": "text", "start": 3, "end": 10, "text": text[3:10]}
    draft = {
        "revision": article.revision,
        "decisions": [named | {"mentions": [mention]}, {"kind": "lead-edited", "text": EVIL}],
    }
    saved = editor.send(f"/desk/articles/{article.id}/decisions", draft)
    assert saved.status_code == 200
    assert "<script>alert" not in saved.text
    assert "<script>alert" not in editor.send(f"/desk/articles/{article.id}/copy/html", {"revision": 2}).text


def test_decisions_are_saved_undone_and_told(editor: Visitor, annotator: Annotator, base: Database) -> None:
    article = stored(annotator, base, f"{TEXT} Pour l’histoire.", TITLE)
    address = f"/desk/articles/{article.id}"
    keyword = article.annotation.keywords[0]
    decisions = [
        {"kind": "keyword-accepted", "keyword_id": keyword.keyword_id},
        {"kind": "keyword-added", "keyword_id": "genre", "keyword": "Genre"},
        {"kind": "lead-edited", "text": "Un chapô."},
        {"kind": "entity-removed", "mention": {"field": "text", "start": 12, "end": 24}},
    ]
    draft = editor.send(f"{address}/draft", {"revision": article.revision, "decisions": decisions})
    assert 'data-state="added"' in draft.text
    assert Articles(base).get(article.id).revision == article.revision
    saved = editor.send(f"{address}/decisions", {"revision": article.revision, "decisions": decisions})
    assert 'data-lead="Un chapô."' in saved.text
    page = editor.http.get(address).text
    assert f"a accepté le mot-clé «\N{NO-BREAK SPACE}{keyword.keyword}\N{NO-BREAK SPACE}»" in page
    assert "a retiré l’entité «\N{NO-BREAK SPACE}Alioune Sall\N{NO-BREAK SPACE}»" in page
    assert "Moussa Fall" in page
    late = editor.send(f"{address}/decisions", {"revision": article.revision, "decisions": decisions})
    assert (late.status_code, late.json()["detail"][:28]) == (409, "Cet article a été modifié de")
    undone = editor.send(f"{address}/undo", {"revision": article.revision + 1})
    assert 'data-state="added"' not in undone.text
    assert "a annulé la version" in undone.text
    assert editor.send(f"{address}/undo", {"revision": article.revision + 2}).status_code == 422
    assert [len(edit.decisions) for edit in Decisions(base).history(article.id)] == [4, 0]


def test_a_draft_names_what_no_longer_fits(editor: Visitor, article_id: int, base: Database) -> None:
    decisions = [{"kind": "keyword-added", "keyword_id": "genre", "keyword": "Genre"}]
    decisions += [{"kind": "entity-removed", "mention": {"field": "text", "start": 0, "end": 1}}]
    revision = Articles(base).get(article_id).revision
    draft = editor.send(f"/desk/articles/{article_id}/draft", {"revision": revision, "decisions": decisions})
    assert 'data-refused="[1]"' in draft.text
    nonsense = editor.send(f"/desk/articles/{article_id}/draft", {"revision": revision, "decisions": [{"kind": "x"}]})
    assert nonsense.status_code == 422
    assert editor.send(f"/desk/articles/{article_id}/draft", {"decisions": 3}).status_code == 422


def test_copies(editor: Visitor, article_id: int, base: Database) -> None:
    revision = Articles(base).get(article_id).revision
    body = {"revision": revision, "decisions": [{"kind": "lead-edited", "text": "Mille étudiants & plus."}]}

    def copied(form: str) -> str:
        answer = editor.send(f"/desk/articles/{article_id}/copy/{form}", body)
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text

    assert copied("descriptif") == "Mille étudiants & plus."
    assert "Intelligence artificielle" in copied("mots").splitlines()
    assert "Personnes\N{NO-BREAK SPACE}: Alioune Sall" in copied("text")
    assert "Mille étudiants &amp; plus." in copied("html")
    assert json.loads(copied("json"))["lead"] == "Mille étudiants & plus."
    assert editor.send(f"/desk/articles/{article_id}/copy/pdf", body).status_code == 422


def test_the_queue_leads_from_one_article_to_the_next(editor: Visitor, annotator: Annotator, base: Database) -> None:
    for place in range(3):
        stored(annotator, base, f"Le Gabon ouvre {place + 2} centres de données à Libreville.", "", date="1999-05-01")
    queue = editor.http.get("/desk/queue?year=1999&keyword=").text
    first = re.search(r'href="/desk/articles/(\d+)\?([^"]*)"', queue)
    assert first is not None
    assert "3\N{NO-BREAK SPACE}articles correspondent" in queue
    place, seen = f"/desk/articles/{first[1]}?{first[2].replace('&amp;', '&')}", []
    while place.startswith("/desk/articles"):
        page = editor.http.get(place).text
        seen.append(place)
        following = re.search(r'data-next="([^"]+)"', page)
        assert following is not None
        place = editor.http.get(following[1].replace("&amp;", "&")).headers["location"]
    assert len(set(seen)) == 3
    assert place == "/desk/queue?year=1999&done=1"
    assert editor.http.get("/desk/queue?year=vieux").status_code == 422


def test_search_by_words_and_facets(editor: Visitor, annotator: Annotator, base: Database) -> None:
    stored(
        annotator,
        base,
        "Au Burundi, Onatel pose la fibre optique à Gitega.",
        "Onatel pose la fibre",
        date="2004-02-03",
    )
    page = editor.http.get("/desk/search?q=gitega").text
    assert "1\N{NO-BREAK SPACE}article pour" in page
    for facet in ("country=BI", "year=2004"):
        assert f"{facet}" in page
        assert "Onatel pose la fibre" in editor.http.get(f"/desk/search?{facet}").text
    assert "Aucun article" in editor.http.get("/desk/search?q=gitega&year=1997").text
    assert editor.http.get("/desk/search", params={"q": '"(-* OR', "start": 3}).status_code == 200


def test_known_names_and_vocabulary(editor: Visitor) -> None:
    names = editor.http.get("/desk/names?q=artp").json()
    assert any("ARTP" in name["id"].upper() or "régulation" in name["name"].lower() for name in names)
    assert editor.http.get("/desk/names?q=a").json() == []
    assert len(editor.http.get("/desk/vocabulary").json()) == 78


def test_an_edited_vocabulary_is_shown_at_once(annotator: Annotator, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(training_data_dir(), folder, ignore=shutil.ignore_patterns("corpus"))
    base = sqlite(tmp_path)
    editor = Visitor(make_desk(annotator, base, training_data_dir=folder)).log_in("Moussa Fall")
    vocabulary = load_vocabulary(folder)
    assert len(editor.http.get("/desk/vocabulary").json()) == len(vocabulary.active)
    added = Keyword(id="satellites", name="Satellites", group="Techniques", definition="Les satellites.")
    save_vocabulary(Vocabulary((*vocabulary.keywords, added)), folder)
    assert "Satellites" in [keyword["name"] for keyword in editor.http.get("/desk/vocabulary").json()]
    base.close()


def test_an_erased_article_is_gone(app: FastAPI, annotator: Annotator, base: Database) -> None:
    awa = Visitor(app).log_in("Awa Diop")
    article = stored(annotator, base, "Zanzibar reçoit un câble sous-marin.")
    assert awa.post(f"/desk/articles/{article.id}/erase").status_code == 303
    gone = awa.http.get(f"/desk/articles/{article.id}")
    assert gone.status_code == 404
    assert "effacé" in gone.text


def test_without_texts_kept(annotator: Annotator, tmp_path: Path) -> None:
    base = sqlite(tmp_path)
    editor = Visitor(make_desk(annotator, base, keep_texts=False)).log_in("Moussa Fall")
    place = editor.post("/desk/annotate", title=TITLE, text=TEXT).headers["location"]
    page = editor.http.get(place).text
    assert "n’est pas conservé" in page
    assert "Alioune Sall" in page
    base.close()


def test_static_files(editor: Visitor) -> None:
    for name, kind in (("desk.css", "text/css"), ("desk.js", "text/javascript"), ("charts.css", "text/css")):
        assert editor.http.get(f"/desk/static/{name}").headers["content-type"].startswith(kind)
    for name in ("nothing.js", "..%2fsecurity.py", "%2e%2e/security.py"):
        assert editor.http.get(f"/desk/static/{name}").status_code == 404
    policy = "cross-origin-resource-policy"
    assert editor.http.get("/desk/static/widget.js").headers[policy] == "cross-origin"
    assert editor.http.get("/desk/static/desk.js").headers[policy] == "same-origin"


def test_only_named_sites_may_ask_the_api_and_none_the_desk(app: FastAPI) -> None:
    asked = {"origin": "https://www.osiris.sn", "access-control-request-method": "POST"}
    http, allowed = Visitor(app).http, "access-control-allow-origin"
    assert http.options("/v1/annotate", headers=asked).headers[allowed] == "https://www.osiris.sn"
    assert allowed not in http.options("/v1/annotate", headers=asked | {"origin": "https://evil.example"}).headers
    assert allowed not in http.get("/desk/login", headers={"origin": "https://www.osiris.sn"}).headers
    with pytest.raises(SettingsError, match="no origin"):
        add_cors(FastAPI(), Settings(allowed_origins="*"))


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=6)


@given(st.text(st.sampled_from("ab é😀.\n\r"), max_size=60), spans, spans)
def test_pieces_put_together_are_the_text(
    text: str, named: list[tuple[int, int]], spoken: list[tuple[int, int]]
) -> None:
    def cut(start: int, length: int) -> dict[str, object]:
        return {"field": "text", "start": start, "end": start + length, "text": text[start : start + length]}

    entities = [
        Entity(name="x", type="ORG", salience=0, known=False, mentions=[Mention.model_validate(cut(*span))])
        for span in named
    ]
    evidence = [("k", Evidence.model_validate(cut(*span) | {"weight": 0.1})) for span in spoken]
    cuts = paragraphs(text, "text", entities, evidence)
    assert ["".join(piece.text for piece in pieces) for pieces in cuts] == re.findall(r"[^\r\n]+", text)
    for piece in (piece for pieces in cuts for piece in pieces):
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
        inside = [start <= piece.start and piece.start + len(piece.text) <= start + length for start, length in named]
        assert (piece.entity is not None) == any(inside)


def test_figures_in_words() -> None:
    shares = {0: "0", 0.001: "< 1", 0.934: "93", 0.9999: "99", 1: "100"}
    assert {share: percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in shares} == {
        share: f"{text} %" for share, text in shares.items()
    }
    assert shortened("un deux trois", 9) == "un deux…"
    assert shortened("x" * 20, 5) == "xxxx…"


def test_an_article_whose_keywords_alone_were_asked_for_is_shown(
    annotator: Annotator, base: Database, app: FastAPI
) -> None:
    found = annotator.annotate(Article(title=TITLE, text=TEXT), profile="fast")
    model = found.model.model_copy(update={"entities": None, "lead": None})
    bare = found.model_copy(update={"entities": [], "countries": [], "lead": None, "model": model})
    shown = Articles(base).add(bare, "retag", keep_text=True)
    page = Visitor(app).log_in("Awa Diop").http.get(f"/desk/articles/{shown.id}")
    assert page.status_code == 200
    assert found.model.keywords in page.text
