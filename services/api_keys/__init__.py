"""What API keys are made of, what they allow, and how often they may be used."""
