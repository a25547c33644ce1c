"""The errors a person can cause. Each message says what is wrong, the value we got, what to do.

RnnDemoError
  ConfigError        a setting out of range or at odds with another
  CorpusError        a text that cannot be used: binary, empty, unreadable
  TokenizerError     a vocabulary that cannot be learned, or does not fit the weights
  DeviceError        a device that is not there, or was lost
  TrainingError      a loss or gradient that is no longer finite
  RunError           a run that does not exist, is not yours, or cannot do this now
    DamagedError     files that are missing, cut short or changed since they were written
  LimitError         more than this server allows
  HubError           the Hub, or the way to it, said no

Anything else that is raised is our own mistake and may crash loudly.
"""

from __future__ import annotations

from typing import Any

from rnn_demo.messages.message import Message


class RnnDemoError(Exception):
    """A problem the user can fix: the message says what is wrong and what to do next.

    Raised with a key of the messages and its values, or with a Message that is there already.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        self.message = key if isinstance(key, Message) else Message(key, **values)
        super().__init__(self.message)


class ConfigError(RnnDemoError, ValueError):
    """A setting out of range, or at odds with another."""


class CorpusError(RnnDemoError, ValueError):
    """A text that cannot be used: binary, empty, unreadable."""


class TokenizerError(RnnDemoError, ValueError):
    """A vocabulary that cannot be learned from this text, or does not fit the weights."""


class DeviceError(RnnDemoError, RuntimeError):
    """A device that is not there, or was lost."""


class TrainingError(RnnDemoError, ArithmeticError):
    """A loss or gradient that is no longer finite."""


class RunError(RnnDemoError):
    """A run that does not exist, is not yours, or cannot do this now."""


class DamagedError(RunError):
    """Files that are missing, cut short, or changed since they were written."""


class LimitError(RnnDemoError):
    """More than this server allows."""


class HubError(RnnDemoError):
    """The Hugging Face Hub, or the way to it, said no."""


def require(condition: bool, key: str, /, **values: Any) -> None:
    """Raise ConfigError(key, ...) unless the condition holds."""
    if not condition:
        raise ConfigError(key, **values)
