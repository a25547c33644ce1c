"""From what a visitor gave to a text with its report: plain functions behind the Text tab."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnn_demo.config import parse_split
from rnn_demo.errors import LimitError
from rnn_demo.text import corpus, tokenizer
from rnn_demo.text.corpus import RARE, SMALLEST, Corpus
from rnn_demo.ui.texts import say

SIZES = (("tiny", 5_000), ("small", 50_000), ("medium", 500_000), ("large", 5_000_000))
PREVIEW_CHARACTERS = 360
LEARN_CHARACTERS = 300_000  # for the preview; training learns from the whole training part


def read_uploads(paths: Sequence[str], most_bytes: int, language: str) -> Corpus:
    """Read uploaded files as one text, and delete them."""
    try:
        total = sum(os.path.getsize(path) for path in paths)
        check_size(total, most_bytes)
        text = corpus.read_files(paths)
    finally:
        for path in paths:
            Path(path).unlink(missing_ok=True)
    if len(paths) == 1:
        return text
    first, count = corpus.file_name(paths[0]), len(paths)
    return titled(text, say(language, "text.several", first=first, more=count - 1, count=count))


def check_size(size: int, most: int) -> None:
    """Raise LimitError for a text of more bytes than this server takes."""
    if size > most:
        raise LimitError("limit.bytes", size=size / 1e6, most=most / 1e6)


def titled(text: Corpus, title: str) -> Corpus:
    """The text under another name."""
    return replace(text, report=replace(text.report, name=title))


def without_duplicate_lines(text: str) -> str:
    """Every line once, in the order of first appearance; blank lines stay."""
    seen: set[str] = set()
    kept = []
    for line in text.split("\n"):
        if not line.strip() or line not in seen:
            kept.append(line)
        seen.add(line)
    return "\n".join(kept)


def without_rare_symbols(text: str) -> str:
    """The text without characters that occur fewer than RARE times."""
    rare = {character for character, count in Counter(text).items() if count < RARE}
    return text.translate(dict.fromkeys(map(ord, rare)))


FIXES = {"duplicates": without_duplicate_lines, "rare": without_rare_symbols}


def fixed(text: Corpus, fix: str) -> Corpus:
    """The text after one of FIXES, with a new report."""
    better = corpus.read_text(FIXES[fix](text.text), text.report.name)
    return corpus.made_of(better, [text.report])


def findings(report: corpus.Report, kind: str, language: str) -> list[dict[str, str]]:
    """What the owner should know: [{"words", "fix", "button"}], the fix "" where there is none."""
    found: list[dict[str, str]] = []

    def add(name: str, fix: str = "", one: bool = False, **values: object) -> None:
        number = ".one" if one else ""
        button = say(language, f"text.fix.{fix}{number}") if fix else ""
        words = say(language, f"text.find.{name}{number}", **values)
        found.append({"words": words, "fix": fix, "button": button})

    if report.duplicate_line_share > 0.1:
        left = report.characters * (1 - report.duplicate_line_share)
        fix = "duplicates" if left >= SMALLEST else ""
        add("duplicates", fix, share=f"{100 * report.duplicate_line_share:.0f} %")
    if report.rare_symbols:
        one = report.rare_symbols == 1
        add("rare", "rare", one, count=f"{report.rare_symbols:,}", least=RARE)
    if report.symbols > 1000 and kind == "char":
        add("kinds", "kinds", count=f"{report.symbols:,}")
    if report.replaced:
        add("replaced", count=f"{report.replaced:,}")
    return found


def preview(text: str, kind: str) -> dict[str, Any]:
    """The first tokens of a text as [label, id], and what the vocabulary is like."""
    words = tokenizer.learn(kind, text[:LEARN_CHARACTERS])
    shown = text[:PREVIEW_CHARACTERS]
    ids = words.encode(shown).tolist()
    labels = words.symbols()
    return {
        "tokens": [[labels[i], i] for i in ids],
        "vocabulary": words.vocab_size,
        "per": len(shown) / max(1, len(ids)),
    }


def split_of(share: float) -> str:
    """A training share in per cent as RunConfig's "90/5/5": the rest in equal halves."""
    rest = (100 - share) / 2
    return f"{share:g}/{rest:g}/{rest:g}"


def report_card(text: Corpus | None, kind: str, share: float, language: str) -> dict[str, Any]:
    """All that the report widget draws."""
    if text is None:
        return {}
    report = text.report
    seen = preview(text.text, kind)
    key = "text.tokens.one" if seen["per"] == 1 else "text.tokens"
    key = "text.tokens.byte" if kind == "byte" else key
    shares = parse_split(split_of(share))
    return {
        "language": language,
        "name": report.name,
        "encoding": report.encoding,
        "characters": report.characters,
        "symbols": report.symbols,
        "lines": report.lines,
        "duplicates": report.duplicate_line_share,
        "verdict": report.verdict.say(language),
        "sizes": [[name, report.characters >= least] for name, least in SIZES],
        "findings": findings(report, kind, language),
        "tokens": seen["tokens"],
        "vocabulary": say(
            language,
            key,
            vocabulary=f"{seen['vocabulary']:,}",
            per=f"{seen['per']:.2g}",
        ),
        "shares": [round(part, 4) for part in shares],
    }
