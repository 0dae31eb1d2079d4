"""The editors' desk in a real Chromium, from logging in to finding an article again; and the widget in a CMS's form.

TAGGER_TEST_SCREENSHOTS names a folder for pictures of what was seen; without it they go into a temporary one.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import axe_playwright_python
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import delete

from tagger.article import Annotation
from tagger.feedback import Articles, Decisions, Users
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import training_data_dir
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.store.users import UserSessionRow
from tests.desks import PASSWORD
from tests.serving import SECONDS, served
from tests.test_learning import NEAR, run, suggestions

_FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()
_QUEUED = 12
expect.set_options(timeout=120_000)
EVIL = "<script>document.title = 'pwned'</script>"


class Desk:
    """A running service with its database."""

    def __init__(self, address: str, database: Database) -> None:
        self.address = address
        self.database = database
        self.articles = Articles(database)

    def annotated(self, *records: dict[str, Any]) -> list[int]:
        """Let articles come in as from the pipeline; give their ids."""
        answers = httpx.post(f"{self.address}/v1/annotate/batch", json=records, timeout=SECONDS).json()
        return [self.articles.add(Annotation.model_validate(answer), "desk", keep_text=True).id for answer in answers]


@pytest.fixture(scope="module")
def cms(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Another site, which serves a folder."""
    folder = tmp_path_factory.mktemp("cms")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, cms: tuple[str, Path]) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'tagger.db'}"
    settings = Settings(database_url=url, allowed_origins=cms[0])
    with served(settings) as client:
        database = Database.open(settings)
        users = Users(database)
        users.create("Awa Diop", PASSWORD, "administrator")
        users.create("Moussa Fall", PASSWORD)
        yield Desk(str(client.base_url), database)
    database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("TAGGER_TEST_CHROMIUM")
    if not chromium:
        pytest.skip("TAGGER_TEST_CHROMIUM is unset: no Chromium is at hand")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = os.environ.get("TAGGER_TEST_SCREENSHOTS")
    chosen = Path(folder) if folder else tmp_path_factory.mktemp("pictures")
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def _is_fault(said: str) -> bool:
    """Tell a page that breaks the policy from another site's frame, which the policy is there to keep out."""
    return "Content Security Policy" in said and not said.startswith("Framing")


@contextmanager
def visit(browser: Browser, desk: Desk, name: str | None = None, **options: Any) -> Iterator[Page]:  # noqa: ANN401
    """Give a page of a browser of one's own, logged in under a name; no page may fail on the way."""
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR", "base_url": desk.address} | options
    context = browser.new_context(**options)
    context.set_default_timeout(120_000)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said.text) else None)
    if name:
        log_in(page, name)
    yield page
    context.close()
    assert not faults


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/desk/login")
    page.get_by_label("Nom").fill(name)
    page.get_by_label("Mot de passe").fill(password)
    with page.expect_navigation():  # whoever goes elsewhere before the answer is not logged in
        page.get_by_role("button", name="Se connecter").click()


def opened(page: Page, address: str | None = None) -> None:
    """Wait until an article can be worked on."""
    if address:
        page.goto(address)
    page.wait_for_selector("main[data-ready]")


