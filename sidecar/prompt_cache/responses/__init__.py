"""What providers answer: text, finish reason, model and usage, in whichever shape."""
