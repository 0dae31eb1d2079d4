"""What a language model is given to read, the same when it is taught and when it writes."""

from __future__ import annotations

from typing import Any

MAX_INPUT_TOKENS = 1024
_TASK = "Écris le chapô de cet article de presse, en une ou deux phrases, sans rien ajouter."


def source_text(title: str, text: str, *, is_encoder_decoder: bool, tokenizer: Any) -> str:  # noqa: ANN401
    """Give an article as a model reads it: an encoder-decoder the text alone, as summarisers are trained.

    A causal model gets a task: in a turn of chat where it has a template for that, else as a text to continue.
    """
    if is_encoder_decoder:
        return text
    article = f"{title}\n\n{text}" if title else text
    if getattr(tokenizer, "chat_template", None):
        turn = [{"role": "user", "content": f"{_TASK}\n\n{article}"}]
        return str(tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))
    return f"{article}\n\n{_TASK}\nChapô :"


def encode_source(title: str, text: str, *, is_encoder_decoder: bool, tokenizer: Any) -> list[int]:  # noqa: ANN401
    """Give the tokens of an article for a model; a long text is cut, never the task that follows it."""
    bare = len(
        tokenizer(source_text(title, "", is_encoder_decoder=is_encoder_decoder, tokenizer=tokenizer))["input_ids"]
    )
    room = max(MAX_INPUT_TOKENS - bare, 1)
    words = tokenizer(text, add_special_tokens=False, truncation=True, max_length=room)["input_ids"]
    shortened = tokenizer.decode(words, skip_special_tokens=True)
    prompt = source_text(title, shortened, is_encoder_decoder=is_encoder_decoder, tokenizer=tokenizer)
    special = is_encoder_decoder or not getattr(tokenizer, "chat_template", None)  # a template writes its own
    return list(tokenizer(prompt, add_special_tokens=special)["input_ids"])
