"""What several rooms take for granted where nothing is said; every other default stands with the field it is of."""

STORE_TIMEOUT = 2.0
"""Seconds that any call to a store may take."""
STORE_PREFIX = "prompt-cache"
"""What names our keys and tables in an engine that others use too."""
