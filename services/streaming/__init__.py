"""How points travel from who sends them to who judges them, and what comes back."""
