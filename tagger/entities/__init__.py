"""Who and what an article names: mentions found, typed, and merged into entities."""
