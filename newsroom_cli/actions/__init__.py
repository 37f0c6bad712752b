"""What people do: gather what a decision needs, ask the pure rooms, write files and commits."""
