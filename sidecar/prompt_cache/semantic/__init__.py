"""Beyond identical: whether two questions ask the same. Knows texts alone: neither requests nor entries."""
