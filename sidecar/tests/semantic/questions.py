"""Questions as people ask them, for the tests that change something in them."""

from collections.abc import Sequence

ENGLISH: Sequence[str] = (
    "How do I reset my password?",
    "What is the capital of France?",
    "Can I return shoes after 30 days?",
    "Why was my card declined at the station?",
    "Where can I find the form for parental leave?",
    "Write a function in Python that sorts a list of names",
    "How much does a parking permit for visitors cost?",
    "Who approves travel expenses over 500 euros?",
    "Translate to French: Good morning, dear colleagues",
    "Is the museum open on Monday at 10:30?",
    "What is the difference between a debit card and a credit card?",
    "Do I have to tell my landlord before I move out?",
    "Explain how garbage collection works in Go.",
    "When does the shuttle bus leave on 5 March 2025?",
    "List all users who logged in before noon",
    "Which version of config_dev.yaml is used by v2.1?",
    "Does the warranty cover a broken screen?",
    "How long does it take to get a new badge?",
    "I want to cancel my subscription",
    "Should I wash rice before cooking it?",
)
