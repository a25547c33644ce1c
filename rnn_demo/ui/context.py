"""What every tab gets: the jobs, the profile, and the components that belong to the whole page."""

from __future__ import annotations

import functools
import hashlib
import html
import inspect
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr

from rnn_demo.errors import RnnDemoError, RunError

if TYPE_CHECKING:
    from rnn_demo.checkpoint import RunFolder
    from rnn_demo.jobs import Jobs
    from rnn_demo.ui.profile import Profile

LANGUAGES = ("en", "zh")
LOCAL_OWNER = "local"
BUNDLED = "bundled"  # the id of the run that comes with the project

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Visitor:
    """Who asks: `owner` is a hash, never the secret itself."""

    owner: str
    language: str = "en"


def mint_secret() -> str:
    """A fresh owner secret of 256 bits."""
    return secrets.token_urlsafe(32)


def owner_of(secret: object) -> str:
    """The owner that a secret stands for; nobody ("") for anything that is no secret."""
    if not isinstance(secret, str) or not 16 <= len(secret) <= 200:
        return ""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:32]


class Context:
    """Shared by all tabs. The components are made by build_app inside its gr.Blocks."""

    def __init__(self, jobs: Jobs, profile: Profile) -> None:
        self.jobs = jobs
        self.profile = profile
        # Storage key and secret are fixed: random ones would lose the value at every restart.
        # The secret only scrambles what lies in the browser; it protects nothing.
        self.visitor = gr.BrowserState(None, storage_key="rnn-demo-visitor", secret="rnn-demo")
        self.selected = gr.State("")
        self.corpus = gr.State(None, time_to_live=6 * 3600)  # corpus.Corpus | None
        self.tabs: gr.Tabs | None = None  # select one: return gr.Tabs(selected="train")

    def who(self, value: object) -> Visitor:
        """Check what a browser says about itself."""
        record = value if isinstance(value, dict) else {}
        language = record.get("language")
        language = language if language in LANGUAGES else "en"
        if not self.profile.public:
            return Visitor(LOCAL_OWNER, language)
        return Visitor(owner_of(record.get("secret")), language)

    def must_own_something(self, value: object) -> Visitor:
        """The same, refusing a browser that has no secret yet."""
        visitor = self.who(value)
        if not visitor.owner:
            raise RunError("This page has no identity yet. Reload it, then try again.")
        return visitor

    def open_run(self, run_id: object) -> RunFolder:
        """The run folder behind an id, or the bundled run. Raises RunError."""
        from_bundle = run_id == BUNDLED
        return open_bundled() if from_bundle else self.jobs.open(str(run_id))


def shown_to_user(handler: F) -> F:
    """Make our own errors a message in the page; bugs still crash loudly into the log."""

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except RnnDemoError as error:
            raise page_error(error) from None

    @functools.wraps(handler)
    def stream(*args: Any, **kwargs: Any) -> Any:
        try:
            yield from handler(*args, **kwargs)
        except RnnDemoError as error:
            raise page_error(error) from None

    return stream if inspect.isgeneratorfunction(handler) else call  # type: ignore[return-value]


def page_error(error: RnnDemoError) -> gr.Error:
    """Gradio renders HTML in errors, and messages may hold text from an upload: escape."""
    return gr.Error(html.escape(str(error)), title="", duration=12, print_exception=False)
