"""What people are told of the algorithms, and the parameters that each takes."""
