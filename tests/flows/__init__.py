"""What honest people do with git; none of it may ever be refused."""
