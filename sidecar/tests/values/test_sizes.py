"""Sizes as people write them."""

import pytest

from prompt_cache.values.sizes import size


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (1024, 1024), ("10B", 10), ("1KB", 1024), ("1.5MB", 1572864), ("2GB", 2 * 1024**3)]
)
def test_size__of(value: int | str, expected: int) -> None:
    assert size(value) == expected
