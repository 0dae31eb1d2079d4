"""Which of the vocabulary's keywords an article deserves, how surely, and because of which words."""
