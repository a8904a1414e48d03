"""Claims 理赔: what a loss is worth by law, insurance and contract; who agrees to it, who is paid, who bears it (CASE6)."""
