"""Re-tagging of back issues, and what it would change."""
