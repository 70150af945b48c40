"""What is recorded: one module per group of features, each with its workflow and its cases."""
