"""LangChain's models and agents on a cache server."""
