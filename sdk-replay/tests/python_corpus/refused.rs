//! Workflows that do something else are refused.
