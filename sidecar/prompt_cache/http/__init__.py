"""The HTTP face of the cache: routes, tokens, errors and the OpenAPI document. Holds no caching logic."""
