"""Look inside: the tab, and one module for each view."""
