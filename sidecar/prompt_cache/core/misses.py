"""What was asked and not found, remembered for an hour, so that a store needs no more than the key and the ticket."""
