"""One file for each algorithm: ``fit``, ``load``, and the model that they give."""
