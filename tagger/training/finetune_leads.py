"""Fine-tunes a language model to write leads, by low-rank adapters (LoRA: E. Hu et al., 2021), with peft.

Needs the extra `transformers`. A run that was broken off goes on from its last checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tagger.errors import MissingExtraError, ModelError
from tagger.leads.abstractive import LanguageModel, load_language_model
from tagger.leads.prompts import encode_source
from tagger.leads.ranker import LEAD
from tagger.text.typography import normalise
from tagger.training.lead_corpus import LeadExample

Progress = Callable[[str], None]
ADAPTER = "adapter"
MAX_BYTES = 20_000_000
_CHECKPOINTS = "checkpoints"
_MAX_LEAD_TOKENS = 160
_IGNORED = -100  # the label of a token that no loss is taken of


class FineTuning(BaseModel):
    """What can be set of the fine-tuning; `minutes` ends it early, at the last whole step, of `batch` articles."""

    epochs: float = 2.0
    rank: int = 8
    batch: int = 8
    learning_rate: float = 2e-4
    steps_between_checkpoints: int = 100
    minutes: float | None = None
    seed: int = 0


def fine_tune(
    base: str, examples: Sequence[LeadExample], models: Path, settings: FineTuning, progress: Progress
) -> Path:
    """Teach `base` to write the examples' leads; returns the folder of the adapter, under the folder of models.

    Raises:
        MissingExtraError: the extra `transformers` is not installed.
        ModelError: the model cannot be loaded, or the adapter is over 20 MB.
    """
    progress(f"loading {base}")
    loaded = load_language_model(base)
    try:
        import peft  # noqa: F401 - asked for before anything is done; `_with_adapter` uses it
        from transformers import Trainer
        from transformers.trainer_utils import get_last_checkpoint
    except ImportError:
        raise MissingExtraError("Fine-tuning needs an extra: pip install 'osiris-tagger[transformers]'.") from None
    collator = _collator(loaded)  # before the adapter hides what the model takes
    adapted = _with_adapter(loaded, base, settings.rank)
    folder = models / LEAD / ADAPTER
    checkpoints = folder / _CHECKPOINTS
    trainer = Trainer(
        model=adapted,
        args=_arguments(checkpoints, settings),
        train_dataset=[  # type: ignore[arg-type, unused-ignore]  # any sequence of rows will do
            _encode(example, loaded.tokenizer, loaded.is_encoder_decoder) for example in examples
        ],
        data_collator=collator,
        callbacks=[_watch(settings.minutes, progress)],
    )
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    adapted.save_pretrained(folder)
    size = sum(path.stat().st_size for path in folder.glob("adapter_model.*"))
    if size > MAX_BYTES:
        raise ModelError(f"The adapter in {folder} has {size} bytes, over {MAX_BYTES}. Choose a smaller --rank.")
    return folder


def _with_adapter(loaded: LanguageModel, base: str, rank: int) -> Any:  # noqa: ANN401 - a model of peft
    """Give the model that was loaded as `base` with an adapter, the one part of it that will learn."""
    from peft import LoraConfig, TaskType, get_peft_model

    loaded.model.name_or_path = base  # what the adapter is loaded with again: of a GGUF file it would be the folder
    loaded.model.is_quantized = False  # a GGUF file's weights have been unpacked, but transformers goes by the file
    task = TaskType.SEQ_2_SEQ_LM if loaded.is_encoder_decoder else TaskType.CAUSAL_LM
    adapter = LoraConfig(task_type=task, r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    return get_peft_model(loaded.model, adapter)


def _arguments(checkpoints: Path, settings: FineTuning) -> Any:  # noqa: ANN401 - TrainingArguments
    """Give the settings in the words of transformers."""
    from torch.cuda import is_available
    from transformers import TrainingArguments

    at_once = settings.batch if is_available() else 1  # eight together have taken 17 GB of a CPU's memory
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=settings.batch // at_once,
        learning_rate=settings.learning_rate,
        save_steps=settings.steps_between_checkpoints,
        save_total_limit=1,
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        seed=settings.seed,
    )


def _collator(loaded: LanguageModel) -> Any:  # noqa: ANN401 - a collator of transformers, or what stands for one
    """Give what puts encoded examples into a batch.

    A causal model reads the article with the lead, and would foretell every word of both out of a vocabulary of up to
    a quarter of a million: nearly all of the memory and most of the time. Where it can, it is asked for the lead's
    alone: all leads end together, at the right.
    """
    from transformers import DataCollatorForSeq2Seq

    loaded.tokenizer.padding_side = "right" if loaded.is_encoder_decoder else "left"
    pad = DataCollatorForSeq2Seq(loaded.tokenizer, label_pad_token_id=_IGNORED)
    if not {"logits_to_keep", "position_ids"} <= signature(loaded.model.forward).parameters.keys():
        return pad

    def collate(rows: list[dict[str, list[int]]]) -> Any:  # noqa: ANN401
        batch = pad(rows)
        kept = int((batch["labels"] != _IGNORED).sum(dim=1).max()) + 1  # a word is foretold by the one before it
        batch["labels"] = batch["labels"][:, -kept:]
        batch["logits_to_keep"] = kept
        batch["position_ids"] = (batch["attention_mask"].cumsum(dim=1) - 1).clamp(min=0)
        return batch

    return collate


def _encode(example: LeadExample, tokenizer: Any, is_encoder_decoder: bool) -> dict[str, list[int]]:  # noqa: ANN401
    """Give the tokens of an article and of its lead; a causal model reads both as one text."""
    title, text = normalise(example.title).text, normalise(example.text).text
    source = encode_source(title, text, is_encoder_decoder=is_encoder_decoder, tokenizer=tokenizer)
    if is_encoder_decoder:
        target = tokenizer(text_target=example.lead, truncation=True, max_length=_MAX_LEAD_TOKENS)["input_ids"]
        return {"input_ids": source, "attention_mask": [1] * len(source), "labels": target}
    lead = tokenizer(f" {example.lead}", add_special_tokens=False, truncation=True, max_length=_MAX_LEAD_TOKENS)
    target = [*lead["input_ids"], tokenizer.eos_token_id]
    whole = [*source, *target]
    return {
        "input_ids": whole,
        "attention_mask": [1] * len(whole),
        "labels": [*[_IGNORED] * len(source), *target],
    }


def _watch(minutes: float | None, progress: Progress) -> Any:  # noqa: ANN401 - a TrainerCallback
    """Make a callback that says where the training is, and ends it when its time is up."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, *_: object, **__: object) -> None:
            self.start = time.monotonic()

        def on_step_end(self, _args: Any, state: Any, control: Any, **__: object) -> Any:  # noqa: ANN401
            progress(f"step {state.global_step} of {state.max_steps}")
            if minutes is not None and time.monotonic() - self.start >= 60 * minutes:
                control.should_save = control.should_training_stop = True
            return control

    return Watch()
