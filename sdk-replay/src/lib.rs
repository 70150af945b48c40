//! Replays recorded workflow histories against today's code.
