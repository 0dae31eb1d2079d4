"""Whole archives: where articles come from, and where annotations go."""
