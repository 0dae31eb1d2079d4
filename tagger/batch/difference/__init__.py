"""What re-tagging changes: two annotations of the same articles, or the editors' own filing and one, compared."""
