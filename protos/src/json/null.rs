//! `null`, which stands for the default in every field of protobuf-JSON.

use serde::de::{Deserialize, MapAccess};

/// Reads the value of a field without presence.
pub(crate) trait NextValueOrDefault<'de>: MapAccess<'de> {
    /// The next value, or its default for `null`.
    fn next_value_or_default<T: Deserialize<'de> + Default>(&mut self) -> Result<T, Self::Error> {
        Ok(self.next_value::<Option<T>>()?.unwrap_or_default())
    }
}

impl<'de, A: MapAccess<'de>> NextValueOrDefault<'de> for A {}
