"""What goes on around the cache: background work, and moving what is stored."""
