"""LangGraph: a cache for nodes."""
