"""Recorded exchanges in files that people read, commit and compare: one line of JSON each."""
