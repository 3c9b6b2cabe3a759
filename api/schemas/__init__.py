"""What requests and answers of the API hold, one file for each subject."""
