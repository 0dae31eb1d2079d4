"""What the commands show to people: tables, panels and lines, one module a subject."""
