"""Beyond the same question: entries whose questions are worded differently, and whether they are served."""
