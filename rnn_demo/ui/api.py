"""The endpoints for scripts, a contract: /train /status /generate /evaluate /runs /stop.

They are called with gradio_client or, where the server was started with --mcp, as tools. Each
checks by itself what the caller may do. On a public server a run belongs to the secret that
it was started with; a run's id is enough to read it.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, LimitError
from rnn_demo.judging import evaluation
from rnn_demo.text import corpus
from rnn_demo.ui import writing
from rnn_demo.ui.context import Context, Visitor, mint_secret, owner_of, told_to_script

MOST_EVALUATED = 2_000_000  # characters


def string(name: str, value: object) -> str:
    """The value, if it is a text. Scripts may send anything, whatever the signature says."""
    if not isinstance(value, str):
        raise ConfigError("settings.type", name=name, kind="str", value=str(value)[:40])
    return value


class Api:
    """Thin functions with plain arguments: what gr.api shows is their signature."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.salt = mint_secret()

    def build(self) -> None:
        """Declare the endpoints, inside a gr.Blocks."""
        for function in (self.train, self.status, self.evaluate, self.runs, self.stop):
            gr.api(function, api_name=function.__name__, concurrency_limit=4)
        gr.api(self.generate, api_name="generate", concurrency_limit=4, concurrency_id="write")

    def who(self, secret: str) -> Visitor:
        return self.context.who({"secret": secret})

    def nobody(self) -> str:
        """Whose a run is that was started without a secret: whoever comes from the same address,
        until this server ends."""
        return owner_of(f"{self.salt} {self.context.address()}")

    @told_to_script
    def train(self, text: str, minutes: float = 1.0, cell: str = "lstm", secret: str = "") -> str:
        """Train a recurrent network on a text, in the background; returns the id of the run.

        Args:
            text: the text to learn from, at least 200 characters
            minutes: how long to train
            cell: rnn, lstm or gru
            secret: 16 characters or more of yours; on a public server they make the run yours
        """
        text = string("text", text)
        visitor = self.who(secret)
        owner = visitor.owner or self.nobody()
        self.context.rates.take(owner, "start")
        wanted = RunConfig(minutes=minutes, cell=cell)
        size = len(text.encode("utf-8", "replace"))
        if size > self.context.jobs.limits.upload_bytes:
            raise LimitError(
                "limit.bytes", size=size / 1e6, most=self.context.jobs.limits.upload_bytes / 1e6
            )
        found, address = corpus.read_text(text), self.context.address()
        return self.context.jobs.submit(found, wanted, owner, address=address)

    @told_to_script
    def status(self, run: str) -> dict[str, Any]:
        """Where a run stands: state, step, validation_bits_per_char, seconds_left and more.

        Args:
            run: the id that train returned
        """
        return dict(self.context.status(run).to_json())

    @told_to_script
    def generate(
        self,
        run: str,
        prompt: str = "",
        temperature: float = 0.8,
        length: int = 500,
        seed: int | None = None,
    ) -> str:
        """Let a run's best weights go on from a prompt; returns the text without the prompt.

        Args:
            run: the id of a run that has been validated once, or "bundled"
            prompt: what the text goes on from
            temperature: 0 is always the likeliest symbol, 1 as learned, above 1 more daring
            length: at most so many characters
            seed: the same seed gives the same text
        """
        prompt = string("prompt", prompt)
        self.context.rates.take(self.nobody(), "write")
        fields = {"temperature": temperature, "length": length, "seed": seed}
        config = writing.settings(fields, self.context.profile.public)
        return (
            self.context.writers.get(run).writer.write(prompt[-writing.MOST_PROMPT :], config).text
        )

    @told_to_script
    def evaluate(self, run: str, text: str) -> dict[str, float]:
        """How well a run's best weights predict a text: bits per character and per byte.

        Args:
            run: the id of a run that has been validated once, or "bundled"
            text: what is to be predicted, a text that it was not trained on
        """
        text = string("text", text)
        self.context.rates.take(self.nobody(), "read")
        if len(text) > MOST_EVALUATED:
            raise LimitError("limit.length", most=MOST_EVALUATED, wanted=len(text))
        folder = self.context.open_run(run)
        score = evaluation.score(folder.best_model(), folder.tokenizer(), text)
        return {
            "nats_per_char": score.nats_per_char,
            "bits_per_char": score.bits_per_char,
            "bits_per_byte": score.bits_per_byte,
            "characters": score.characters,
        }

    @told_to_script
    def runs(self, secret: str = "") -> list[dict[str, Any]]:
        """All runs that are yours, newest first, each as status describes it.

        Args:
            secret: the one that the runs were started with; on a public server
        """
        return [dict(status.to_json()) for status in self.context.jobs.list(self.who(secret).owner)]

    @told_to_script
    def stop(self, run: str, secret: str = "") -> dict[str, Any]:
        """Stop a run of yours and keep its best weights; returns its status.

        Args:
            run: the id that train returned
            secret: the one that the run was started with; on a public server
        """
        self.context.jobs.stop(run, self.who(secret).owner or self.nobody())
        return dict(self.context.status(run).to_json())
