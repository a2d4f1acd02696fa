"""The words and phrases of a language: a file per language."""
