"""Suites that ship with the package, so that what others write for it can be proved the same way as what is in it."""
