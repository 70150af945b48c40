//! How much a file may hold.

/// How much of a file is read. A small file in gzip may hold gigabytes of nothing, so there is a
/// bound; for histories that are larger than the defaults, set your own:
///
/// ```
/// # use durably_history::ReadLimits;
/// let limits = ReadLimits::default().history_bytes(2 << 30);
/// ```
///
/// What is read takes more memory than it has bytes: about as much again in histories of servers, many
/// times as much in those that are made for it (two bytes are an empty payload, a few are a failure with a
/// cause). For that, a history may have one payload, link or other element of an array for each 64 of
/// `history_bytes`, and in binary one message within messages for each 16, before it is decoded. So memory
/// stays below 20 times `history_bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadLimits {
    /// The most bytes of one history, unzipped: 256 MiB. Servers end a workflow whose history has
    /// 50 MiB in binary.
    pub history_bytes: u64,
    /// The most events of one history: 1,000,000. Servers end a workflow after 51,200.
    pub history_events: usize,
    /// The most bytes of one file, unzipped: 16 GiB. Only a history at a time is in memory.
    pub input_bytes: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            history_bytes: 256 << 20,
            history_events: 1_000_000,
            input_bytes: 16 << 30,
        }
    }
}

impl ReadLimits {
    /// Sets the most bytes of one history, unzipped.
    #[must_use]
    pub fn history_bytes(mut self, bytes: u64) -> Self {
        self.history_bytes = bytes;
        self
    }

    /// Sets the most events of one history.
    #[must_use]
    pub fn history_events(mut self, events: usize) -> Self {
        self.history_events = events;
        self
    }

    /// Sets the most bytes of one file, unzipped.
    #[must_use]
    pub fn input_bytes(mut self, bytes: u64) -> Self {
        self.input_bytes = bytes;
        self
    }
}
