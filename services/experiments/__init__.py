"""What a training is made of: data and sides, plans, runs, and experiments that are alike."""
