"""What somebody with push rights to branches might try; each test is one attempt, and is refused."""
