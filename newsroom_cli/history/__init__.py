"""One update of a branch, judged by one engine: for a pull request, a push, a commit, and every step of an audit."""
