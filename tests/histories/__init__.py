"""Random histories of newsrooms: forged ones, on which both judges have to agree, and honest ones, which nobody accuses."""
