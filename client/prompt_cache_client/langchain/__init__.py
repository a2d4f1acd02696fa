"""LangChain: an LLM cache, and a middleware for agents."""
