"""What families say: mean, share of 4 and 5 with its interval, response rate beside, and surveys that are too good."""
