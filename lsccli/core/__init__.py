"""Everything but the printing: stages over a store, and the models behind them."""
