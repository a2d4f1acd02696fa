"""What every request meets first, on the event loop: who asks, how large and slow it may be, is it a hit."""
