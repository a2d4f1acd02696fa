"""Ways to have texts embedded: a file per way."""
