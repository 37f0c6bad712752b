"""What people ask for: stories as rows, what is in the way, who they are here, what readers had."""
