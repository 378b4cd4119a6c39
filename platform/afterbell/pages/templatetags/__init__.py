"""Template tags of every page: icons, figures, tables."""
