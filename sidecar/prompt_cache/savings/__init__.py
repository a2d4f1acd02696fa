"""What an answer cost, and so what serving it again saves."""
