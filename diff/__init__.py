"""How the official plugins compare what is declared: for the preview, and for what stands in for them."""
