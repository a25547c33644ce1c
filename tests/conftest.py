"""The order of all tests: those of the browser last.

Playwright keeps an event loop running in the main thread; tests that need one of their own come
before it.
"""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "browser" in item.path.parts)
