//! Histories in JSON.
//!
//! ```text
//! window   a part of the text, as large as the event that is read
//! histories which objects and arrays are histories, and which are events
//! ```

mod histories;
mod window;

pub(crate) use histories::JsonHistories;
