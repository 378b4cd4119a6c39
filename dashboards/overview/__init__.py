"""Where to look first: six figures, what is worst, what improved, new alerts, silent schools, all districts."""
