"""Semantic matching, measured with a real model."""
