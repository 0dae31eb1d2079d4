"""The commands of `tagger`, one module a subject; each imports what it alone needs when it runs."""
