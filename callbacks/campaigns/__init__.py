"""What happens on the pages of campaigns."""
