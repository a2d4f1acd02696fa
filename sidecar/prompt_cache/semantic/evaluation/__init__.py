"""How often semantic matching is right, and how often wrong, on pairs of which that is known."""
