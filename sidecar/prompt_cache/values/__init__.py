"""What settings and bodies are made of: durations, sizes, names, and checking data against types."""
