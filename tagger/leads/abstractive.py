"""Leads in a language model's own words: any Hugging Face encoder-decoder or causal model, by name or folder.

Needs the extra `transformers`. What it writes is never taken on trust: `tagger.leads.writing` holds it against the
article.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.errors import MissingExtraError, ModelError
from tagger.leads.prompts import encode_source
from tagger.leads.sentences import read_sentences

_ADAPTER = "adapter_config.json"
_NEW_TOKENS = 120
_BEAMS = 4


@dataclass(frozen=True)
class LanguageModel:
    """A model with its tokenizer, as transformers loads them."""

    model: Any
    tokenizer: Any
    is_encoder_decoder: bool


def load_language_model(name: str) -> LanguageModel:
    """Load a model by its name on the Hugging Face hub, its folder, a .gguf file, or the folder of a LoRA adapter.

    Raises:
        MissingExtraError: the extra `transformers` is not installed.
        ModelError: there is no such model, or it cannot be loaded.
    """
    try:
        from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
    except ImportError:
        raise MissingExtraError(
            "Leads by a language model need an extra: pip install 'osiris-tagger[transformers]'."
        ) from None
    adapter = Path(name) if (Path(name) / _ADAPTER).is_file() else None
    base = (
        json.loads((adapter / _ADAPTER).read_text(encoding="utf-8"))["base_model_name_or_path"] if adapter else name
    )
    place, options = _place(base)
    try:
        config = AutoConfig.from_pretrained(place, **options)
        kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        model = kind.from_pretrained(place, **options)
        if adapter:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            f"The language model {name} cannot be loaded: {error} "
            "Name a model of the hub, a folder, a .gguf file or the folder of an adapter."
        ) from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return LanguageModel(model, tokenizer, bool(config.is_encoder_decoder))


def _place(name: str) -> tuple[str, dict[str, str]]:
    """Give the folder of a model and, for a GGUF file in it, the option that names the file."""
    path = Path(name)
    return (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (name, {})


class AbstractiveWriter:
    """Writes leads with a language model, on a GPU where there is one."""

    def __init__(self, language_model: LanguageModel, name: str, time_limit: float) -> None:
        """Take a loaded model; `time_limit` is in seconds, for the articles that are written together."""
        import torch

        self._tokenizer = language_model.tokenizer
        self._is_encoder_decoder = language_model.is_encoder_decoder
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = language_model.model.to(self._device).eval()
        self._time_limit = time_limit
        self.version = f"abstractive {Path(name).name}"

    @classmethod
    def load(cls, name: str, time_limit: float) -> AbstractiveWriter:
        """Load a model by name or folder (see `load_language_model`)."""
        return cls(load_language_model(name), name, time_limit)

    def write(self, articles: Sequence[tuple[str, str]], max_chars: int, max_sentences: int) -> list[str | None]:
        """Write the leads of articles (title and text, normalised) together.

        None stands for a lead that was not ready in time, or had no sentence that fits.
        """
        import torch

        encoded = [
            encode_source(title, text, is_encoder_decoder=self._is_encoder_decoder, tokenizer=self._tokenizer)
            for title, text in articles
        ]
        # Causal models continue what they read, so that padding must stand before it.
        self._tokenizer.padding_side = "right" if self._is_encoder_decoder else "left"
        batch = self._tokenizer.pad({"input_ids": encoded}, return_tensors="pt").to(self._device)
        start = time.monotonic()
        with torch.inference_mode():
            output = self._model.generate(
                **batch,
                max_new_tokens=_NEW_TOKENS,
                num_beams=_BEAMS if self._is_encoder_decoder else 1,
                do_sample=False,
                no_repeat_ngram_size=3,
                max_time=self._time_limit,
                pad_token_id=self._tokenizer.pad_token_id,
            )
        if time.monotonic() - start >= self._time_limit:
            return [None] * len(articles)
        read = 0 if self._is_encoder_decoder else batch["input_ids"].shape[1]
        written = self._tokenizer.batch_decode(output[:, read:], skip_special_tokens=True)
        return [_complete(text, max_chars, max_sentences) for text in written]


def _complete(written: str, max_chars: int, max_sentences: int) -> str | None:
    """Give the first whole sentences of what a model wrote that fit, or None where not even one does."""
    kept = ""
    for sentence in read_sentences(" ".join(written.split()), [])[:max_sentences]:
        longer = f"{kept} {sentence.text}".strip()
        if len(longer) > max_chars or not sentence.is_usable:
            break
        kept = longer
    return kept or None
