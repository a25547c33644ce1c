"""A short program that writes with a pushed model and needs nothing of this project.

It is put together for the one network at hand, so that a reader sees its cell and its tokenizer and
no other. A test runs it as it stands in the card and compares its text with the app's.
"""

from __future__ import annotations

import textwrap
from typing import Any

from rnn_demo.config import ModelConfig

CELLS = {
    "rnn": """
        h = torch.tanh(W @ x + b + U @ h + d)
    """,
    "lstm": """
        h, c = h  # what it says, and what it keeps to itself
        i, f, g, o = (W @ x + b + U @ h + d).chunk(4)  # input, forget, candidate, output
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    """,
    "gru": """
        (r, z, n), (hr, hz, hn) = (W @ x + b).chunk(3), (U @ h + d).chunk(3)
        r, z = (r + hr).sigmoid(), (z + hz).sigmoid()  # reset, update
        h = z * h + (1 - z) * (n + r * hn).tanh()
    """,
    "gru_before": """
        r, z, n = (W @ x + b).chunk(3)
        (Ur, Uz, Un), (dr, dz, dn) = U.chunk(3), d.chunk(3)
        r, z = (r + Ur @ h + dr).sigmoid(), (z + Uz @ h + dz).sigmoid()  # reset, update
        h = z * h + (1 - z) * (n + Un @ (r * h) + dn).tanh()
    """,
}

TOKENIZERS = {
    "char": """
        characters = json.loads(Path(folder, "tokenizer.json").read_text())["characters"]
        symbols = [character.encode() for character in characters]  # the text of each token
        encode = lambda text: [characters.index(character) for character in text]
    """,
    "byte": """
        symbols = [bytes([value]) for value in range(256)]  # a token is a byte of UTF-8
        encode = lambda text: list(text.encode())
    """,
    "subword": """
        pieces = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
        symbols = []  # the text of each token, as bytes; b"" for the few that are no text
        for number in range(len(pieces)):
            piece = pieces.id_to_piece(number)
            if pieces.is_byte(number):
                symbols.append(bytes([int(piece[3:5], 16)]))
            else:
                mute = pieces.is_unknown(number) or pieces.is_control(number)
                symbols.append(b"" if mute else piece.replace("▁", " ").encode())
        encode = pieces.encode
    """,
}

PROGRAM = """\
{imports}

folder = "{name}"  # hf download {repo_id} --local-dir {name}
w = load_file(f"{{folder}}/model.safetensors")
{tokenizer}


def read(token, state):
    \"\"\"One token in; out come the scores of all that may follow, and the new state.\"\"\"
    x, after = {embedding}, []
    for layer, h in enumerate(state):
        W, U, b, d = (w[f"layers.{{layer}}.{{part}}"] for part in
                      ("input_weight", "recurrent_weight", "input_bias", "recurrent_bias"))
{body}
    return {output} @ x + w["output.bias"], after


def write(prompt, seed=1, length={length}, temperature={temperature}, top_p={top_p}):
    random, text = torch.Generator().manual_seed(seed), ""
    utf8 = codecs.getincrementaldecoder("utf-8")("replace")
    state = [{zeros}] * {layers}
    for token in encode(prompt or "\\n"):
        scores, state = read(token, state)
    while len(text) < length:
        scores = scores.double() / temperature{mute}
        best = scores.argsort(descending=True, stable=True)
        p = scores.softmax(0)[best]
        scores[best[p.cumsum(0) - p >= top_p]] = -torch.inf  # drop the unlikely tail
        reached = scores.softmax(0).cumsum(0)
        draw = torch.rand((), dtype=torch.float64, generator=random) * reached[-1]
        token = int((reached <= draw).sum())
        text += utf8.decode(symbols[token])
        scores, state = read(token, state)
    return text[:length]


print(write({prompt}, seed={seed}))
"""
MUTE = "\n        scores[[not symbol for symbol in symbols]] = -torch.inf"


def snippet(record: dict[str, Any], repo_id: str, sample: dict[str, Any]) -> str:
    """The program for a bundle's config.json; it prints the text of `sample`."""
    config = ModelConfig.from_json(record["model"])
    kind = record["tokenizer"]["kind"]
    settings = sample["settings"]
    zeros = f"torch.zeros({config.hidden_size})"
    return PROGRAM.format(
        imports=_imports(kind),
        name=repo_id.split("/")[-1],
        repo_id=repo_id,
        tokenizer=textwrap.dedent(TOKENIZERS[kind]).strip(),
        embedding='w["embedding.weight"][token]'
        if config.embedding_size
        else f"torch.eye({config.vocab_size})[token]",
        body=_body(config),
        output='w["embedding.weight"]' if config.tie_weights else 'w["output.weight"]',
        zeros=f"({zeros}, {zeros})" if config.cell == "lstm" else zeros,
        layers=config.layers,
        mute=MUTE if kind == "subword" else "",
        prompt=repr(sample["prompt"]),
        seed=sample["seed"],
        **settings,
    )


def _imports(kind: str) -> str:
    """The modules that the program needs, and no more."""
    standard = ["import codecs"]
    if kind == "char":
        standard += ["import json", "from pathlib import Path"]
    others = ["import sentencepiece"] * (kind == "subword")
    others += ["import torch", "from safetensors.torch import load_file"]
    return "\n".join([*standard, "", *others])


def _body(config: ModelConfig) -> str:
    """What one layer does, indented as it stands in the loop over the layers."""
    lines = []
    if config.layer_norm and config.layers > 1:
        lines += [
            "if layer:",
            '    norm = (w[f"layers.{layer}.norm.{part}"] for part in ("weight", "bias"))',
            "    x = torch.nn.functional.layer_norm(x, x.shape, *norm)",
        ]
    if config.residual and config.layers > 1:
        lines.insert(0, "below = x if layer else 0  # a layer's input is added to its output")
    cell = "gru_before" if config.reset_before else config.cell
    lines += textwrap.dedent(CELLS[cell]).strip().splitlines()
    lines.append("after.append((h, c))" if config.cell == "lstm" else "after.append(h)")
    lines.append("x = h + below" if config.residual and config.layers > 1 else "x = h")
    return textwrap.indent("\n".join(lines), " " * 8)
