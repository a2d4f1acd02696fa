"""`python -m prompt_cache.cli`: the same as `prompt-cache`."""

import sys

from .main import main

sys.exit(main())
