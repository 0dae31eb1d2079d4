"""A short chapô that says the essential, and nothing that the article does not say."""
