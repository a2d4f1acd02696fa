"""What every store must do, as a pytest class: subclass it, say where a fresh store is, and your engine is proved.

    class TestMine(SharedStoreConformance):
        @pytest.fixture
        def url(self, tmp_path):
            return f"mine://{tmp_path}"

`StoreConformance` is for stores that live in one process, `SharedStoreConformance` for those that other processes see.
An engine that is a `VectorStore` too adds `VectorConformance` or `SharedVectorConformance`:

    class TestMine(SharedStoreConformance, SharedVectorConformance):

An engine that `open_store` does not know overrides `open`. The clock is the real one; no wait is longer than 1.2 s.
"""

import pytest

_RECORDS = ("records", "lifetimes", "selecting", "weighing", "gaining")
_SEMANTIC = ("learning", "matching", "vectors")
_PARTS = ("harness", *_RECORDS, "versions", "leases", "counters", "caching", "ledger", "sharing", *_SEMANTIC)
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

from .caching import Caching  # noqa: E402 - asserts are rewritten only in what is imported after the line above
from .counters import Counters  # noqa: E402
from .gaining import Gaining  # noqa: E402
from .learning import Learning, LearningTogether  # noqa: E402
from .leases import Leases  # noqa: E402
from .ledger import Ledger  # noqa: E402
from .lifetimes import Lifetimes  # noqa: E402
from .matching import Matching, MatchingShared  # noqa: E402
from .records import Records  # noqa: E402
from .selecting import Selecting  # noqa: E402
from .sharing import Sharing  # noqa: E402
from .vectors import Vectors, VectorSharing  # noqa: E402
from .versions import Versions  # noqa: E402
from .weighing import Weighing  # noqa: E402

__all__ = ["SharedStoreConformance", "SharedVectorConformance", "StoreConformance", "VectorConformance"]


class RecordConformance(Records, Lifetimes, Selecting, Weighing, Gaining):
    """What holds for records."""


class StoreConformance(RecordConformance, Versions, Leases, Counters, Caching, Ledger, Learning):
    """All that holds for any store: its four parts, and the cache on them."""


class SharedStoreConformance(StoreConformance, Sharing, LearningTogether):
    """The same, and what holds between handles and processes on the same data."""


class VectorConformance(Vectors, Matching):
    """What holds for the vectors of any store that has them, and for the cache on them."""


class SharedVectorConformance(VectorConformance, VectorSharing, MatchingShared):
    """The same, and what holds between handles and processes on the same data."""
