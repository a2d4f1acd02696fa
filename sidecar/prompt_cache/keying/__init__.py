"""What makes two requests the same: the typed request, its normal form and its key."""