def brief(place: int) -> dict[str, Any]:
    """Give one of the corpus's briefs as a record; those of one keyword are far apart."""
    lines = (training_data_dir() / "corpus" / "osiris-briefs.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[place * 37])
    return {name: record[name] for name in ("title", "text", "date", "source") if record.get(name)}


@pytest.fixture(scope="module")
def queued(desk: Desk) -> list[int]:
    return desk.annotated(*(brief(place) for place in range(_QUEUED)))


def chip(page: Page, name: str) -> Any:  # noqa: ANN401 - a Locator
    return page.get_by_role("group", name=name, exact=True)


def test_three_corrections_in_the_browser_change_what_is_suggested(
    browser: Browser, desk: Desk, small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first test of this module: the models learn from all that the desk has stored."""
    *corrected, unseen = NEAR
    quick = tmp_path / "quick.json"
    quick.write_text('{"epochs": 3}', encoding="utf-8")
    arguments = ["--training-data", small_data, "--profile", "fast", "--parameters", quick]
    run("train", *arguments, "--output", tmp_path / "former")

    def suggested(models: str) -> list[str]:
        vocabulary = load_vocabulary(small_data)
        return [item.keyword for item in suggestions(tmp_path / models, vocabulary, *unseen) if item.suggested]

    assert suggested("former")[0] == "Mouvements sociaux"
    with visit(browser, desk, "Awa Diop") as page:
        for title, text in corrected:
            page.goto("/desk/annotate")
            page.get_by_label("Titre").fill(title)
            page.get_by_role("textbox", name="Texte", exact=True).fill(text)
            page.get_by_role("button", name="Annoter").click()
            opened(page)
            page.get_by_role("button", name="Refuser Mouvements sociaux").click()
            page.keyboard.press("/")
            page.get_by_role("combobox", name="Ajouter un autre mot-clé").fill("genre")
            page.keyboard.press("Enter")
            expect(page.get_by_role("button", name="Accepter Genre")).to_have_attribute("aria-pressed", "true")
            page.keyboard.press("Control+Enter")
            expect(page.get_by_text("Article validé.")).to_be_visible()
    monkeypatch.setenv("TAGGER_DATABASE_URL", str(desk.database.engine.url))
    run("train", "--with-feedback", *arguments, "--models", tmp_path / "former", "--output", tmp_path / "candidate")
    assert suggested("candidate")[0] == "Genre"


def test_the_whole_path_of_an_editor(  # noqa: PLR0915 - one path, in one go
    browser: Browser, desk: Desk, pictures: Path, examples: Path
) -> None:
    html = (examples / "page.html").read_text(encoding="utf-8")
    with visit(browser, desk, permissions=["clipboard-read", "clipboard-write"]) as page:
        log_in(page, "Moussa Fall", "un mot de passe faux")
        expect(page.get_by_role("alert")).to_have_text("Le nom ou le mot de passe est inexact.")
        page.screenshot(path=pictures / "connexion.png")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("À relire")

        # A page is pasted.
        page.keyboard.press("g")
        page.keyboard.press("a")
        page.get_by_role("tab", name="Page HTML").click()
        page.get_by_label("Code HTML de la page").fill(html)
        page.screenshot(path=pictures / "annoter.png")
        page.get_by_role("button", name="Annoter").click()
        opened(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Cybersécurité : la Côte d’Ivoire forme mille agents publics"
        )
        expect(page.locator("#reading")).not_to_contain_text("Newsletter")
        page.screenshot(path=pictures / "article.png")

        # Keywords: one accepted by mouse, one refused by key, one added by name; what speaks for one is lit.
        cyber, training = "Cybersécurité/Cybercriminalité", "Formation"
        chip(page, cyber).locator(".name").hover()
        expect(page.locator(".lit-evidence")).not_to_have_count(0)
        page.screenshot(path=pictures / "indices.png")
        page.get_by_role("button", name=f"Accepter {cyber}").click()
        chip(page, training).locator(".name").focus()
        page.keyboard.press("r")
        expect(page.get_by_role("button", name=f"Refuser {training}")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("/")
        page.keyboard.type("satellite")
        page.get_by_role("combobox").fill("logiciel lib")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Accepter Logiciel libre")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("combobox").fill("hadopi introuvable")
        expect(page.locator("#other-keywords li")).to_have_text("Aucun mot-clé de ce nom")
        page.keyboard.press("Escape")
        for asked, first in {"ia": "Intelligence artificielle", "cybercrim": "Cybersécurité"}.items():
            page.get_by_role("combobox").fill(asked)  # not what has the letters in a word
            expect(page.locator("#other-keywords li").first).to_contain_text(first)
        page.get_by_role("combobox").fill("genr")
        page.screenshot(path=pictures / "ajouter-mot-cle.png")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Accepter Genre")).to_have_attribute("aria-pressed", "true")

        # Entities: another kind, another name, two made one, one taken away, one added from a selection.
        entity(page, "Bénin").locator("summary").click()
        entity(page, "Bénin").get_by_role("button", name="Lieu").click()
        expect(entity(page, "Bénin")).to_have_attribute("data-type", "LOC")
        expect(entity(page, "Bénin").locator("details")).to_have_attribute("open", "")
        page.screenshot(path=pictures / "entite.png")
        page.locator("#reading mark", has_text="CEDEAO").first.click()
        name = entity(page, "Communauté économique").get_by_label("Nom", exact=False).first
        name.fill("CEDEAO")
        page.keyboard.press("Enter")
        expect(entity(page, "CEDEAO")).to_have_count(1)
        entity(page, "Togo").locator("summary").click()
        entity(page, "Togo").get_by_role("button", name=re.compile("Retirer")).click()
        expect(entity(page, "Togo")).to_have_count(0)
        select(page, "administration")
        page.screenshot(path=pictures / "selection.png")
        page.locator("#picker").get_by_role("button", name="Institution").click()
        expect(entity(page, "administration")).to_have_count(1)
        entity(page, "administration").locator("summary").click()
        entity(page, "administration").get_by_label("Est la même entité que").select_option(label="Abidjan (Lieu)")
        entity(page, "administration").get_by_role("button", name="Réunir").click()
        expect(entity(page, "administration")).to_have_count(0)
        expect(entity(page, "Abidjan")).to_contain_text("2×")
        page.keyboard.press("u")
        expect(entity(page, "administration")).to_have_count(1)

        # The lead, with its count.
        lead = page.get_by_label("Texte du chapô")
        lead.fill("x" * 281)
        expect(page.locator("#lead-count output")).to_have_text("281 / 280, 1 de trop")
        page.get_by_text("2 autres propositions").click()
        page.get_by_role("button", name="Prendre la proposition 1").click()
        other = lead.input_value()
        assert other
        lead.fill("Abidjan forme mille agents 😀 à la cybersécurité.")
        expect(page.locator("#lead-count output")).to_have_text("48 / 280")

        # Copied as it stands, then saved; a new visit finds all of it.
        assert "Genre" in copied(page, "SPIP : mots-clés").splitlines()
        assert copied(page, "SPIP : descriptif").startswith("Abidjan forme")
        assert json.loads(copied(page, "JSON"))["lead"].startswith("Abidjan forme")
        assert "<strong>Abidjan forme" in copied(page, "HTML")
        page.keyboard.press("Control+s")
        expect(page.get_by_text("Enregistré.")).to_be_visible()
        expect(page.locator("#state")).to_have_text("Aucun changement")
        opened(page, page.url)
        expect(page.get_by_role("button", name=f"Refuser {training}")).to_have_attribute("aria-pressed", "true")
        expect(lead).to_have_value("Abidjan forme mille agents 😀 à la cybersécurité.")
        page.get_by_text("Historique").click()
        expect(page.locator("#history")).to_contain_text("Moussa Fall")
        expect(page.locator("#history")).to_contain_text("a ajouté le mot-clé")
        page.locator("#history").scroll_into_view_if_needed()
        page.screenshot(path=pictures / "historique.png")

        # What was saved is taken back, and decided again.
        page.keyboard.press("u")
        expect(page.get_by_text("Le dernier enregistrement est annulé.")).to_be_visible()
        expect(page.get_by_role("button", name=f"Refuser {training}")).to_have_attribute("aria-pressed", "false")
        page.get_by_role("button", name=f"Accepter {cyber}").click()
        page.get_by_role("button", name=re.compile("^Valider")).click()
        expect(page.get_by_text("Article validé.")).to_be_visible()
        stored = desk.articles.get(int(page.url.rpartition("/")[2]))
        assert stored.review == "reviewed"
        assert stored.state.primary is not None
        assert stored.state.primary.keyword == cyber
        assert [len(edit.decisions) > 0 for edit in Decisions(desk.database).history(stored.id)] == [
            True,
            False,
            True,
        ]

        # Found again by its words and by a facet.
        page.keyboard.press("g")
        page.keyboard.press("s")
        page.get_by_role("searchbox").fill("rançongiciels stagiaires")
        page.keyboard.press("Enter")
        expect(page.locator(".item")).to_have_count(1)
        page.goto("/desk/search")
        page.locator(".facets").get_by_role("link", name=re.compile("^Côte d.Ivoire")).click()
        page.locator(".facets").get_by_role("link", name=re.compile("^2025")).click()
        expect(page.locator(".item").first).to_contain_text("la Côte d’Ivoire forme mille agents")
        page.screenshot(path=pictures / "recherche.png")


def entity(page: Page, name: str) -> Any:  # noqa: ANN401 - a Locator
    return page.locator(".entities > li").filter(has=page.locator("summary .name", has_text=name))


def select(page: Page, words: str) -> None:
    """Select words in the text by double click, as a mouse does."""
    place = page.evaluate(
        """(words) => {
            const walker = document.createTreeWalker(document.querySelector("#reading"), NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + words.length);
                node.parentElement.scrollIntoView({ block: "center" });
                const box = range.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2];
            }
        }""",
        words,
    )
    page.mouse.dblclick(*place)
    expect(page.locator("#picker")).to_be_visible()


def copied(page: Page, form: str) -> str:
    page.locator(".copy summary").click()
    page.get_by_role("button", name=form, exact=True).click()
    expect(page.get_by_text("Copié.")).to_be_visible()
    text: str = page.evaluate("navigator.clipboard.readText()")
    page.evaluate("document.getElementById('toast').textContent = ''")
    return text


def test_ten_articles_with_the_keyboard_alone(
    browser: Browser, desk: Desk, queued: list[int], pictures: Path
) -> None:
    with visit(browser, desk, "Awa Diop") as page:
        expect(page.locator(".item").first).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.screenshot(path=pictures / "raccourcis.png")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(page.locator(".item").nth(1)).to_be_focused()
        page.keyboard.press("k")
        page.screenshot(path=pictures / "a-relire.png")
        page.keyboard.press("Enter")
        done = []
        for place in range(10):
            opened(page)
            done.append(int(page.locator("main").get_attribute("data-article") or 0))
            page.keyboard.press("j")
            page.keyboard.press("a")
            page.keyboard.press("j")
            page.keyboard.press("r")
            if place == 0:
                page.keyboard.press("u")
                page.keyboard.press("n")  # left without validation, after all; the first is taken up again
                opened(page)
                expect(page.locator("main")).not_to_have_attribute("data-article", str(done[0]))
                page.go_back()
                opened(page)
                page.keyboard.press("k")
            if place % 2:  # slowly: what the service made of the decisions is shown; else at once
                page.wait_for_load_state("networkidle")
            before = page.url
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url, before=before: url != before)
        assert len(set(done)) == 10
        states = [desk.articles.get(article).state for article in done]
        assert all(state.is_reviewed for state in states)
        assert all(state.keywords[0].applies for state in states)
        assert sum(bool(state.rejected) for state in states) == 9


def test_the_second_of_two_editors_is_told(browser: Browser, desk: Desk, pictures: Path) -> None:
    (article,) = desk.annotated(brief(15))
    with visit(browser, desk, "Awa Diop") as first, visit(browser, desk, "Moussa Fall") as second:
        for page in (first, second):
            opened(page, f"/desk/articles/{article}")
        first.get_by_label("Texte du chapô").fill("Le chapô d’Awa.")
        first.keyboard.press("Control+s")
        expect(first.get_by_text("Enregistré.")).to_be_visible()
        second.get_by_label("Texte du chapô").fill("Le chapô de Moussa.")
        second.keyboard.press("Escape")
        second.keyboard.press("r")
        second.keyboard.press("s")
        told = second.get_by_role("dialog")
        expect(told).to_contain_text("Awa Diop a enregistré cet article pendant que vous y travailliez")
        second.screenshot(path=pictures / "conflit.png")
        assert desk.articles.get(article).state.lead == "Le chapô d’Awa."
        told.get_by_role("button", name="Recharger").click()
        expect(second.get_by_text("ont été repris")).to_be_visible()
        expect(second.get_by_label("Texte du chapô")).to_have_value("Le chapô de Moussa.")
        expect(second.locator("#history")).to_contain_text("Awa Diop")
        second.keyboard.press("s")
        expect(second.get_by_text("Enregistré.")).to_be_visible()
        state = desk.articles.get(article).state
        assert (state.lead, len(state.rejected)) == ("Le chapô de Moussa.", 1)


def test_what_was_pasted_outlives_the_session(browser: Browser, desk: Desk) -> None:
    with visit(browser, desk, "Moussa Fall") as page:
        page.goto("/desk/annotate")
        page.locator("#title").fill("La fibre à Thiès")
        page.locator("#text").fill("La Sonatel déploie la fibre optique à Thiès cette année, a dit son directeur.")
        with desk.database.session() as session:
            session.execute(delete(UserSessionRow))
        page.get_by_role("button", name="Annoter").click()
        page.get_by_label("Nom").fill("Moussa Fall")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        expect(page.locator("#text")).to_have_value(re.compile("déploie la fibre optique à Thiès"))
        page.get_by_role("button", name="Annoter").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("La fibre à Thiès")
        page.goto("/desk/annotate")
        expect(page.locator("#text")).to_have_value("")


def test_scripts_show_as_text_and_forged_posts_are_refused(browser: Browser, desk: Desk) -> None:
    (article,) = desk.annotated(
        {
            "title": f"Orange {EVIL}",
            "text": f"Orange recrute à Dakar {EVIL} 😀 et avance à Thiès.\n\nLe Sénégal {EVIL}.",
        }
    )
    with visit(browser, desk, "Moussa Fall") as page:
        opened(page, f"/desk/articles/{article}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Orange {EVIL}")
        expect(page.locator("#reading")).to_contain_text(EVIL)
        assert page.locator("main script").count() == 0
        assert "pwned" not in page.title().split("—")[-1]
        # Offsets count code points: what is selected after an emoji is taken for what it is.
        select(page, "avance")
        page.locator("#picker").get_by_role("button", name="Personne").click()
        expect(entity(page, "avance")).to_have_count(1)
        page.keyboard.press("s")
        expect(page.get_by_text("Enregistré.")).to_be_visible()
        answer = page.evaluate(
            """async (address) => (await fetch(address, {
                method: "POST", headers: { "content-type": "application/json", "x-csrf-token": "forged" },
                body: JSON.stringify({ revision: 2, decisions: [{ kind: "reviewed" }] }),
            })).status""",
            f"/desk/articles/{article}/decisions",
        )
        assert answer == 403
        assert not desk.articles.get(article).state.is_reviewed


def test_another_site_cannot_post_for_an_editor(browser: Browser, desk: Desk, cms: tuple[str, Path]) -> None:
    site, folder = cms
    (article,) = desk.annotated(brief(16))
    (folder / "forged.html").write_text(
        f"""<form method="post" action="{desk.address}/desk/articles/{article}/erase"></form>
        <iframe src="{desk.address}/desk/queue"></iframe><script>document.forms[0].submit()</script>""",
        encoding="utf-8",
    )
    with visit(browser, desk, "Awa Diop") as page:
        page.goto(f"{site}/forged.html")
        page.wait_for_url(f"{desk.address}/**")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce n’est pas possible")
    assert desk.articles.get(article).id == article


def test_the_widget_ticks_the_boxes_of_a_form(
    browser: Browser, desk: Desk, cms: tuple[str, Path], examples: Path, pictures: Path
) -> None:
    site, folder = cms
    form = (examples / "spip-form.html").read_text(encoding="utf-8")
    (folder / "spip-form.html").write_text(form.replace("http://127.0.0.1:8000", desk.address), encoding="utf-8")
    with visit(browser, desk) as page:
        page.goto(f"{site}/spip-form.html")
        box = page.get_by_role("checkbox", name="Intelligence artificielle")
        assert not box.is_checked()
        page.get_by_role("button", name="Proposer mots-clés et chapô").click()
        suggestion = page.get_by_role("button", name=re.compile("Intelligence artificielle"))
        suggestion.click()
        expect(box).to_be_checked()
        expect(suggestion).to_have_attribute("aria-pressed", "true")
        box.uncheck()
        expect(suggestion).to_have_attribute("aria-pressed", "false")
        page.get_by_role("button", name="Cocher tous les mots-clés proposés").click()
        expect(box).to_be_checked()
        page.get_by_role("button", name="Reprendre dans le formulaire").click()
        expect(page.get_by_label("Descriptif rapide")).not_to_have_value("")
        page.screenshot(path=pictures / "widget.png", full_page=True)
        page.get_by_label("Texte", exact=True).fill("")
        page.get_by_role("button", name="Proposer de nouveau").click()
        expect(page.get_by_text("Il n’y a pas encore de texte à lire.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible(
    browser: Browser, desk: Desk, queued: list[int], pictures: Path, width: int
) -> None:
    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    look: dict[str, Any] = {
        "viewport": {"width": width, "height": 844},
        "bypass_csp": True,
        "reduced_motion": "reduce",
    }
    kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    asked = {"light": {"runOnly": kinds}, "dark": {"runOnly": ["color-contrast"]}}  # all that a scheme changes
    findings = {}

    def check(page: Page, name: str) -> None:
        page.evaluate(axe)
        for scheme, options in asked.items():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
            # As tall as its contents: what is fixed to an edge of the window then covers nothing.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            for finding in page.evaluate("(options) => axe.run(options)", options)["violations"]:
                findings[f"{name}, {scheme}: {finding['id']}"] = [
                    (finding["impact"], node["target"], node["failureSummary"]) for node in finding["nodes"][:3]
                ]
            page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the window"

    steps: dict[str, Callable[[Page], object]] = {
        "annoter": lambda page: page.goto("/desk/annotate"),
        "a-relire": lambda page: page.goto("/desk/queue"),
        "recherche": lambda page: page.goto("/desk/search"),
        "sante": lambda page: page.goto("/desk/health"),
        "comptes": lambda page: page.goto("/desk/users"),
        "compte": lambda page: page.goto("/desk/account"),
        "erreur": lambda page: page.goto("/desk/nulle-part"),
        "article": lambda page: opened(page, f"/desk/articles/{queued[-1]}?queue=1"),
    }
    with visit(browser, desk, **look) as page:
        page.goto("/desk/login")
        check(page, "connexion")
        log_in(page, "Awa Diop")
        for name, go in steps.items():
            go(page)
            check(page, name)
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.keyboard.press("i")
        page.locator(".entities summary").first.click()
        page.get_by_text("Historique").click()
        page.get_by_text("Ajouter une entité").click()
        page.get_by_role("combobox").first.fill("t")
        check(page, "article-ouvert")
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        check(page, "raccourcis")
    assert not findings, json.dumps(findings, ensure_ascii=False, indent=1)


def test_pages_can_be_read_without_javascript(browser: Browser, desk: Desk, queued: list[int]) -> None:
    with visit(browser, desk, "Moussa Fall", java_script_enabled=False) as page:
        page.goto(f"/desk/articles/{queued[0]}")
        expect(page.locator("#reading mark").first).to_be_visible()
        expect(page.locator(".chip").first).to_be_visible()
        expect(page.get_by_text("se lit mais ne se corrige pas")).to_be_visible()
        assert not page.locator(".doing").is_visible()
        page.goto("/desk/annotate")
        page.get_by_role("textbox", name="Texte", exact=True).fill("Le Mali lance un satellite avec Sotelma.")
        page.get_by_role("button", name="Annoter").click()
        expect(page.locator("#reading")).to_contain_text("Sotelma")
        expect(page.locator(".why").first).to_be_visible()
