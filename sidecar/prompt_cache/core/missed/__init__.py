"""What is asked and missed over weeks: why, what changes between look-alikes, and what would pay."""
