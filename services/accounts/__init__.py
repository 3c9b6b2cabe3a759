"""What signing in rests on: hashes of passwords and limits on guessing."""
