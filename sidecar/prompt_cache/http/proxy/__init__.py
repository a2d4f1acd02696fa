"""The providers' own APIs, answered from the cache where it can, and by the provider where it cannot."""
