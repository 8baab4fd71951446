"""Readers from elsewhere in miniature: real models of transformers with random weights, saved in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES: dict[str, int] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
}  # fmt: skip
_TEXTS = [
    "The mill at Oberwiesen burned down in 1907, and nobody knows why or who was there.",
    "Die Mühle am Bach brannte im März 1907 ab, und wie viele Gäste kamen, weiß niemand.",
    "Numbers such as 11,000 or 3.5 % and names like Łódź or Ærø appear in reports.",
]


def wordpiece(model_max_length: int = 512) -> Any:
    """A tokenizer as BERT has."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer: Any = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(_TEXTS, trainers.WordPieceTrainer(vocab_size=400, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
    )
    named = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special, strict=True))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=model_max_length,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **named,
    )


def sentencepiece(*, segments: bool, model_max_length: int = 512) -> Any:
    """A tokenizer of pieces with the space before them, as XLM-RoBERTa has, or with `segments` DeBERTa."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    first, last = ("[CLS]", "[SEP]") if segments else ("<s>", "</s>")
    pad, unknown, mask = ("[PAD]", "[UNK]", "[MASK]") if segments else ("<pad>", "<unk>", "<mask>")
    special = [pad, first, last, unknown] if segments else [first, pad, last, unknown]
    tokenizer: Any = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=[*special, mask], unk_token=unknown)
    tokenizer.train_from_iterator(_TEXTS, trainer)
    pair = f"{first} $A {last} $B:1 {last}:1" if segments else f"{first} $A {last} {last} $B {last}"
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{first} $A {last}", pair, [(token, special.index(token)) for token in (first, last)]
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"] if segments else ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=model_max_length,
        model_input_names=inputs,
        pad_token=pad,
        unk_token=unknown,
        cls_token=first,
        sep_token=last,
        mask_token=mask,
    )


def save_bert_spans(folder: Path) -> Path:
    """An extractive reader as bert-base-…-squad2."""
    from transformers import BertConfig, BertForQuestionAnswering

    config = BertConfig(vocab_size=400, max_position_embeddings=96, **SIZES)
    return _saved(folder, BertForQuestionAnswering, config, wordpiece())


def save_deberta_spans(folder: Path) -> Path:
    """An extractive reader as mdeberta-v3-base-squad2: positions relative to each other, in buckets."""
    from transformers import DebertaV2Config, DebertaV2ForQuestionAnswering

    config = DebertaV2Config(
        vocab_size=400, type_vocab_size=0, relative_attention=True, position_buckets=16, norm_rel_ebd="layer_norm",
        share_att_key=True, pos_att_type=["p2c", "c2p"], position_biased_input=False, max_position_embeddings=300,
        max_relative_positions=-1, **SIZES,
    )  # fmt: skip
    return _saved(folder, DebertaV2ForQuestionAnswering, config, sentencepiece(segments=True))


def save_xlm_roberta_pairs(folder: Path, *, labels: int = 1) -> Path:
    """A cross-encoder as bge-reranker-v2-m3: positions are counted from 2."""
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    config = XLMRobertaConfig(
        vocab_size=400, type_vocab_size=1, max_position_embeddings=302, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        num_labels=labels, **SIZES,
    )  # fmt: skip
    return _saved(folder, XLMRobertaForSequenceClassification, config, sentencepiece(segments=False))


def save_bert_pairs(folder: Path) -> Path:
    """A cross-encoder as sentence-transformers saves it."""
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(vocab_size=400, max_position_embeddings=96, num_labels=1, **SIZES)
    plain = _saved(folder.with_name(f"{folder.name}-plain"), BertForSequenceClassification, config, wordpiece(96))
    CrossEncoder(str(plain), device="cpu").save_pretrained(str(folder))
    return folder


def _saved(folder: Path, architecture: Any, config: Any, tokenizer: Any) -> Path:
    import torch

    torch.manual_seed(7)
    config.initializer_range = 0.4  # so that what is computed differs from text to text
    model = architecture(config).eval()
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder
