"""The cache itself: look up, store, invalidate. Knows no HTTP and no engine."""
