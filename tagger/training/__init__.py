"""Making and measuring models: corpus, cross-validation, scores; writes models/."""
