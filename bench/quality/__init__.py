"""How well the loader finds mistakes: kinds of mistakes, and the counting."""
